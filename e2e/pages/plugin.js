// What a page of the plugin surface does: calls the module when told to, and writes down what it hears and gets.

/** @typedef {import('./plugin-api.d.ts').PluginSaid} PluginSaid */
/** @typedef {import('./flv-count.d.ts').FlvCount} FlvCount */

const { p2pModule } = /** @type {{ p2pModule: import('../../src/plugin/index.ts').P2PModule }} */ (
  /** @type {unknown} */ (globalThis.Shoal)
);

/** Of `updateServiceCallbacks`, whose answer is a code, and of `getUUID`. @param {unknown} answer */
const isRefusal = (answer) => answer === '' || (typeof answer === 'number' && answer < 0);

/** @type {Record<string, PluginSaid[]>} */
const said = {};
/** @type {{ event: string, detail: unknown }[]} */
const local = [];
/** @type {Record<string, FlvCount>} */
const bytes = {};

const appParams = { appid: 1, appOauthId: 'oauth', appKey: 'a-key', appSecretKey: 'a-secret', appPackage: 'a.package' };

/** @param {string} id */
const msgCallbackOf = (id) => {
  said[id] ??= [];
  return (/** @type {string} */ event, /** @type {string} */ subtype, /** @type {unknown} */ detail) => {
    globalThis.reach('plugin', 'event', event === 'notify' ? `${event}.${subtype}` : event);
    said[id]?.push({ kind: event === 'log' ? 'log' : 'notify', subtype, detail });
  };
};

/** @param {string} id */
const dataCallbackOf = (id) => {
  const count = globalThis.newFlvCount();
  bytes[id] = count;
  return (/** @type {ArrayBuffer} */ data) => {
    if (said[id]?.at(-1)?.kind !== 'data') said[id]?.push({ kind: 'data', subtype: '', detail: undefined });
    globalThis.countFlv(data, count);
  };
};

/**
 * @param {string} method
 * @param {readonly unknown[]} given
 * @returns {Promise<import('./plugin-api.d.ts').PluginAnswer>}
 */
async function call(method, ...given) {
  try {
    const answer = /** @type {any} */ (globalThis.plugin.module)[method](...given);
    try {
      const resolved = await answer;
      // An update answers with its code, everything else with 0 or nothing.
      if (typeof resolved === 'number') globalThis.reach('plugin', 'code', resolved);
      return { resolved };
    } catch (refused) {
      const { errcode, errmsg } = /** @type {{ errcode: number, errmsg: string }} */ (refused);
      if (typeof errcode !== 'number' || typeof errmsg !== 'string') return { threw: `rejected with ${refused}` };
      globalThis.reach('plugin', 'code', errcode);
      return { errcode, errmsg };
    }
  } catch (thrown) {
    return { threw: String(thrown) };
  }
}

/** What talks and downloads have said, and what the recorder has handed out. */
/** @type {{ events: string[], frames: ArrayBuffer[], progress: number[], goOn: () => void }} */
const heard = { events: [], frames: [], progress: [], goOn: () => undefined };
/** @type {() => void} */
let unlisten = () => undefined;
/** @param {string} name */
const note = (name) => (/** @type {any} */ detail) => {
  heard.events.push(detail?.status === undefined ? name : `${name} ${detail.status}`);
};

globalThis.plugin = {
  heard,
  talk: (id, { worklet, ...options } = {}, method = 'startVoiceService') => {
    const recorder = globalThis.Shoal.getRecorderManager(worklet === undefined ? {} : { worklet });
    unlisten();
    unlisten = recorder.onFrameRecorded(({ frameBuffer }) => heard.frames.push(frameBuffer));
    return call(method, id, recorder, options, {
      onStart: note('start'),
      onPause: (/** @type {{ inInterruption: boolean }} */ { inInterruption }) =>
        heard.events.push(`pause ${inInterruption}`),
      onResume: note('resume'),
      onStop: (/** @type {{ willRestart: boolean }} */ { willRestart }) => note(`stop ${willRestart}`)(undefined),
    });
  },
  talkData: (id) => call('startVoiceData', id, { urlParams: 'channel=0' }, { onStop: note('data stopped') }),
  download: async (id, urlParams, how = {}) => {
    const { Shoal } = globalThis;
    const handle = how.file === undefined ? undefined : await Shoal.opfsFile(how.file);
    const sink = handle === undefined ? undefined : await Shoal.fileSink(handle, { resume: true });
    let held = 0;
    return call('startLocalDownload', id, sink === undefined ? { urlParams } : { urlParams, sink }, {
      onHeadersReceived: note('headers'),
      onSuccess: note('success'),
      onFailure: note('failure'),
      onError: () => heard.events.push('error'),
      onComplete: () => heard.events.push('complete'),
      onProgress: (/** @type {{ received: number }} */ { received }) => heard.progress.push(received),
      // The bytes wait for this promise: so a test can break the download off where it wants to.
      onChunkReceived: (/** @type {ArrayBuffer} */ chunk) => {
        held += chunk.byteLength;
        if (how.holdAfter === undefined || held <= how.holdAfter) return undefined;
        return new Promise((resolve) => {
          heard.goOn = () => resolve(undefined);
        });
      },
    });
  },
  module: globalThis.watchCalls('plugin', p2pModule, isRefusal),
  said,
  local,
  bytes,
  call,
  init: (change = {}) =>
    call('init', {
      appParams,
      eventHandler: (/** @type {string} */ event, /** @type {unknown} */ detail) => {
        globalThis.reach('plugin', 'event', event);
        local.push({ event, detail });
      },
      ...change,
    }),
  start: (id, info, pulls = true) =>
    call('startP2PService', id, info, {
      msgCallback: msgCallbackOf(id),
      ...(pulls ? { dataCallback: dataCallbackOf(id) } : {}),
    }),
  pull: (id, params = {}, method = 'startP2PStream') =>
    call(method, id, { ...params, dataCallback: dataCallbackOf(id) }),
};
