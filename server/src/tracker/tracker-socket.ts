// Carries the tracker engine: sockets in, admission and signatures added, answers out.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ClusterInput, ClusterOutput } from '../../../src/core/tracker/guests.ts';
import type {
  Connection,
  Grant,
  RoomCount,
  TrackerInput,
  TrackerLimits,
  TrackerOutput,
} from '../../../src/core/tracker/io.ts';
import { Swarm } from '../../../src/core/tracker/swarm.ts';
import { fromBase64Url, toHex } from '../../../src/wire/bytes.ts';
import { readHlsRoom } from '../../../src/wire/hls-seal.ts';
import { SIGNAL_BYTES_MAX, VIEWER_ID_BYTES } from '../../../src/wire/limits.ts';
import {
  decodeTrackerRequest,
  encodeTrackerMessage,
  type TrackerAnswer,
  type TrackerRequest,
} from '../../../src/wire/tracker.ts';
import type { Accounts, Seat } from '../accounts/accounts.ts';
import { type AppGate, NOBODY } from '../accounts/app-gate.ts';
import type { Clock, Timer } from '../clock.ts';
import { addressOf } from '../http/respond.ts';
import type { Admit } from '../origin/admission.ts';
import type { Egress, Meter } from '../origin/egress.ts';
import type { ServerSocket, SocketEvents } from '../sockets.ts';
import type { JoinTokens } from './join-tokens.ts';

/** What the tracker works with. */
export interface TrackerParts {
  readonly clock: Clock;
  readonly admit: Admit;
  readonly egress: Egress;
  readonly tokens: JoinTokens;
  readonly limits: TrackerLimits;
  readonly seed: number;
  /** Where the other processes of a cluster hear of our viewers; absent where there are none. */
  readonly spread?: (output: ClusterOutput) => void;
  /** Absent where nothing is counted, and where there are no apps. */
  readonly accounts?: Accounts | undefined;
  readonly gate?: AppGate | undefined;
  /** Whether a path has a source, and the id of the stream there. */
  serves(path: string): boolean;
  idOf(path: string): Uint8Array;
}

interface Line {
  readonly socket: ServerSocket;
  readonly meter: Meter;
  readonly address: string;
  /** The origin of the page, as browsers say it. */
  readonly page: string | undefined;
  /** What its join said. */
  join: Extract<TrackerRequest, { readonly kind: 'join' }> | undefined;
  /** Its place in the accounts, once it has joined. */
  seat: Seat | undefined;
}

/** A viewer that does not read its signals is cut off. */
const BACKLOG_BYTES_MAX = 40 * SIGNAL_BYTES_MAX;

