import { describe, expect, test } from 'vitest';
import { random } from '../../wasm/testing/random.ts';
import { decodePart, splitPiece } from '../wire/piece.ts';
import { pieceHeaders } from '../wire/testing/samples.ts';
import { Intake, type WholePiece } from './intake.ts';

const [example] = pieceHeaders;
if (example === undefined) throw new Error('no example');

/** A piece that needs two parts: its halves differ, and so do those of any two pieces. */
const pieceOf = (sequence: number): Uint8Array =>
  new Uint8Array(8000).fill(sequence & 0xff).fill((sequence >> 8) + 100, 4000);

/** Its messages, fresh ones each time. */
const messagesOf = (sequence: number): Uint8Array<ArrayBuffer>[] =>
  splitPiece(pieceOf(sequence), { ...example, sequence });

const take = (intake: Intake, link: number, message: Uint8Array<ArrayBuffer> | undefined): WholePiece | undefined => {
  const part = decodePart(message ?? new Uint8Array(0));
  if (part.kind === 'fault' || message === undefined) throw new Error('no part');
  return intake.take(link, part, message);
};

test('parts in any order become the piece, and the messages are the ones that came', () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const intake = new Intake();
    const messages = messagesOf(5);
    const [first = 0, second = 1] = order;
    expect(take(intake, 1, messages[first])).toBeUndefined();
    const whole = take(intake, 1, messages[second]);
    expect(whole?.sequence).toBe(5);
    expect(Buffer.concat([...(whole?.payloads ?? [])]).equals(pieceOf(5))).toBe(true);
    for (const [index, message] of (whole?.messages ?? []).entries()) expect(message).toBe(messages[index]);
    expect(whole?.payloads[0]?.buffer).toBe(messages[0]?.buffer);
  }
});

test('a part that comes twice counts once', () => {
  const intake = new Intake();
  const messages = messagesOf(5);
  expect(take(intake, 1, messages[0])).toBeUndefined();
  expect(take(intake, 1, messages[0])).toBeUndefined();
  expect(take(intake, 1, messages[1])).toBeDefined();
});

test('pieces and links are kept apart', () => {
  const intake = new Intake();
  expect(take(intake, 1, messagesOf(5)[0])).toBeUndefined();
  expect(take(intake, 2, messagesOf(5)[1])).toBeUndefined();
  expect(take(intake, 1, messagesOf(6)[1])).toBeUndefined();
  expect(take(intake, 1, messagesOf(5)[1])?.sequence).toBe(5);
});

test('a change of mind about the number of parts starts the piece anew', () => {
  const intake = new Intake();
  const [first, second] = messagesOf(5);
  take(intake, 1, first);
  const alone = Uint8Array.from(first ?? []);
  alone[1] = 0x01;
  expect(take(intake, 1, alone)?.payloads.length).toBe(1);
  expect(take(intake, 1, second)).toBeUndefined();
});

describe('forgets', () => {
  test('the oldest beginnings of a link, so that memory stays bounded', () => {
    const intake = new Intake();
    for (let sequence = 0; sequence < 1000; sequence++) take(intake, 1, messagesOf(sequence)[0]);
    const finished = Array.from(
      { length: 1000 },
      (_, sequence) => take(intake, 1, messagesOf(sequence)[1]) !== undefined,
    );
    expect(finished.filter(Boolean).length).toBeLessThanOrEqual(48);
  });

  test('a link that closes, and only that one', () => {
    const intake = new Intake();
    take(intake, 1, messagesOf(5)[0]);
    take(intake, 2, messagesOf(5)[0]);
    intake.forget(1);
    expect(take(intake, 1, messagesOf(5)[1])).toBeUndefined();
    expect(take(intake, 2, messagesOf(5)[1])).toBeDefined();
  });

  test('everything when an epoch begins', () => {
    const intake = new Intake();
    take(intake, 1, messagesOf(5)[0]);
    intake.clear();
    expect(take(intake, 1, messagesOf(5)[1])).toBeUndefined();
  });
});

test('whatever comes in whatever order, a whole piece is always the right bytes', () => {
  const dice = random(3);
  const intake = new Intake();
  for (let run = 0; run < 3000; run++) {
    const sequence = dice.below(30);
    const whole = take(intake, dice.below(3), messagesOf(sequence)[dice.below(2)]);
    if (whole === undefined) continue;
    expect(Buffer.concat([...whole.payloads]).equals(pieceOf(whole.sequence))).toBe(true);
  }
});
