// A page that follows the FAQ: plugin, P2P player and manager together. Manager and player wait by a clock that the test
// moves; everything else is as real as it gets.

const { p2pModule, createP2PManager, createP2PPlayer } =
  /** @type {typeof import('../../src/p2p-player/index.ts') & { p2pModule: import('../../src/plugin/index.ts').P2PModule }} */ (
    /** @type {unknown} */ (globalThis.Shoal)
  );

/** @type {import('./faq-api.d.ts').FaqNote[]} */
const notes = [];

/** @param {string} what @param {unknown} [detail] */
const note = (what, detail = '') => {
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail);
  notes.push({ what, detail: text });
  console.info(`note ${what} ${text}`);
};

let nowMs = 0;
/** @type {Map<number, { atMs: number, act: () => void }>} */
const timers = new Map();
let lastTimer = 0;

/** @type {import('../../src/p2p-player/index.ts').PlayerClock} */
const clock = {
  now: () => nowMs,
  setTimeout(act, ms) {
    lastTimer += 1;
    timers.set(lastTimer, { atMs: nowMs + ms, act });
    return lastTimer;
  },
  clearTimeout: (timer) => void timers.delete(Number(timer)),
};

/** @param {number} ms */
const advance = (ms) => {
  nowMs += ms;
  for (const [timer, { atMs, act }] of [...timers].sort(([, one], [, other]) => one.atMs - other.atMs)) {
    if (atMs > nowMs || !timers.delete(timer)) continue;
    act();
  }
};

/** The calls of the plugin, each written down. */
const watched = new Proxy(p2pModule, {
  get(module, name) {
    const member = Reflect.get(module, name);
    if (typeof member !== 'function') return member;
    return (/** @type {unknown[]} */ ...given) => {
      note(`call ${String(name)}`);
      if (name !== 'startP2PService') return Reflect.apply(member, module, given);
      return held
        .then(() => Reflect.apply(member, module, given))
        .then((answer) => {
          note(`done ${name}`);
          return answer;
        });
    };
  },
});

/** Services start when this is let go. */
let held = Promise.resolve();
/** @type {() => void} */
let letGo = () => undefined;

/** @type {import('../../src/p2p-player/index.ts').P2PManager<{ url: string }>} */
const manager = createP2PManager({ p2pModule: /** @type {any} */ (watched), clock });

/** @type {Set<string>} */
const reached = new Set();
/** @param {'method' | 'code' | 'event'} kind @param {string | number} name */
const reachOnce = (kind, name) => {
  if (reached.has(`${kind} ${name}`)) return;
  reached.add(`${kind} ${name}`);
  globalThis.reach('player', kind, name);
};

/** @param {import('../../src/p2p-player/index.ts').P2PPlayer} player */
const listen = (player) => {
  for (const name of /** @type {const} */ ([
    'playerReady',
    'playerStartPull',
    'playerClose',
    'playerError',
    'writable',
  ])) {
    player.on(name, (detail) => {
      reachOnce('event', name);
      note(name, 'error' in detail ? detail.error : '');
    });
  }
  player.on('sound', ({ sound }) => {
    note('sound', sound);
  });
  player.on('statechange', ({ code, message }) => {
    reachOnce('event', 'statechange');
    reachOnce('code', code);
    if (code === 2001) reachOnce('method', 'addChunk');
    if (code === 2006) reachOnce('method', 'finishMedia');
    note(String(code), message);
  });
};

const videoOf = () => {
  const video = document.querySelector('video');
  if (video === null) throw new Error('the page has no video');
  return video;
};

globalThis.faq = {
  notes,
  manager,
  player: undefined,
  session: undefined,
  advance,
  timers: () => timers.size,
  holdServices() {
    held = new Promise((resolve) => {
      letGo = () => resolve(undefined);
    });
  },
  letServicesGo: () => letGo(),
  feedBytes,
  init: (initParams = {}) =>
    manager.init({
      appParams: { appid: 1, appOauthId: 'oauth', appKey: 'a-key', appSecretKey: 'a-secret', appPackage: 'a.package' },
      initParams,
    }),
  enter(url, { player: playerOptions = {}, ...options } = {}) {
    const player = createP2PPlayer({ dataTimeoutMs: 3000, ...playerOptions, video: videoOf(), clock });
    listen(player);
    this.player = player;
    note('autoplay', String(player.autoplay));
    this.session = manager.open({
      ...options,
      id: 'page',
      streamInfo: { url },
      player,
      prompt: (reason) => note('prompt', reason),
      ended: () => note('ended'),
    });
  },
  async leave() {
    await this.session?.leave();
    note('left');
  },
  feed(url, options = {}, chunkBytes = 16_384) {
    const player = createP2PPlayer({ dataTimeoutMs: 600_000, ...options, video: videoOf(), clock });
    listen(player);
    this.player = player;
    /** @type {AbortController | undefined} */
    let pull;
    player.on('playerStartPull', async () => {
      pull = new AbortController();
      const answer = await fetch(url, { signal: pull.signal });
      player.setHeaders(Object.fromEntries(answer.headers));
      const reader = answer.body?.getReader();
      for (;;) {
        const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done || value === undefined) break;
        for (let at = 0; at < value.length; at += chunkBytes) player.addChunk(value.slice(at, at + chunkBytes));
      }
      player.finishMedia();
    });
    player.on('playerClose', () => pull?.abort());
  },
};

/**
 * Feeds a player of its own with bytes that are there at once, as fast as it wants them.
 * @param {string} base64
 * @param {import('./faq-api.d.ts').FaqSession['player']} options
 * @param {'heed' | 'ignore'} answers what is done about the answers of addChunk
 */
function feedBytes(base64, options, answers) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const player = createP2PPlayer({ dataTimeoutMs: 600_000, ...options, video: videoOf(), clock });
  listen(player);
  globalThis.faq.player = player;
  let at = 0;
  let most = 0;
  const send = () => {
    while (at < bytes.length) {
      const more = player.addChunk(bytes.slice(at, at + 4096));
      at += 4096;
      most = Math.max(most, player.stats.queuedBytes);
      if (!more && answers === 'heed') return;
    }
    note('sent all', String(most));
    if (answers === 'heed') player.finishMedia();
  };
  player.on('playerStartPull', send);
  player.on('writable', send);
}

// A pull that was aborted is no accident.
addEventListener('unhandledrejection', (event) => {
  if (event.reason instanceof DOMException && event.reason.name === 'AbortError') event.preventDefault();
});
