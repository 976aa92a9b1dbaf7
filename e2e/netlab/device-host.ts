// Runs in a home of the lab: a device at each of the meeting places it is given, on the WebRTC library it is told, and prints
// their infos as JSON.

import WebSocket from 'ws';
import {
  DeviceAgent,
  DeviceIdentity,
  openStack,
  readLiveSources,
  type WebrtcStackName,
} from '../../server/agent/index.ts';
import { readByteCore, samplePath } from '../../server/src/assets.ts';
import { systemClock } from '../../server/src/clock.ts';
import { makeLog, stderrSink } from '../../server/src/log.ts';
import { ByteCore } from '../../wasm/abi.ts';

const HOUR_MS = 3_600_000;
const [deviceName = '', stackName = '', ...meetings] = process.argv.slice(2);
const stack = await openStack(stackName as WebrtcStackName);
const core = await ByteCore.load(await readByteCore());
const clock = systemClock();
const infos = await Promise.all(
  meetings.map(async (meeting) => {
    const agent = new DeviceAgent({
      core,
      clock,
      log: makeLog(stderrSink(), false, () => clock.wall()),
      identity: new DeviceIdentity(core, new Uint8Array(32).fill(7), { productId: 'lab', deviceName }),
      openSocket: (address) => new WebSocket(address),
      ...stack,
      meeting,
      iceServers: [],
      liveOf: readLiveSources([samplePath()], clock),
      recordings: undefined,
      voice: undefined,
      hook: undefined,
      callersMax: 16,
      viewersMax: 16,
      shared: new Map(),
      random: Math.random,
    });
    await agent.ready;
    return agent.issue(HOUR_MS);
  }),
);
process.stdout.write(`infos ${JSON.stringify(infos)}\n`);