/** See above. */
export class Tracker {
  readonly #parts: TrackerParts;
  readonly #swarm: Swarm;
  readonly #lines = new Map<Connection, Line>();
  #next = 1;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(parts: TrackerParts) {
    this.#parts = parts;
    this.#swarm = new Swarm(parts.limits, parts.seed, parts.spread === undefined ? 'alone' : 'clustered');
  }

  /** Connections, joined or not. */
  get connections(): number {
    return this.#swarm.connections;
  }

  /** Viewers per stream. */
  rooms(): readonly RoomCount[] {
    return this.#swarm.rooms();
  }

  /** Serves one socket. */
  accept(socket: ServerSocket, request: IncomingMessage, tag: string): SocketEvents {
    const connection = this.#next++;
    const address = addressOf(request);
    const meter = this.#parts.egress.open(request.socket as Socket, { form: 'tracker', tag, path: '' });
    const page = request.headers.origin;
    this.#lines.set(connection, { socket, meter, address, page, join: undefined, seat: undefined });
    this.#tell({ kind: 'opened', connection, address, viewer: toHex(randomBytes(VIEWER_ID_BYTES)) });
    return {
      text: (text) => this.#hear(connection, text),
      binary: () => this.#tell({ kind: 'nonsense', connection }),
      closed: () => {
        this.#lines.get(connection)?.seat?.leave();
        this.#lines.delete(connection);
        meter.close();
        this.#tell({ kind: 'closed', connection });
      },
    };
  }

  /** What other processes say. */
  hear(input: ClusterInput): void {
    this.#tell(input);
  }

  /** Stops the clockwork. */
  close(): void {
    this.#timer?.cancel();
  }

  #hear(connection: Connection, text: string): void {
    const request = decodeTrackerRequest(text);
    if (request.kind === 'fault') return this.#tell({ kind: 'nonsense', connection });
    const line = this.#lines.get(connection);
    if (request.kind === 'join' && line?.join === undefined && line !== undefined) line.join = request;
    if (request.kind === 'leave') line?.seat?.leave();
    this.#tell({ kind: 'said', connection, request });
  }

  #tell(input: TrackerInput): void {
    this.#swarm.handle(this.#parts.clock.now(), input);
    for (let output = this.#swarm.poll(); output !== undefined; output = this.#swarm.poll()) this.#do(output);
    this.#arm();
  }

  #do(output: TrackerOutput): void {
    switch (output.kind) {
      case 'say':
        return this.#say(output.connection, output.answer);
      case 'admit':
        void this.#admit(output.connection, output.path, output.credentials);
        return;
      case 'joined': {
        const { neighbours, viewer } = output;
        const stream = toHex(this.#parts.idOf(output.path));
        const joined = { kind: 'joined', viewer, stream, ...this.#grant(output), neighbours } as const;
        return this.#say(output.connection, this.#seat(output) ? { ...joined, receipts: true } : joined);
      }
      case 'renewed':
        return this.#say(output.connection, { kind: 'renewed', ...this.#grant(output) });
      case 'close':
        return this.#lines.get(output.connection)?.socket.close(output.code, output.retryAfterMs);
      case 'account':
        return this.#lines.get(output.connection)?.seat?.hear(output.request);
      default:
        this.#parts.spread?.(output);
    }
  }

  /** Gives a viewer its place in the accounts; whether there are any. */
  #seat({ connection, path, viewerKey }: Grant): boolean {
    const { accounts, gate, idOf } = this.#parts;
    const line = this.#lines.get(connection);
    if (accounts === undefined || line === undefined) return false;
    line.seat = accounts.join({
      payer: gate?.payerOf(line.join?.credentials ?? '') ?? NOBODY,
      path,
      ip: line.address,
      stream: idOf(path),
      viewerKey: fromBase64Url(viewerKey) ?? new Uint8Array(0),
      // Of segments nothing is kept here that could be asked for.
      shows: line.join?.receipts === true && readHlsRoom(path) === undefined,
      say: (answer) => this.#say(connection, answer),
    });
    return true;
  }

  #grant(grant: Grant) {
    const viewerKey = fromBase64Url(grant.viewerKey) ?? new Uint8Array(0);
    return this.#parts.tokens.grant({ viewer: grant.viewer, stream: this.#parts.idOf(grant.path), viewerKey });
  }

  async #admit(connection: Connection, path: string, credentials: string): Promise<void> {
    const { address: ip = '', page } = this.#lines.get(connection) ?? {};
    const question = { path, credentials, ip, page, action: 'join' } as const;
    const admitted = this.#parts.serves(path) && (await this.#parts.admit(question));
    this.#tell({ kind: 'admitted', connection, admitted });
  }

  #say(connection: Connection, answer: TrackerAnswer): void {
    const line = this.#lines.get(connection);
    if (line === undefined) return;
    if (line.socket.backlog > BACKLOG_BYTES_MAX) line.socket.destroy();
    else line.socket.sendText(encodeTrackerMessage(answer));
  }

  #arm(): void {
    const at = this.#swarm.nextWakeup();
    if (at === this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#parts.clock.after(at - this.#parts.clock.now(), () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#tell({ kind: 'wake' });
    });
  }
}
