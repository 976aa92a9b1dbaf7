#!/usr/bin/env node
// The command `shoal-device`: reads its line, runs a device until a signal, and prints the info that callers need.

import { stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import WebSocket from 'ws';
import { ShoalError } from '../../src/errors.ts';
import { DEVICE_RIGHTS, type DeviceRight, isDevicePart } from '../../src/wire/device-info.ts';
import { ByteCore } from '../../wasm/abi.ts';
import { readByteCore, samplePath } from '../src/assets.ts';
import { systemClock } from '../src/clock.ts';
import { readSeed } from '../src/keys/signing-seed.ts';
import { makeLog, stderrSink } from '../src/log.ts';
import { programHook } from './commands.ts';
import { DeviceAgent } from './device-agent.ts';
import { DeviceIdentity } from './device-identity.ts';
import { readLiveSources } from './live-sources.ts';
import { Recordings } from './recordings.ts';
import { readSharedPlace, type SharedPlace } from './shared-stream.ts';
import { type VoiceSink, voiceToFile, voiceToProgram } from './voice-sink.ts';
import { openStack, WEBRTC_STACKS, type WebrtcStackName } from './webrtc-stack.ts';

const HELP = `shoal-device: lets pages see, hear and command a camera directly

  --meeting <url>      meeting place, such as wss://live.example/devices (required)
  --product <id>       product id                                            [camera]
  --name <name>        device name, unique under its product                 [demo]
  --key-file <file>    the device's key; made when it is not there           [a new key each time]
  --live <place>       picture: a file, http(s)://, rtmp:// or rtsp:// address;
                       [channel[/standard|high|super]=]<place>, may be repeated [the sample]
  --recordings <dir>   folder of <start>-<end>[_<type>].<flv|mp4|jpg|png>, Unix seconds
  --voice-file <file>  callers' voices are appended here, 16-bit mono PCM
  --voice-program <p>  ... or fed to this program, started for each talk
  --hook <program>     answers user commands: command on its input, answer on its output
  --callers <n>        callers at once                                       [32]
  --viewers <n>        callers that see the live picture directly            [4]
  --share <address>    further ones are shown the picture of a channel by an origin:
                       [channel=]<ws(s)://origin/publish/path?key=..>[,<where it is watched>],
                       or rtmp(s)://.. by ffmpeg, with where it is watched
  --webrtc <library>   datachannel, or wrtc: the package @roamhq/wrtc, which relays
                       over TCP too, for networks that let no UDP out        [datachannel]
  --life <seconds>     life of the printed xp2pInfo                          [86400]
  --rights <list>      what it entitles to: ${DEVICE_RIGHTS.join(',')}  [all]
  --help
`;
const BAD_CONFIG = 2;

const bad = (detail: string): ShoalError => new ShoalError('server/bad-config', { detail });

const whole = (text: string, name: string, least: number, most: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) throw bad(`--${name} wants ${least} to ${most}`);
  return value;
};

const rightsOf = (text: string): readonly DeviceRight[] =>
  text.split(',').map((name) => {
    const right = DEVICE_RIGHTS.find((known) => known === name.trim());
    if (right === undefined) throw bad(`--rights knows ${DEVICE_RIGHTS.join(', ')}`);
    return right;
  });

const readLine = (args: readonly string[]) => {
  const text = (fallback: string) => ({ type: 'string' as const, default: fallback });
  const options = {
    meeting: text(''),
    product: text('camera'),
    name: text('demo'),
    'key-file': { type: 'string' },
    live: { type: 'string', multiple: true },
    recordings: { type: 'string' },
    'voice-file': { type: 'string' },
    'voice-program': { type: 'string' },
    hook: { type: 'string' },
    callers: text('32'),
    viewers: text('4'),
    share: { type: 'string', multiple: true },
    webrtc: text('datachannel'),
    life: text('86400'),
    rights: text(DEVICE_RIGHTS.join(',')),
    help: { type: 'boolean', default: false },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    throw new ShoalError('server/bad-config', { detail: cause instanceof Error ? cause.message : 'options', cause });
  }
};

const sharedPlaces = (entries: readonly string[]): ReadonlyMap<number, SharedPlace> =>
  new Map(
    entries.map((entry) => {
      const read = readSharedPlace(entry);
      if (read === undefined)
        throw bad('--share wants [channel=]ws(s)://<origin>/publish/<path>[,http(s)://..] or rtmp://..,http(s)://..');
      return [read.channel, read.place];
    }),
  );

type Line = ReturnType<typeof readLine>;

const voiceOf = (line: Line): VoiceSink | undefined => {
  if (line['voice-file'] !== undefined) return voiceToFile(line['voice-file']);
  if (line['voice-program'] === undefined) return undefined;
  const [program = '', ...args] = line['voice-program'].split(' ');
  return voiceToProgram(program, args);
};

const stackOf = (name: string): WebrtcStackName => {
  const known = WEBRTC_STACKS.find((each) => each === name);
  if (known === undefined) throw bad(`--webrtc knows ${WEBRTC_STACKS.join(', ')}`);
  return known;
};

const run = async (line: Line): Promise<void> => {
  if (!/^wss?:\/\//.test(line.meeting)) throw bad('--meeting wants a ws(s):// address');
  if (!isDevicePart(line.product) || !isDevicePart(line.name)) throw bad('--product and --name: letters, digits, _.:-');
  const clock = systemClock();
  const core = await ByteCore.load(await readByteCore());
  const identity = new DeviceIdentity(core, await readSeed(line['key-file']), {
    productId: line.product,
    deviceName: line.name,
  });
  const { recordings, hook } = line;
  const agent = new DeviceAgent({
    core,
    clock,
    log: makeLog(stderrSink(), false, () => clock.wall()),
    identity,
    openSocket: (address) => new WebSocket(address, { perMessageDeflate: false }),
    ...(await openStack(stackOf(line.webrtc))),
    meeting: line.meeting,
    iceServers: [],
    liveOf: readLiveSources(line.live ?? [samplePath()], clock),
    recordings: recordings === undefined ? undefined : { folder: recordings, index: new Recordings(recordings) },
    voice: voiceOf(line),
    hook: hook === undefined ? undefined : programHook(hook),
    callersMax: whole(line.callers, 'callers', 1, 1000),
    viewersMax: whole(line.viewers, 'viewers', 0, 1000),
    shared: sharedPlaces(line.share ?? []),
    random: Math.random,
  });
  const lifeMs = whole(line.life, 'life', 1, 10 * 365 * 86_400) * 1000;
  const rights = rightsOf(line.rights);
  const stop = (): void => {
    agent.close();
    process.exit(0);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await agent.ready;
  stdout.write(`device   ${line.product}/${line.name}\nxp2pInfo ${agent.issue(lifeMs, rights)}\n`);
};

try {
  const line = readLine(process.argv.slice(2));
  if (line.help) stdout.write(HELP);
  else await run(line);
} catch (cause) {
  const known = cause instanceof ShoalError;
  stderr.write(`${known ? cause.message : String(cause)}\n`);
  process.exitCode = known && cause.code === 'server/bad-config' ? BAD_CONFIG : 1;
}
