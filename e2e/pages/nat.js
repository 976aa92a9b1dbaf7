// A page that plays one stream and writes down what its player says about NATs.

const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'));
/** @type {import('./nat-api.d.ts').NatPage['said']} */
const said = { changed: [], failed: [], errors: [] };
/** @type {import('../../src/index.ts').Player | undefined} */
let player;

globalThis.natPage = {
  video,
  said,
  play(options) {
    player = globalThis.Shoal.createPlayer({ ...options, video });
    player.on('natChanged', (event) => said.changed.push(event));
    player.on('natError', ({ error, report }) => said.failed.push({ code: error.code, report }));
    player.on('error', ({ code }) => said.errors.push(code));
  },
  async stats() {
    if (player === undefined) throw new Error('nothing plays');
    return player.stats();
  },
};
