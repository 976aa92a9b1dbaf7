// Stream codes: which name a publisher's track has outside its room.

import { createHash } from 'node:crypto';
import { isStreamCode, type Track } from '../../../src/wire/room.ts';

/** Whose track it is. */
export interface TrackOwner {
  readonly bizid: number;
  readonly room: string;
  readonly user: string;
}

/** Folder of the streams that leave rooms, and what callbacks call `appname`. */
export const LIVE_FOLDER = 'live';

/** `BIZID_MD5(room_user_track)`: texts are UTF-8, the digest is lower-case hexadecimal, and nothing is escaped. */
export const streamCode = ({ bizid, room, user }: TrackOwner, track: Track): string =>
  `${bizid}_${createHash('md5').update(`${room}_${user}_${track}`, 'utf8').digest('hex')}`;

/** The path of the stream with a code. */
export const pathOfCode = (code: string): string => `/${LIVE_FOLDER}/${code}`;

/** The code of a path, or undefined for a path that is none of a room's. */
export const codeOfPath = (path: string): string | undefined => {
  const code = path.startsWith(`/${LIVE_FOLDER}/`) ? path.slice(LIVE_FOLDER.length + 2) : '';
  return isStreamCode(code) ? code : undefined;
};
