import { expect, it } from 'vitest';
import { fromBase64Url, fromHex, sameBytes, toBase64Url, toHex } from '../wire/bytes.ts';
import { decodeLinkMessage } from '../wire/link.ts';
import { decodeReceipts, proofText, type Receipts, receiptsText, receiptText } from '../wire/receipts.ts';
import { encodeTokenBody, sealToken } from '../wire/token.ts';
import type { TrackerAnswer, TrackerRequest } from '../wire/tracker.ts';
import { ReceiptDesk } from './receipt-desk.ts';
import { core } from './testing/core.ts';

const STREAM = 'ab'.repeat(32);
const stream = fromHex(STREAM) ?? new Uint8Array(0);
const PIECE = new Uint8Array(300).fill(4);
const leaving: TrackerRequest = { kind: 'leave' };
const reporting = { kind: 'report' } as TrackerRequest;

const tokenOf = (viewerKey: Uint8Array): Uint8Array =>
  sealToken(
    encodeTokenBody({ stream, viewer: new Uint8Array(8), viewerKey, issuedMs: 1, expiresMs: 2, keyId: 3 }),
    new Uint8Array(64),
  );

const deskOf = (fill: number) => {
  const seed = new Uint8Array(32).fill(fill);
  const key = core.publicKey(seed);
  const sent: { link: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
  const told: TrackerRequest[] = [];
  const desk = new ReceiptDesk({
    core,
    seed,
    send: (link, bytes) => sent.push({ link, bytes }),
    tell: (request) => told.push(request),
    piece: (epoch, sequence) => (epoch === 'e1' && sequence === 7 ? PIECE : undefined),
  });
  const join = (receipts?: true): void =>
    desk.told({ kind: 'joined', stream: STREAM, receipts } as Extract<TrackerAnswer, { kind: 'joined' }>);
  /** What was handed in last; its signature must hold. */
  const handedIn = (): Receipts => {
    const request = told.findLast(({ kind }) => kind === 'receipts');
    if (request?.kind !== 'receipts') throw new Error('nothing was handed in');
    const body = fromBase64Url(request.body) ?? new Uint8Array(0);
    const read = decodeReceipts(body);
    if ('kind' in read) throw new Error(read.detail);
    const signature = fromBase64Url(request.signature) ?? new Uint8Array(0);
    expect(core.verify(key, receiptsText(stream, key, body), signature)).toBe(true);
    return read;
  };
  return { desk, key, sent, told, join, handedIn, token: tokenOf(key) };
};

/** Two desks with a link between them, and what they say on it carried over. */
const pair = () => {
  const [a, b] = [deskOf(1), deskOf(2)];
  for (const desk of [a, b]) desk.join(true);
  a.desk.met(5, b.token);
  b.desk.met(9, a.token);
  const carry = (): void => {
    for (const { bytes } of a.sent.splice(0)) hear(b, 9, bytes);
    for (const { bytes } of b.sent.splice(0)) hear(a, 5, bytes);
  };
  return { a, b, carry };
};

const hear = ({ desk }: ReturnType<typeof deskOf>, link: number, bytes: Uint8Array): void => {
  const message = decodeLinkMessage(bytes);
  if (message.kind === 'receipt') desk.heard(link, message);
};

it('signs for what it sent, and hands in what it got with the signature of the other end', () => {
  const { a, b, carry } = pair();
  a.desk.sent(5, 900);
  b.desk.received(9, 800);
  a.desk.before(reporting);
  carry();
  b.desk.before(leaving);
  const [entry] = b.handedIn().entries;
  expect(entry).toMatchObject({ received: 800, sent: 900 });
  const text = receiptText({ stream, from: a.key, to: b.key, bytes: 900 });
  expect(core.verify(a.key, text, entry?.signature ?? new Uint8Array(0))).toBe(true);
  expect(sameBytes(entry?.token ?? new Uint8Array(0), a.token)).toBe(true);
});

it('hands in with every third report and before it leaves, only what is new, and under a higher number', () => {
  const { a, b, carry } = pair();
  const round = (): void => {
    a.desk.sent(5, 100);
    b.desk.received(9, 100);
    a.desk.before(reporting);
    carry();
    b.desk.before(reporting);
  };
  for (let n = 0; n < 2; n++) round();
  expect(b.told).toEqual([]);
  round();
  expect(b.handedIn()).toMatchObject({ sequence: 1, entries: [{ received: 300 }] });
  for (let n = 0; n < 3; n++) b.desk.before(reporting);
  expect(b.told).toHaveLength(1);
  round();
  b.desk.before(leaving);
  expect(b.handedIn()).toMatchObject({ sequence: 2, entries: [{ received: 400 }] });
});

it('keeps totals of a neighbour through another link, and nothing of links that proved nothing', () => {
  const { a, b, carry } = pair();
  b.desk.received(9, 100);
  b.desk.received(77, 5000);
  b.desk.closed(9);
  b.desk.received(9, 5000);
  b.desk.met(10, a.token);
  b.desk.received(10, 50);
  a.desk.sent(5, 160);
  a.desk.before(reporting);
  for (const { bytes } of a.sent.splice(0)) hear(b, 10, bytes);
  carry();
  b.desk.before(leaving);
  expect(b.handedIn().entries).toMatchObject([{ received: 150, sent: 160 }]);
});

it('says nothing where the tracker wants no receipts', () => {
  const { a } = pair();
  a.join();
  a.desk.sent(5, 100);
  a.desk.before(leaving);
  expect([a.sent, a.told]).toEqual([[], []]);
});

it('shows the pieces it holds and no others', () => {
  const { a } = pair();
  const nonce = new Uint8Array(16).fill(3);
  a.desk.told({ kind: 'prove', nonce: toBase64Url(nonce), epoch: 'e1', sequences: [7, 8] });
  const proof = toBase64Url(core.blake3(proofText(nonce, a.key, PIECE)).subarray(0, 16));
  expect(a.told).toEqual([{ kind: 'proofs', nonce: toBase64Url(nonce), proofs: [proof, ''] }]);
  a.desk.told({ kind: 'prove', nonce: toBase64Url(nonce), epoch: 'e0', sequences: [7] });
  expect(a.told[1]).toMatchObject({ proofs: [''] });
  expect(toHex(a.key)).toHaveLength(64);
});
