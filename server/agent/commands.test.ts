import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answerCommand, type CommandParts, programHook } from './commands.ts';
import { Recordings } from './recordings.ts';

let folder: string;
let parts: CommandParts;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-commands-'));
  parts = {
    recordings: new Recordings(folder),
    hook: undefined,
    vacancy: async (type) => ({ status: type === 'live' ? 0 : 404, appConnectNum: 3 }),
    playback: (verb) => ({ status: 200, data: verb }),
  };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inner = async (text: string) => {
  const values = new URLSearchParams(text);
  const cmd = values.get('cmd') ?? '';
  const { status, data } = await answerCommand({ kind: 'command', channel: 0, origin: 'inner', cmd, values }, parts);
  return [status, data.startsWith('{') || data.startsWith('[') ? JSON.parse(data) : data];
};

const secondsOf = (day: number, hour: number): number => new Date(2026, 2, day, hour).getTime() / 1000;
const record = (from: number, to: number, rest = '.flv'): string => {
  const name = `${from}-${to}${rest}`;
  writeFileSync(join(folder, name), 'x'.repeat(12));
  return name;
};

describe('a command every device knows', () => {
  test('says in an array whether there is room', async () => {
    expect(await inner('cmd=get_device_st&type=live')).toEqual([200, [{ status: 0, appConnectNum: 3 }]]);
    expect(await inner('cmd=get_device_st')).toEqual([200, [{ status: 0, appConnectNum: 3 }]]);
    expect(await inner('cmd=get_nvr_list')).toEqual([200, []]);
  });

  test('lists what was recorded, all of it or that of a type', async () => {
    record(1_700_000_000, 1_700_000_060);
    record(1_700_000_100, 1_700_000_160, '_alarm.mp4');
    record(1_700_000_100, 1_700_000_160, '.jpg');
    const index = (more: string) => inner(`cmd=get_record_index&start_time=1700000050&end_time=1700000100${more}`);
    const [plain, alarm] = [
      { type: '', start_time: 1_700_000_000, end_time: 1_700_000_060 },
      { type: 'alarm', start_time: 1_700_000_100, end_time: 1_700_000_160 },
    ];
    expect(await index('')).toEqual([200, { video_list: [plain, alarm] }]);
    expect(await index('&type=alarm')).toEqual([200, { video_list: [alarm] }]);
    expect(await inner('cmd=get_record_index&start_time=9&end_time=8')).toEqual([404, { status: 404 }]);
  });

  test('tells the days of a month as bits, of which the lowest is the first day', async () => {
    record(secondsOf(8, 10), secondsOf(8, 11));
    record(secondsOf(14, 23), secondsOf(15, 1));
    record(secondsOf(31, 23), secondsOf(31, 23) + 60);
    record(secondsOf(20, 1), secondsOf(20, 2), '.jpg');
    const bits = 2 ** 7 + 2 ** 13 + 2 ** 14 + 2 ** 30;
    expect(await inner('cmd=get_month_record&time=202603')).toEqual([200, { video_list: String(bits) }]);
    expect(await inner('cmd=get_month_record&time=202604')).toEqual([200, { video_list: '0' }]);
    for (const time of ['202613', '202600', '2026', 'x'])
      expect(await inner(`cmd=get_month_record&time=${time}`)).toEqual([404, { status: 404 }]);
  });

  test('lists files by their kind', async () => {
    const film = record(1_700_000_000, 1_700_000_060, '.mp4');
    const picture = record(1_700_000_000, 1_700_000_001, '.png');
    const list = (type: string) =>
      inner(`cmd=get_file_list&start_time=1700000000&end_time=1700000900&file_type=${type}`);
    const entry = { file_name: film, file_size: 12, start_time: 1_700_000_000, end_time: 1_700_000_060 };
    expect(await list('0')).toEqual([200, { file_list: [{ file_type: '0', ...entry }] }]);
    expect(await list('1')).toMatchObject([200, { file_list: [{ file_type: '1', file_name: picture }] }]);
    expect(await list('2')).toEqual([404, { status: 404 }]);
  });

  test('steers the playback', async () => {
    for (const verb of ['pause', 'resume', 'seek', 'progress'])
      expect(await inner(`cmd=playback_${verb}`)).toEqual([200, verb]);
    expect(await inner('cmd=playback_ff')).toEqual([406, { status: 406 }]);
  });
});

describe('a command of its maker', () => {
  const hookOf = (script: string) => {
    const program = join(folder, 'hook');
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
    return programHook(program);
  };

  test('goes to the program, whose exit code says how it went', async () => {
    expect(await hookOf('echo "$1 $(cat)"')('ptz_left', 2)).toEqual({ status: 200, data: '2 ptz_left' });
    expect(await hookOf('echo no; exit 3')('x', 0)).toEqual({ status: 407, data: 'no' });
  });

  test('whose answer never ends is cut off', async () => {
    const { status, data } = (await hookOf('cat /dev/zero')('x', 0)) ?? {};
    expect(status).toBe(407);
    expect((data ?? '').length).toBeLessThanOrEqual(64 * 1024);
  });

  test('whose program is not there says so', async () => {
    await expect(programHook(join(folder, 'none'))('x', 0)).rejects.toMatchObject({ code: 'device/command-failed' });
  });
});
