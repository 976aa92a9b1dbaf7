/**
 * The meeting place of devices and pages: who is registered under which name, who calls whom, and whose signalling goes
 * where. It believes signatures only: a name belongs to whoever holds the key that the caller's info names.
 */
import type { ErrorCode } from '../../errors.ts';
import { ascii, fromBase64Url, sameBytes } from '../../wire/bytes.ts';
import { type MeetingAnswer, type MeetingRequest, REGISTER_CONTEXT_TEXT } from '../../wire/device.ts';
import { decodeInfo, INFO_CONTEXT } from '../../wire/device-info.ts';
import { DEVICE_BURST, DEVICE_CALLS_MAX, DEVICE_RATE } from '../../wire/limits.ts';
import type { IceServer } from '../../wire/service.ts';
import { speaks } from '../../wire/version.ts';
import type { Millis } from '../engine.ts';
import { Bucket } from '../kit/bucket.ts';

/** A connection, numbered by whoever carries it. */
export type Connection = number;

/** What happens to it. */
export type MeetingInput =
  | { readonly kind: 'opened'; readonly connection: Connection; readonly address: string; readonly nonce: string }
  | { readonly kind: 'said'; readonly connection: Connection; readonly request: MeetingRequest }
  | { readonly kind: 'nonsense'; readonly connection: Connection }
  | { readonly kind: 'closed'; readonly connection: Connection };

/** What it wants done. */
export type MeetingOutput =
  | { readonly kind: 'say'; readonly connection: Connection; readonly answer: MeetingAnswer }
  | { readonly kind: 'close'; readonly connection: Connection };

/** What strangers may take. */
export interface MeetingLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/** What it is made with. */
export interface MeetingOptions {
  readonly limits: MeetingLimits;
  readonly iceServers: readonly IceServer[];
  wallMs(): number;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

interface Member {
  readonly connection: Connection;
  readonly address: string;
  readonly nonce: string;
  readonly bucket: Bucket;
  /** Set once it is registered. */
  device: { readonly name: string; readonly key: Uint8Array } | undefined;
  readonly calls: Set<number>;
}

interface Call {
  readonly device: Connection;
  readonly caller: Connection;
}

/** See above. */
export class Meeting {
  readonly #options: MeetingOptions;
  readonly #members = new Map<Connection, Member>();
  readonly #perAddress = new Map<string, number>();
  readonly #devices = new Map<string, Connection>();
  readonly #calls = new Map<number, Call>();
  readonly #outputs: MeetingOutput[] = [];
  #nextCall = 1;

  constructor(options: MeetingOptions) {
    this.#options = options;
  }

  /** Registered devices, and calls that have not been hung up. */
  get counts(): { readonly devices: number; readonly calls: number } {
    return { devices: this.#devices.size, calls: this.#calls.size };
  }

  handle(now: Millis, input: MeetingInput): void {
    if (input.kind === 'opened') return this.#open(input);
    const member = this.#members.get(input.connection);
    if (member === undefined) return;
    if (input.kind === 'closed') return this.#forget(member);
    if (input.kind === 'nonsense' || !member.bucket.take(now)) return this.#cut(member);
    this.#hear(member, input.request);
  }

  poll(): MeetingOutput | undefined {
    return this.#outputs.shift();
  }

  #open({ connection, address, nonce }: Extract<MeetingInput, { kind: 'opened' }>): void {
    const { limits, iceServers } = this.#options;
    const here = this.#perAddress.get(address) ?? 0;
    if (this.#members.size >= limits.connections || here >= limits.connectionsPerAddress) {
      this.#outputs.push({ kind: 'close', connection });
      return;
    }
    this.#perAddress.set(address, here + 1);
    const bucket = new Bucket(DEVICE_RATE, DEVICE_BURST);
    this.#members.set(connection, { connection, address, nonce, bucket, device: undefined, calls: new Set() });
    this.#say(connection, { kind: 'challenge', nonce, iceServers });
  }

  #hear(member: Member, request: MeetingRequest): void {
    switch (request.kind) {
      case 'register':
        return this.#register(member, request);
      case 'call':
        return this.#call(member, request);
      case 'signal':
        return this.#pass(member, request.call, { kind: 'signal', call: request.call, data: request.data });
      case 'hang-up':
        return this.#end(member, request.call, { kind: 'hung-up', call: request.call });
      case 'refuse':
        return this.#end(member, request.call, { kind: 'refused', call: request.call, code: request.code });
    }
  }

