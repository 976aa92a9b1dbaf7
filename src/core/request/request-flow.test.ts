import { describe, expect, test } from 'vitest';
import { REQUEST_BODY_MAX, REQUEST_SHORT_BODY, REQUEST_WINDOW_BYTES } from '../../wire/limits.ts';
import { encodeRequestFrame } from '../../wire/request.ts';
import { RequestFlow, type RequestSide } from './request-flow.ts';

/** One side with everything it reported. */
class Side {
  readonly flow: RequestFlow;
  readonly said: string[] = [];
  other: Side | undefined;
  bodyBytes = 0;
  /** Whether bytes count as used at once. */
  uses = true;

  constructor(side: RequestSide) {
    this.flow = new RequestFlow(side, {
      send: (message) => this.other?.flow.handle(message),
      asked: ({ target }) => this.said.push(`asked ${target}`),
      answered: ({ status }) => this.said.push(`answered ${status}`),
      body: (bytes) => {
        this.bodyBytes += bytes.length;
        if (this.uses) this.flow.taken(bytes.length);
      },
      ended: () => this.said.push('ended'),
      writable: () => this.said.push('writable'),
      failed: (code) => this.said.push(code),
    });
  }
}

const pair = (): { readonly asker: Side; readonly answerer: Side } => {
  const asker = new Side('asks');
  const answerer = new Side('answers');
  asker.other = answerer;
  answerer.other = asker;
  return { asker, answerer };
};

const begun = (): ReturnType<typeof pair> => {
  const both = pair();
  both.asker.flow.ask({ target: 'ipc.flv?action=live' });
  both.answerer.flow.answer({ status: 200, headers: {} });
  return both;
};

describe('a request', () => {
  test('is asked, answered, flows both ways and ends on both sides', () => {
    const { asker, answerer } = begun();
    expect(asker.flow.write(new Uint8Array(40_000))).toBe(40_000);
    expect(answerer.flow.write(new Uint8Array(50_000))).toBe(50_000);
    asker.flow.end();
    expect(asker.flow.isOver).toBe(false);
    answerer.flow.end();
    expect(answerer.said).toEqual(['asked ipc.flv?action=live', 'ended']);
    expect(asker.said).toEqual(['answered 200', 'ended']);
    expect([asker.bodyBytes, answerer.bodyBytes]).toEqual([50_000, 40_000]);
    expect([asker.flow.isOver, answerer.flow.isOver]).toEqual([true, true]);
  });

  test('is held up by a side that does not use what it gets, and goes on when it does', () => {
    const { asker, answerer } = begun();
    asker.uses = false;
    const all = new Uint8Array(3 * REQUEST_WINDOW_BYTES);
    expect(answerer.flow.write(all)).toBe(REQUEST_WINDOW_BYTES);
    expect(answerer.flow.write(all)).toBe(0);
    asker.flow.taken(REQUEST_WINDOW_BYTES / 2);
    expect(answerer.said.at(-1)).toBe('writable');
    expect(answerer.flow.write(all)).toBe(REQUEST_WINDOW_BYTES / 2);
    expect(asker.bodyBytes).toBe(1.5 * REQUEST_WINDOW_BYTES);
  });

  test('goes on for ever with bounded room when everything is used', () => {
    const { asker, answerer } = begun();
    for (let round = 0; round < 100; round++) {
      expect(answerer.flow.write(new Uint8Array(REQUEST_WINDOW_BYTES / 2))).toBe(REQUEST_WINDOW_BYTES / 2);
    }
    expect(asker.bodyBytes).toBe(50 * REQUEST_WINDOW_BYTES);
  });

  test.each([
    ['short', REQUEST_SHORT_BODY, REQUEST_WINDOW_BYTES / 32],
    ['long', REQUEST_BODY_MAX, REQUEST_WINDOW_BYTES / 4],
  ])('is told what has been used of %s messages, in steps that fit them', (_, messageMax, step) => {
    const { asker, answerer } = begun();
    const all = new Uint8Array(8 * REQUEST_WINDOW_BYTES);
    for (let at = 0; at < all.length; at += messageMax) {
      answerer.flow.write(all.subarray(at, at + messageMax), messageMax);
      expect(answerer.flow.underWay).toBeLessThan(step + messageMax);
    }
    const told = answerer.said.filter((said) => said === 'writable').length;
    expect(told).toBeLessThanOrEqual(all.length / step);
    expect(told).toBeGreaterThan(all.length / (step + messageMax) - 1);
    expect(asker.bodyBytes).toBe(all.length);
  });

  test('that is cancelled tells the other side once, and nobody anything afterwards', () => {
    const { asker, answerer } = begun();
    asker.flow.cancel();
    asker.flow.cancel();
    answerer.flow.write(new Uint8Array(10));
    answerer.flow.end();
    expect(answerer.said.slice(1)).toEqual(['request/cancelled']);
    expect(asker.said).toEqual(['answered 200']);
  });

  test('whose channel goes has failed, unless it was over', () => {
    const { asker, answerer } = begun();
    asker.flow.lost();
    expect(asker.said.at(-1)).toBe('request/lost');
    answerer.flow.end();
    const over = begun();
    over.asker.flow.end();
    over.answerer.flow.end();
    over.asker.flow.lost();
    expect(over.asker.said).toEqual(['answered 200', 'ended']);
  });
});

describe('a side that does not keep to it is cut', () => {
  const body = encodeRequestFrame({ kind: 'body', bytes: new Uint8Array(REQUEST_BODY_MAX) });
  const frames = {
    'bytes before the head': [body],
    'an answer where it has to ask': [encodeRequestFrame({ kind: 'answer', answer: { status: 200, headers: {} } })],
    'asking twice': [1, 2].map(() => encodeRequestFrame({ kind: 'ask', ask: { target: 'x' } })),
    'bytes after the end': [
      encodeRequestFrame({ kind: 'ask', ask: { target: 'x' } }),
      encodeRequestFrame({ kind: 'end' }),
      body,
    ],
    nonsense: [new Uint8Array([9, 9, 9])],
  };
  for (const [what, messages] of Object.entries(frames)) {
    test(what, () => {
      const { answerer } = pair();
      for (const message of messages) answerer.flow.handle(message);
      expect(answerer.said.at(-1)).toBe('request/malformed');
    });
  }

  test('more bytes than there is room for', () => {
    const { answerer } = pair();
    answerer.uses = false;
    answerer.flow.handle(encodeRequestFrame({ kind: 'ask', ask: { target: 'x' } }));
    for (let sent = 0; sent <= REQUEST_WINDOW_BYTES; sent += REQUEST_BODY_MAX) answerer.flow.handle(body);
    expect(answerer.said.at(-1)).toBe('request/overrun');
  });

  test('room that was never taken', () => {
    const { asker } = begun();
    asker.flow.handle(encodeRequestFrame({ kind: 'room', bytes: 1 }));
    expect(asker.said.at(-1)).toBe('request/overrun');
  });
});
