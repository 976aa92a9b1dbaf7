import { expect, it } from 'vitest';
import { FlvTail } from './flv-tail.ts';
import type { PageAnswer, ReaderSaid } from './pipe-messages.ts';
import { Reader, WAITING_BYTES_MAX } from './reader.ts';
import { header, row, seen, tag } from './testing/little-flv.ts';

class FakePort {
  onmessage: ((event: MessageEvent<ReaderSaid>) => void) | null = null;
  readonly said: PageAnswer[] = [];
  state: 'open' | 'closed' = 'open';

  postMessage(answer: PageAnswer): void {
    this.said.push(answer);
  }

  close(): void {
    this.state = 'closed';
  }

  hear(said: ReaderSaid): void {
    this.onmessage?.({ data: said } as MessageEvent<ReaderSaid>);
  }

  pull(): readonly string[] {
    const from = this.said.length;
    this.hear({ kind: 'pull' });
    return seen(...this.#bytes(from));
  }

  #bytes(from: number): Uint8Array[] {
    return this.said.slice(from).flatMap((answer) => (answer.kind === 'bytes' ? [new Uint8Array(answer.bytes)] : []));
  }
}

const prelude = [header(), tag('video-config', 0)];

const makeReader = () => {
  const readers: Reader[] = [];
  const tail = new FlvTail((chunk) => {
    for (const reader of readers) reader.push(chunk);
  });
  const port = new FakePort();
  const gone: Reader[] = [];
  const reader = new Reader({ port, instance: 'one', tail, closed: (closed) => gone.push(closed) });
  readers.push(reader);
  return { tail, port, reader, gone };
};

it('answers at once, and sends nothing before it is pulled and there is a key picture', () => {
  const { port, tail } = makeReader();
  expect(port.said).toEqual([{ kind: 'stream', type: 'video/x-flv' }]);
  expect(port.pull()).toEqual([]);
  tail.push(row(...prelude));
  expect(port.said).toHaveLength(1);
  tail.push(row(tag('key', 0)));
  expect(port.said).toHaveLength(2);
  tail.push(row(tag('picture', 40)));
  tail.push(row(tag('picture', 80)));
  expect(port.said).toHaveLength(2);
  expect(port.pull()).toEqual(['picture 40', 'picture 80']);
});

it('goes on at a newer key picture when it fell behind, and never holds more than it may', () => {
  const { port, reader, tail } = makeReader();
  tail.push(row(...prelude, tag('key', 0)));
  expect(port.pull()).toEqual(['header', 'video-config 0', 'key 0']);
  const large = WAITING_BYTES_MAX / 8;
  for (let at = 1; at <= 20; at++) {
    tail.push(row(tag('picture', at * 40, large)));
    expect(reader.waitingBytes).toBeLessThanOrEqual(WAITING_BYTES_MAX);
  }
  expect(reader.skips).toBe(1);
  // What it has of this group of pictures would come twice.
  expect(port.pull()).toEqual([]);
  tail.push(row(tag('key', 1000), tag('picture', 1040)));
  expect(seen(new Uint8Array((port.said.at(-1) as { bytes: ArrayBuffer }).bytes))).toEqual([
    'video-config 1040',
    'key 1000',
    'picture 1040',
  ]);
});

it('delivers a group of pictures that is larger than what may wait', () => {
  const { port, reader, tail } = makeReader();
  const large = WAITING_BYTES_MAX / 2;
  tail.push(row(...prelude, tag('key', 0)));
  for (let at = 1; at <= 6; at++) tail.push(row(tag('picture', at * 40, large)));
  const got = [...port.pull()];
  // The stream goes on while most of what the newcomer needs first still waits.
  tail.push(row(tag('picture', 280)));
  for (let pull = 0; pull < 8; pull++) got.push(...port.pull());
  expect(got.filter((one) => one.startsWith('picture'))).toHaveLength(7);
  expect(reader.skips).toBe(0);
});

it('delivers what waits before it ends, and lets go of the port', () => {
  const { gone, port, reader, tail } = makeReader();
  tail.push(row(...prelude, tag('key', 0)));
  port.pull();
  tail.push(row(tag('picture', 40)));
  reader.end();
  expect(port.said.slice(-2).map(({ kind }) => kind)).toEqual(['bytes', 'end']);
  expect(port.state).toBe('closed');
  expect(gone).toEqual([reader]);
});

it('is told when nobody reads any more', () => {
  const { gone, port, reader } = makeReader();
  port.hear({ kind: 'cancel' });
  expect(gone).toEqual([reader]);
  reader.drop();
  expect(gone).toHaveLength(1);
});
