/**
 * The picture: the camera's live one, one of its recordings, or the stream it shares when it has viewers enough.
 */
import { createPlayer, type Player } from 'shoal';
import type { Device, DeviceStream, Quality, Span } from 'shoal/device';
import { createP2PPlayer, type P2PPlayer } from 'shoal/p2p-player';

/** What is on the screen. */
export type Showing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'live'; readonly quality: Quality }
  | { readonly kind: 'shared' }
  | { readonly kind: 'playback'; readonly from: number };

/** What it tells. */
export interface ScreenEvents {
  showing(what: Showing): void;
  /** A sentence for the person in front of it; undefined when all is well. */
  trouble(sentence: string | undefined): void;
}

/** See above. */
export class Screen {
  readonly #video: HTMLVideoElement;
  readonly #device: Device;
  readonly #events: ScreenEvents;
  #stream: DeviceStream | undefined;
  #player: P2PPlayer | Player | undefined;
  /** Each wish to show something else makes those before it void. */
  #turn = 0;

  constructor(video: HTMLVideoElement, device: Device, events: ScreenEvents) {
    this.#video = video;
    this.#device = device;
    this.#events = events;
  }

  async live(quality: Quality): Promise<void> {
    await this.#show(async (turn) => {
      const live = await this.#device.live({ quality });
      if (turn !== this.#turn) return live.stop();
      this.#stream = live;
      if (live.sharedAt === undefined) {
        this.#feed(live, turn, 'live');
        this.#events.showing({ kind: 'live', quality });
      } else {
        this.#player = createPlayer({ url: live.sharedAt, video: this.#video });
        this.#events.showing({ kind: 'shared' });
      }
    });
  }

  async playback(span: Span): Promise<void> {
    await this.#show(async (turn) => {
      const stream = await this.#device.playback(span);
      if (turn !== this.#turn) return stream.stop();
      this.#stream = stream;
      this.#feed(stream, turn, 'playback');
      this.#events.showing({ kind: 'playback', from: span.from });
    });
  }

  async #show(begin: (turn: number) => Promise<void>): Promise<void> {
    const turn = ++this.#turn;
    this.#stream?.stop();
    this.#stream = undefined;
    this.#player?.destroy();
    this.#player = undefined;
    this.#events.trouble('Starting…');
    try {
      await begin(turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#events.showing({ kind: 'nothing' });
      this.#events.trouble(String((error as Error).message ?? error));
    }
  }

  #feed({ body }: DeviceStream, turn: number, scene: 'live' | 'playback'): void {
    const video = this.#video;
    const player = createP2PPlayer({ video, autoplay: true, muted: video.muted, scene });
    this.#player = player;
    player.on('statechange', ({ code, message }) => {
      if (code === 2004) this.#events.trouble(undefined);
      else if (code === 2007) this.#events.trouble('Waiting for data…');
      else if (code < 0) this.#events.trouble(message);
    });
    let wake: () => void = () => undefined;
    player.on('writable', () => wake());
    const pull = async (): Promise<void> => {
      const reader = body.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        if (turn !== this.#turn) return;
        if (player.addChunk(read.value)) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      player.finishMedia();
      this.#events.trouble(scene === 'playback' ? 'The recording has ended.' : 'The camera has ended its picture.');
    };
    player.on('playerStartPull', () => {
      pull().catch((error: Error) => turn === this.#turn && this.#events.trouble(error.message));
    });
  }
}
