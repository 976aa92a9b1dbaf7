// The tracker's rooms of HLS viewers: those of our own streams, and those of playlists that the witness vouches for.

import { readHlsRoom } from '../../../src/wire/hls-seal.ts';
import type { Admit } from '../origin/admission.ts';
import type { Witness } from './witness.ts';

/** What decides about rooms. */
export interface HlsRoomsParts {
  readonly witness: Witness;
  /** Path before every address of ours, or ''. */
  readonly prefix: string;
  readonly admit: Admit;
  /** Whether there is an operator's own word on who is let in elsewhere. */
  readonly hasHook: boolean;
  serves(path: string): boolean;
}

/** Which rooms there are, and who is let into them. */
export const hlsRooms = (parts: HlsRoomsParts): { serves(path: string): boolean; readonly admit: Admit } => ({
  serves(path) {
    const room = readHlsRoom(path);
    if (room === undefined) return parts.serves(path);
    if (room.place === 'own') return parts.serves(streamOf(room.where, parts.prefix));
    return parts.witness.vouchesFor(`https://${room.where}`) || parts.witness.vouchesFor(`http://${room.where}`);
  },
  async admit(question) {
    const room = readHlsRoom(question.path);
    if (room === undefined) return parts.admit(question);
    if (room.place === 'own') return parts.admit({ ...question, path: streamOf(room.where, parts.prefix) });
    // A stream of somebody else's is open to whom its own server lets in; we hand out nothing but digests.
    return parts.hasHook ? parts.admit(question) : true;
  },
});

/** The stream whose playlist lies at a path. */
const streamOf = (where: string, prefix: string): string =>
  (where.startsWith(`${prefix}/`) ? where.slice(prefix.length) : where)
    .replace(/\.m3u8$/, '')
    .replace(/\/hls\/index$/, '');
