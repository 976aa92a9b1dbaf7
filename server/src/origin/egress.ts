// What the server sent, to whom and in which form: bytes of the sockets themselves, so that offload is computed from what
// really crossed the line.

import type { Socket } from 'node:net';

/** The forms in which bytes leave. */
export const FORMS = [
  'plain',
  'plain-ws',
  'pieces-http',
  'pieces-ws',
  'relay',
  'piece',
  'head',
  'rtmp',
  'hls',
  'tracker',
  'other',
] as const;
export type Form = (typeof FORMS)[number];

/** One connection, or one answer. */
export interface EgressEntry {
  readonly id: number;
  readonly form: Form;
  /** The `tag` of its URL, or ''. */
  readonly tag: string;
  readonly path: string;
  readonly bytes: number;
  readonly open: boolean;
}

/** One consistent snapshot. */
export interface EgressSnapshot {
  /** Socket bytes since the server started. */
  readonly perForm: Readonly<Record<Form, number>>;
  /** Open connections, and the last thousand that closed. */
  readonly perViewer: readonly EgressEntry[];
}

/** What a connection is for. */
export interface EgressPurpose {
  readonly form: Form;
  readonly tag: string;
  readonly path: string;
}

const CLOSED_KEPT = 1000;

const forEachForm = (value: (form: Form) => number): Record<Form, number> =>
  Object.fromEntries(FORMS.map((form) => [form, value(form)])) as Record<Form, number>;

/** Counts the bytes of one connection from now until `close`. */
export class Meter {
  readonly #socket: Socket;
  readonly #base: number;
  #final: number | undefined;

  constructor(
    readonly id: number,
    readonly purpose: EgressPurpose,
    socket: Socket,
    private readonly onClose: (meter: Meter) => void,
  ) {
    this.#socket = socket;
    this.#base = socket.bytesWritten;
  }

  /** Socket bytes so far. */
  get bytes(): number {
    return this.#final ?? this.#socket.bytesWritten - this.#base;
  }

  get isOpen(): boolean {
    return this.#final === undefined;
  }

  /** Ends the count; harmless when it has ended. */
  close(): void {
    if (this.#final !== undefined) return;
    this.#final = this.bytes;
    this.onClose(this);
  }
}

/** All meters of a server. */
export class Egress {
  readonly #open = new Set<Meter>();
  readonly #closed: EgressEntry[] = [];
  readonly #totals = forEachForm(() => 0);
  readonly #counts = forEachForm(() => 0);
  #next = 1;

  /** Starts counting. */
  open(socket: Socket, purpose: EgressPurpose): Meter {
    const meter = new Meter(this.#next++, purpose, socket, (closed) => this.#close(closed));
    this.#open.add(meter);
    this.#counts[purpose.form]++;
    return meter;
  }

  /** Connections of these forms that are open. */
  count(forms: readonly Form[]): number {
    return forms.reduce((sum, form) => sum + this.#counts[form], 0);
  }

  /** Bytes of each form, and of each connection. */
  snapshot(): EgressSnapshot {
    const perForm = forEachForm((form) => this.#totals[form]);
    const open: EgressEntry[] = [];
    for (const meter of this.#open) {
      perForm[meter.purpose.form] += meter.bytes;
      open.push({ id: meter.id, ...meter.purpose, bytes: meter.bytes, open: true });
    }
    return { perForm, perViewer: [...open, ...this.#closed] };
  }

  #close(meter: Meter): void {
    const { form } = meter.purpose;
    this.#open.delete(meter);
    this.#counts[form]--;
    this.#totals[form] += meter.bytes;
    this.#closed.push({ id: meter.id, ...meter.purpose, bytes: meter.bytes, open: false });
    if (this.#closed.length > CLOSED_KEPT) this.#closed.shift();
  }
}
