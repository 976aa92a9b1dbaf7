/**
 * A meeting place for tests, and what devices and pages say to it.
 */
import { toBase64Url } from '../../../wire/bytes.ts';
import type { MeetingRequest } from '../../../wire/device.ts';
import { type DeviceInfo, encodeInfoBody, sealInfo } from '../../../wire/device-info.ts';
import type { FarOutput } from '../elsewhere.ts';
import { Meeting, type MeetingInput } from '../meeting.ts';

/** What time it is. */
export const WALL = 1_700_000_000_000;

/** A meeting place whose signatures are good when their first byte is the first byte of the key. */
export class Place {
  readonly meeting: Meeting;
  readonly said: string[] = [];
  now = 0;

  readonly #spread: ((output: FarOutput) => void) | undefined;

  /** `spread` takes what goes to other processes, where there are some. */
  constructor(limits = { connections: 10, connectionsPerAddress: 3 }, spread?: (output: FarOutput) => void) {
    this.#spread = spread;
    this.meeting = new Meeting({
      limits,
      iceServers: [],
      firstCall: 1,
      shared: spread !== undefined,
      wallMs: () => WALL,
      verify: (key, _message, signature) => key[0] === signature[0],
    });
  }

  handle(input: MeetingInput): void {
    this.meeting.handle(this.now, input);
    for (let output = this.meeting.poll(); output !== undefined; output = this.meeting.poll()) {
      if (output.kind !== 'close' && output.kind !== 'say') {
        this.#spread?.(output);
        continue;
      }
      const { connection } = output;
      if (output.kind === 'close') this.said.push(`${connection} close`);
      else {
        const { kind, ...fields } = output.answer;
        const call = 'call' in fields ? ` ${fields.call}` : '';
        const more = 'code' in fields ? ` ${fields.code}` : 'data' in fields ? ` ${fields.data}` : '';
        this.said.push(`${connection} ${kind}${call}${more}`);
      }
    }
  }

  open(connection: number, address = `a${connection}`): void {
    this.handle({ kind: 'opened', connection, address, nonce: 'n' });
  }

  say(connection: number, request: MeetingRequest): void {
    this.handle({ kind: 'said', connection, request });
  }

  device(connection: number, key: number, deviceName = 'door'): void {
    this.open(connection);
    const [bytes, proof] = [new Uint8Array(32).fill(key), new Uint8Array(64).fill(key)];
    const fields = { productId: 'cam', deviceName, key: toBase64Url(bytes), proof: toBase64Url(proof) };
    this.say(connection, { kind: 'register', version: 1, ...fields });
  }

  /** What was said since the last question. */
  heard(): string[] {
    return this.said.splice(0);
  }
}

/** A device's word that a caller may come. */
export const infoOf = (key: number, change: Partial<DeviceInfo> = {}, signature = key): string => {
  const info: DeviceInfo = {
    productId: 'cam',
    deviceName: 'door',
    deviceKey: new Uint8Array(32).fill(key),
    meeting: 'wss://live.example/devices',
    expiresMs: WALL + 1,
    rights: ['live'],
    version: '2.4.0',
    flags: '',
    ...change,
  };
  return sealInfo(encodeInfoBody(info, new Uint8Array(8)), new Uint8Array(64).fill(signature), info);
};

/** A call with it. */
export const call = (info: string): MeetingRequest => ({ kind: 'call', version: 1, info });
