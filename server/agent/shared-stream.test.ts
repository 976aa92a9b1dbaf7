import { expect, test } from 'vitest';
import type { SocketFace } from '../../src/carrier/socket-face.ts';
import { encodePublish, type PublishAnswer } from '../../src/wire/publish.ts';
import { makeLog, silentSink } from '../src/log.ts';
import { ManualClock } from '../src/testing/manual-clock.ts';
import type { LiveFeed, LiveViewer } from './live-feed.ts';
import { SharedStream } from './shared-stream.ts';

const TAG = new Uint8Array(2_000_000);
const HEADER = new Uint8Array(13);

/** An origin's end of each connection, in the test's hand. */
class HandOrigin {
  readonly sockets: { readonly sent: (Uint8Array | string)[]; say(answer: PublishAnswer): void; cut(): void }[] = [];

  readonly open = (): SocketFace => {
    const listeners: Record<string, ((event: never) => void)[]> = {};
    const tell = (type: string, event: object): void => {
      for (const listener of listeners[type] ?? []) listener(event as never);
    };
    const sent: (Uint8Array | string)[] = [];
    this.sockets.push({
      sent,
      say(answer) {
        tell('open', {});
        tell('message', { data: encodePublish(answer) });
      },
      cut: () => tell('close', { code: 1006, reason: '' }),
    });
    return {
      binaryType: '',
      send: (data) => sent.push(data),
      close: () => undefined,
      addEventListener: (type: string, listener: (event: never) => void) => {
        listeners[type] = [...(listeners[type] ?? []), listener];
      },
    };
  };

  get last() {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('nobody has connected');
    return socket;
  }
}

const make = () => {
  const clock = new ManualClock();
  const origin = new HandOrigin();
  const viewers = new Set<LiveViewer>();
  let skips = 0;
  const feed = {
    join(viewer: LiveViewer) {
      viewers.add(viewer);
      viewer.tags(HEADER);
      return () => viewers.delete(viewer);
    },
    skip: () => {
      skips += 1;
    },
  } as unknown as LiveFeed;
  const shared = new SharedStream({
    clock,
    log: makeLog(silentSink(), false, () => 0),
    openSocket: origin.open,
    place: { push: 'ws://origin/publish/live/door', watch: 'http://origin/live/door.flv' },
    feed,
  });
  const show = (): void => {
    for (const viewer of viewers) viewer.tags(TAG);
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { clock, origin, shared, viewers, show, settle, skips: () => skips };
};

test('an origin that breaks off is tried again, later each time, and viewers keep their share', async () => {
  const { clock, origin, shared } = make();
  const joining = shared.join();
  origin.last.say({ kind: 'accepted' });
  const share = await joining;
  origin.last.cut();
  expect([shared.state, origin.sockets.length]).toEqual(['waiting', 1]);
  clock.advance(1_000);
  expect([shared.state, origin.sockets.length]).toEqual(['opening', 2]);
  origin.last.cut();
  clock.advance(1_999);
  expect(origin.sockets.length).toBe(2);
  clock.advance(1);
  expect(origin.sockets.length).toBe(3);
  origin.last.say({ kind: 'accepted' });
  expect([shared.state, shared.viewers]).toEqual(['pushing', 1]);
  share.leave();
  clock.advance(3_000);
  expect(shared.state).toBe('idle');
  expect(origin.last.sent.at(-1), 'the stream ends in good order').toBe(encodePublish({ kind: 'finish' }));
});

test('an origin that refuses is not tried again, and each viewer is told', async () => {
  const { clock, origin, shared } = make();
  const joining = shared.join();
  origin.last.say({ kind: 'accepted' });
  const share = await joining;
  origin.last.say({ kind: 'refused', code: 'publish/stopped' });
  expect(await share.over).toBe('publish/stopped');
  clock.advance(60_000);
  expect([shared.state, origin.sockets.length]).toEqual(['idle', 1]);
});

test('an origin that does not answer is not waited for for ever', async () => {
  const { clock, shared } = make();
  const joining = shared.join();
  clock.advance(8_000);
  await expect(joining).rejects.toMatchObject({ code: 'publish/unreachable' });
});

test('what an origin has not received is bounded, and one file header begins it all', async () => {
  const { origin, shared, show, settle, skips } = make();
  const joining = shared.join();
  origin.last.say({ kind: 'accepted' });
  await joining;
  await settle();
  for (let tag = 0; tag < 5; tag++) {
    show();
    await settle();
  }
  const bytes = () => origin.last.sent.reduce((sum, data) => sum + data.length, 0);
  expect(bytes()).toBe(13 + 2 * TAG.length);
  expect(skips()).toBe(3);
  origin.last.say({ kind: 'received', bytes: bytes() });
  show();
  await settle();
  expect(bytes()).toBe(13 + 3 * TAG.length);
});
