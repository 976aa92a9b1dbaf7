/**
 * The addresses a stream leaves by, each to copy, and a player for those that a browser can play.
 */
import { createPlayer, type Player } from 'shoal';
import type { Push, PushUrl, Track } from 'shoal/publisher';
import { element } from '../panels.ts';

const TRACKS = { main: 'Camera', aux: 'Screen' } as const;
const NAMES = { flv: 'FLV', hls: 'HLS', rtmp: 'RTMP' } as const;

/** See above. */
export class OutputsPanel {
  readonly #pushes = new Map<string, { readonly push: Push; readonly track: Track }>();
  #player: { readonly player: Player; readonly url: string } | undefined;

  /** A live push of a track runs, under these addresses. */
  show(track: Track, push: Push): void {
    this.#pushes.set(push.channelId, { push, track });
    this.#draw();
  }

  /** It runs no longer. */
  remove(channelId: string): void {
    this.#pushes.delete(channelId);
    this.#draw();
  }

  clear(): void {
    this.#pushes.clear();
    this.#draw();
  }

  get channels(): readonly string[] {
    return [...this.#pushes.keys()];
  }

  #draw(): void {
    const pushes = [...this.#pushes.values()];
    const urls = pushes.flatMap(({ push }) => push.urls);
    if (this.#player !== undefined && !urls.some(({ url }) => url === this.#player?.url)) this.#stop();
    const items = pushes.flatMap(({ push, track }) => [
      heading(TRACKS[track]),
      ...push.urls.map((url) => this.#row(url)),
    ]);
    element('urls', HTMLUListElement).replaceChildren(...items);
    element('no-urls', HTMLElement).hidden = urls.length > 0;
  }

  #row({ encode, rateType, url }: PushUrl): HTMLLIElement {
    const row = document.createElement('li');
    row.className = 'address';
    const name = document.createElement('b');
    name.textContent = NAMES[encode];
    if (rateType !== 0) {
      const rate = document.createElement('span');
      rate.className = 'rate';
      rate.textContent = ` ${rateType}`;
      name.append(rate);
    }
    const address = document.createElement('code');
    address.textContent = url;
    address.title = url;
    const copy = button('Copy', async () => {
      await navigator.clipboard.writeText(url);
      copy.textContent = 'Copied';
      setTimeout(() => {
        copy.textContent = 'Copy';
      }, 1500);
    });
    row.append(name, address, copy);
    // No browser plays RTMP: that address is for OBS, VLC and ffplay.
    if (encode !== 'rtmp') row.append(button('Play', () => this.#play(encode, url)));
    return row;
  }

  #play(encode: 'flv' | 'hls', url: string): void {
    this.#stop();
    element('playing', HTMLElement).hidden = false;
    element('playing-name', HTMLElement).textContent = `${NAMES[encode]}, as a viewer sees it`;
    const state = element('playing-state', HTMLElement);
    const player = createPlayer({ url, video: element('player', HTMLVideoElement) });
    this.#player = { player, url };
    player.on('state', (event) => {
      state.textContent = event.state;
    });
    player.on('stats', ({ viewer, bufferAheadMs }) => {
      const behind = viewer?.latencyMs ?? bufferAheadMs;
      state.textContent = `${player.state}${behind === undefined ? '' : `, ${Math.round(behind)} ms behind`}`;
    });
    player.on('error', ({ message }) => {
      state.textContent = message;
    });
  }

  #stop(): void {
    this.#player?.player.destroy();
    this.#player = undefined;
    element('playing', HTMLElement).hidden = true;
  }
}

const heading = (text: string): HTMLLIElement => {
  const item = document.createElement('li');
  const name = document.createElement('h3');
  name.textContent = text;
  item.append(name);
  return item;
};

const button = (text: string, pressed: () => unknown): HTMLButtonElement => {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'button plain small';
  made.textContent = text;
  made.addEventListener('click', pressed);
  return made;
};
