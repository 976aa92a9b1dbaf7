import { describe, expect, test } from 'vitest';
import { LINK_CONTROL_BURST, LINK_CONTROL_RATE, LINK_PIECES_BURST, LINK_PIECES_RATE } from '../wire/limits.ts';
import { encodeLinkMessage } from '../wire/link.ts';
import { counting, linkMessages } from '../wire/testing/samples.ts';
import { LinkDesk, type LinkSeat } from './link-desk.ts';

const fingerprints = { own: counting(32), theirs: counting(32, 9) };
const opened = (state: LinkSeat['state'] = 'greeting'): { desk: LinkDesk; seat: LinkSeat } => {
  const desk = new LinkDesk();
  desk.opened(1, fingerprints);
  const seat = desk.admitControl(0, 1);
  if (seat === undefined || 'kind' in seat) throw new Error('no seat');
  seat.state = state;
  return { desk, seat };
};

test('a link that is not open has nothing to say', () => {
  const { desk } = opened();
  expect(desk.admitControl(0, 2)).toBeUndefined();
  expect(desk.admitPart(0, 2)).toBeUndefined();
  desk.closed(1);
  expect(desk.admitControl(0, 1)).toBeUndefined();
  expect(desk.admitPart(0, 1)).toBeUndefined();
});

describe('before the hello', () => {
  test('parts are not looked at', () => {
    const { desk, seat } = opened();
    expect(desk.admitPart(0, 1)).toBeUndefined();
    seat.state = 'neighbour';
    expect(desk.admitPart(0, 1)).toBe(seat);
  });

  test('a hello is a hello, and any other word a fault', () => {
    const { desk, seat } = opened();
    for (const message of linkMessages) {
      const word = desk.read(seat, encodeLinkMessage(message));
      if (message.kind === 'hello') expect(word).toEqual({ kind: 'hello', hello: message });
      else
        expect(word).toMatchObject({ kind: 'fault', code: 'link/bad-hello', detail: `${message.kind} before hello` });
    }
  });
});

test('after the hello every word is read, and a malformed one is a fault of the wire', () => {
  const { desk, seat } = opened('neighbour');
  for (const message of linkMessages) {
    expect(desk.read(seat, encodeLinkMessage(message))).toEqual({ kind: 'message', message });
  }
  expect(desk.read(seat, Uint8Array.of(0xff))).toMatchObject({ kind: 'fault', code: 'wire/unknown-kind' });
});

describe('rates', () => {
  /** How many are let through at one moment before the fault. */
  const burst = (admit: (desk: LinkDesk) => ReturnType<LinkDesk['admitPart']>, desk: LinkDesk): number => {
    for (let count = 0; count < 10_000; count++) {
      const answer = admit(desk);
      if (answer !== undefined && 'kind' in answer) {
        expect(answer.code).toBe('link/flood');
        return count;
      }
    }
    return Number.POSITIVE_INFINITY;
  };

  test('of control messages are reached exactly, and recover', () => {
    const desk = new LinkDesk();
    desk.opened(1, fingerprints);
    expect(burst((each) => each.admitControl(1000, 1), desk)).toBe(LINK_CONTROL_BURST);
    expect(burst((each) => each.admitControl(2000, 1), desk)).toBe(LINK_CONTROL_RATE);
  });

  test('of parts are reached exactly, and recover', () => {
    const { desk } = opened('neighbour');
    expect(burst((each) => each.admitPart(1000, 1), desk)).toBe(LINK_PIECES_BURST);
    expect(burst((each) => each.admitPart(2000, 1), desk)).toBe(LINK_PIECES_RATE);
  });

  test('of one link are not those of another', () => {
    const { desk } = opened('neighbour');
    desk.opened(2, fingerprints);
    burst((each) => each.admitControl(1000, 1), desk);
    expect(desk.admitControl(1000, 2)).toMatchObject({ state: 'greeting' });
  });
});
