// Puts MP4 files into the usual order, index in front, one at a time: it reads and writes as fast as the disk goes, and
// recordings that run come first.

import { open, rename, rm } from 'node:fs/promises';
import type { Ffmpeg } from '../ffmpeg.ts';
import type { Log } from '../log.ts';
import type { Remux } from './mp4-file.ts';

/** Where ffmpeg is missing or fails, files stay as they are: in fragments, which play as well. */
export const makeRemux = (ffmpeg: Ffmpeg, log: Log): Remux => {
  let turn: Promise<unknown> = Promise.resolve();
  const remux: Remux = async (path) => {
    if (!(await ffmpeg.available())) return false;
    const fresh = `${path}.new`;
    const detail = await run(ffmpeg, ['-y', '-i', path, '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', fresh]);
    if (detail !== '') {
      log.write('warn', 'remux-failed', { path, detail });
      await rm(fresh, { force: true });
      return false;
    }
    const file = await open(fresh, 'r');
    await file.datasync();
    await file.close();
    await rename(fresh, path);
    return true;
  };
  return (path) => {
    const mine = turn.then(() => remux(path));
    turn = mine.catch(() => undefined);
    return mine;
  };
};

const run = (ffmpeg: Ffmpeg, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    ffmpeg.start(args, { bytes: () => undefined, ended: resolve }).finish();
  });
