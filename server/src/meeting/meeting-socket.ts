// Carries the meeting place of devices and pages: sockets in, nonces and signature checks added, answers out.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FarInput, FarOutput } from '../../../src/core/meeting/elsewhere.ts';
import {
  type Connection,
  Meeting,
  type MeetingInput,
  type MeetingLimits,
  type MeetingOutput,
} from '../../../src/core/meeting/meeting.ts';
import { toBase64Url } from '../../../src/wire/bytes.ts';
import { decodeMeetingRequest, encodeMeeting } from '../../../src/wire/device.ts';
import { SIGNAL_BYTES_MAX } from '../../../src/wire/limits.ts';
import type { IceServer } from '../../../src/wire/service.ts';
import type { ByteCore } from '../../../wasm/abi.ts';
import type { Clock } from '../clock.ts';
import { addressOf } from '../http/respond.ts';
import type { Egress, Meter } from '../origin/egress.ts';
import type { ServerSocket, SocketEvents } from '../sockets.ts';

/** What it works with. */
export interface MeetingParts {
  readonly core: ByteCore;
  readonly clock: Clock;
  readonly egress: Egress;
  readonly limits: MeetingLimits;
  readonly iceServers: readonly IceServer[];
  /** Tells the meeting places of other processes; absent where there are none. */
  readonly spread?: (output: FarOutput) => void;
}

interface Line {
  readonly socket: ServerSocket;
  readonly meter: Meter;
}

/** Whoever does not read its signals is cut off. */
const BACKLOG_BYTES_MAX = 40 * SIGNAL_BYTES_MAX;
const NONCE_BYTES = 16;

/** See above. */
export class MeetingPlace {
  readonly #parts: MeetingParts;
  readonly #meeting: Meeting;
  readonly #lines = new Map<Connection, Line>();
  #next = 1;

  constructor(parts: MeetingParts) {
    this.#parts = parts;
    const { core, clock, limits, iceServers, spread } = parts;
    this.#meeting = new Meeting({
      limits,
      iceServers,
      firstCall: 1 + (randomBytes(4).readUInt32BE() >>> 1),
      shared: spread !== undefined,
      wallMs: () => clock.wall(),
      verify: (publicKey, message, signature) => core.verify(publicKey, message, signature),
    });
  }

  /** Registered devices, and calls that are being made. */
  get counts(): { readonly devices: number; readonly calls: number } {
    return this.#meeting.counts;
  }

  /** Serves one socket. */
  accept(socket: ServerSocket, request: IncomingMessage, tag: string): SocketEvents {
    const connection = this.#next++;
    const meter = this.#parts.egress.open(request.socket as Socket, { form: 'tracker', tag, path: '' });
    this.#lines.set(connection, { socket, meter });
    const nonce = toBase64Url(new Uint8Array(randomBytes(NONCE_BYTES)));
    this.#tell({ kind: 'opened', connection, address: addressOf(request), nonce });
    return {
      text: (text) => {
        const said = decodeMeetingRequest(text);
        if (said.kind === 'fault') this.#tell({ kind: 'nonsense', connection });
        else this.#tell({ kind: 'said', connection, request: said });
      },
      binary: () => this.#tell({ kind: 'nonsense', connection }),
      closed: () => {
        this.#lines.delete(connection);
        meter.close();
        this.#tell({ kind: 'closed', connection });
      },
    };
  }

  /** What other processes say. */
  hear(input: FarInput): void {
    this.#tell(input);
  }

  #tell(input: MeetingInput): void {
    this.#meeting.handle(this.#parts.clock.now(), input);
    for (let output = this.#meeting.poll(); output !== undefined; output = this.#meeting.poll()) this.#perform(output);
  }

  #perform(output: MeetingOutput): void {
    if (output.kind !== 'close' && output.kind !== 'say') return this.#parts.spread?.(output);
    const line = this.#lines.get(output.connection);
    if (line === undefined) return;
    if (output.kind === 'close') line.socket.close(undefined, 0);
    else if (line.socket.backlog > BACKLOG_BYTES_MAX) line.socket.destroy();
    else line.socket.sendText(encodeMeeting(output.answer));
  }
}
