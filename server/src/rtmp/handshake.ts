// The opening of RTMP: both sides send a version and 1,536 bytes and echo the other's. The plain form: a server whose
// answer says version 0 is asked for no digest, and servers that insist on digests are none we meet as a client.

import { randomBytes } from 'node:crypto';

const VERSION = 3;
const PACKET_BYTES = 1536;
const TIME_BYTES = 8;

/** What a server sends before its first message: S0, S1 and S2. */
export const GREETING_BYTES = 1 + PACKET_BYTES * 2;
/** Bytes of S0 and S1, after which the client may answer. */
export const SERVER_HELLO_BYTES = 1 + PACKET_BYTES;

/** C0 and C1. */
export const clientHello = (): Buffer =>
  Buffer.concat([Buffer.from([VERSION]), Buffer.alloc(TIME_BYTES), randomBytes(PACKET_BYTES - TIME_BYTES)]);

/** C2, or undefined when the server speaks another version. */
export const clientEcho = (serverHello: Buffer): Buffer | undefined =>
  serverHello[0] === VERSION ? serverHello.subarray(1, SERVER_HELLO_BYTES) : undefined;

/** Bytes of C0 and C1, after which the server answers, and of all a client sends before its first message. */
export const CLIENT_HELLO_BYTES = 1 + PACKET_BYTES;
export const CLIENT_GREETING_BYTES = 1 + PACKET_BYTES * 2;

/** S0, S1 and S2, or undefined when the client speaks another version. */
export const serverGreeting = (hello: Buffer): Buffer | undefined =>
  hello[0] === VERSION ? Buffer.concat([clientHello(), hello.subarray(1, CLIENT_HELLO_BYTES)]) : undefined;
