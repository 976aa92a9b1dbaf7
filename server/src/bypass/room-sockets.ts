// Carries rooms over WebSockets: texts in, answers out.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ROOM_ANSWER_BYTES_MAX } from '../../../src/wire/limits.ts';
import { decodeRoomRequest, encodeRoom, type RoomAnswer } from '../../../src/wire/room.ts';
import { addressOf } from '../http/respond.ts';
import type { Egress, Meter } from '../origin/egress.ts';
import type { ServerSocket, SocketEvents } from '../sockets.ts';
import type { Connection, RoomsInput } from './rooms.ts';

interface Line {
  readonly socket: ServerSocket;
  readonly meter: Meter;
}

/** Whoever does not read its answers is cut off. */
const BACKLOG_BYTES_MAX = 20 * ROOM_ANSWER_BYTES_MAX;

/** See above. */
export class RoomSockets {
  readonly #egress: Egress;
  readonly #tell: (input: RoomsInput) => void;
  readonly #lines = new Map<Connection, Line>();
  #next = 1;

  constructor(egress: Egress, tell: (input: RoomsInput) => void) {
    this.#egress = egress;
    this.#tell = tell;
  }

  /** Serves one socket. */
  accept(socket: ServerSocket, request: IncomingMessage, tag: string): SocketEvents {
    const connection = this.#next++;
    const meter = this.#egress.open(request.socket as Socket, { form: 'tracker', tag, path: '' });
    this.#lines.set(connection, { socket, meter });
    this.#tell({ kind: 'opened', connection, address: addressOf(request) });
    return {
      text: (text) => {
        const said = decodeRoomRequest(text);
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

  say(connection: Connection, answer: RoomAnswer): void {
    const line = this.#lines.get(connection);
    if (line === undefined) return;
    if (line.socket.backlog > BACKLOG_BYTES_MAX) line.socket.destroy();
    else line.socket.sendText(encodeRoom(answer));
  }

  close(connection: Connection): void {
    this.#lines.get(connection)?.socket.close(undefined, 0);
  }
}
