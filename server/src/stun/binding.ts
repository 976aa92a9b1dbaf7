// Asks a STUN server for a sign of life: the smallest question there is (RFC 8489, a Binding request without
// attributes), and whether something that answers it is there.

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import type { StunAddress } from './stun-address.ts';

const COOKIE = 0x2112a442;
const REQUEST = 0x0001;
const SUCCESS = 0x0101;
const HEADER_BYTES = 20;
const ASK_EVERY_MS = 100;

/** Resolves when the server at this address answers; rejects when `until` fires before. */
export const stunAnswers = async ({ ip, port }: StunAddress, until: AbortSignal): Promise<void> => {
  const socket = createSocket(isIP(ip) === 6 ? 'udp6' : 'udp4');
  const question = bindingRequest();
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const ask = (): void => {
        socket.send(question, port, reachable(ip), () => undefined);
        timer = setTimeout(ask, ASK_EVERY_MS);
      };
      socket.on('message', (answer) => {
        if (answersTo(answer, question)) resolve();
      });
      // A port that nobody has opened yet is told as an error; asking again is the answer to it.
      socket.on('error', () => undefined);
      until.addEventListener('abort', () => reject(until.reason), { once: true });
      if (until.aborted) reject(until.reason);
      else ask();
    });
  } finally {
    clearTimeout(timer);
    socket.close();
  }
};

const bindingRequest = (): Buffer => {
  const message = Buffer.alloc(HEADER_BYTES);
  message.writeUInt16BE(REQUEST, 0);
  message.writeUInt32BE(COOKIE, 4);
  randomBytes(12).copy(message, 8);
  return message;
};

const answersTo = (answer: Buffer, question: Buffer): boolean =>
  answer.length >= HEADER_BYTES &&
  answer.readUInt16BE(0) === SUCCESS &&
  answer.subarray(4, 20).equals(question.subarray(4));

/** An address that stands for all is asked where this machine calls itself. */
const reachable = (ip: string): string => {
  if (ip === '0.0.0.0') return '127.0.0.1';
  return /^[0:]+$/.test(ip) ? '::1' : ip;
};