  #register(member: Member, request: Extract<MeetingRequest, { kind: 'register' }>): void {
    const { productId, deviceName, version } = request;
    const name = `${productId}/${deviceName}`;
    const key = fromBase64Url(request.key);
    const proof = fromBase64Url(request.proof);
    const text = ascii(`${REGISTER_CONTEXT_TEXT} ${member.nonce} ${name}`);
    const isProven = key !== undefined && proof !== undefined && this.#options.verify(key, text, proof);
    if (!speaks(version) || !isProven || member.device !== undefined) return this.#cut(member);
    const before = this.#members.get(this.#devices.get(name) ?? -1);
    if (before?.device !== undefined && !sameBytes(before.device.key, key)) {
      return this.#refuse(member, 0, 'device/name-taken');
    }
    // A device that restarted has forgotten its old connection, which may look alive for a while.
    if (before !== undefined) this.#cut(before);
    member.device = { name, key };
    this.#devices.set(name, member.connection);
    this.#say(member.connection, { kind: 'registered' });
  }

  #call(member: Member, { info: text, version }: Extract<MeetingRequest, { kind: 'call' }>): void {
    if (!speaks(version) || member.device !== undefined) return this.#cut(member);
    const code = this.#whyNot(text);
    if (typeof code === 'string') return this.#refuse(member, 0, code);
    const { device } = code;
    if (device.calls.size >= DEVICE_CALLS_MAX || member.calls.size >= DEVICE_CALLS_MAX) {
      return this.#refuse(member, 0, 'device/busy');
    }
    const call = this.#nextCall++;
    this.#calls.set(call, { device: device.connection, caller: member.connection });
    device.calls.add(call);
    member.calls.add(call);
    this.#say(member.connection, { kind: 'called', call, info: '' });
    this.#say(device.connection, { kind: 'called', call, info: text });
  }

  /** The device an info leads to, or why it leads nowhere. */
  #whyNot(text: string): ErrorCode | { readonly device: Member } {
    const sealed = decodeInfo(text);
    if ('kind' in sealed) return sealed.code;
    const { info, signed, signature } = sealed;
    const message = new Uint8Array(INFO_CONTEXT.length + signed.length);
    message.set(INFO_CONTEXT);
    message.set(signed, INFO_CONTEXT.length);
    if (!this.#options.verify(info.deviceKey, message, signature)) return 'device/bad-info';
    if (info.expiresMs <= this.#options.wallMs()) return 'device/expired-info';
    const device = this.#members.get(this.#devices.get(`${info.productId}/${info.deviceName}`) ?? -1);
    if (device?.device === undefined || !sameBytes(device.device.key, info.deviceKey)) return 'device/not-there';
    return { device };
  }

  #pass(member: Member, id: number, answer: MeetingAnswer): void {
    const other = this.#otherSide(member, id);
    // A call that the other side has just hung up: its last words cross ours.
    if (other !== undefined) this.#say(other, answer);
  }

  #end(member: Member, id: number, answer: MeetingAnswer): void {
    const other = this.#otherSide(member, id);
    if (other === undefined) return;
    this.#say(other, answer);
    this.#drop(id);
  }

  #otherSide(member: Member, id: number): Connection | undefined {
    const call = this.#calls.get(id);
    if (call === undefined || !member.calls.has(id)) return undefined;
    return call.device === member.connection ? call.caller : call.device;
  }

  #drop(id: number): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    this.#members.get(call.device)?.calls.delete(id);
    this.#members.get(call.caller)?.calls.delete(id);
  }

  #forget(member: Member): void {
    for (const id of [...member.calls]) this.#end(member, id, { kind: 'hung-up', call: id });
    this.#members.delete(member.connection);
    const here = (this.#perAddress.get(member.address) ?? 1) - 1;
    if (here === 0) this.#perAddress.delete(member.address);
    else this.#perAddress.set(member.address, here);
    const name = member.device?.name;
    if (name !== undefined && this.#devices.get(name) === member.connection) this.#devices.delete(name);
  }

  #cut(member: Member): void {
    this.#forget(member);
    this.#outputs.push({ kind: 'close', connection: member.connection });
  }

  #refuse(member: Member, call: number, code: ErrorCode): void {
    this.#say(member.connection, { kind: 'refused', call, code });
  }

  #say(connection: Connection, answer: MeetingAnswer): void {
    this.#outputs.push({ kind: 'say', connection, answer });
  }
}
