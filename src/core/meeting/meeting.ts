/**
 * The meeting place of devices and pages: who is registered under which name, who calls whom, and whose signalling goes
 * where. It believes signatures only: a name belongs to whoever holds the key that the caller's info names.
 */
import type { ErrorCode } from '../../errors.ts';
import { ascii, fromBase64Url, sameBytes, toBase64Url } from '../../wire/bytes.ts';
import { MEETING_VERSION, type MeetingAnswer, type MeetingRequest, REGISTER_CONTEXT_TEXT } from '../../wire/device.ts';
import { decodeInfo, INFO_CONTEXT } from '../../wire/device-info.ts';
import { DEVICE_BURST, DEVICE_CALLS_MAX, DEVICE_RATE } from '../../wire/limits.ts';
import type { IceServer } from '../../wire/service.ts';
import { speaks } from '../../wire/version.ts';
import type { Millis } from '../engine.ts';
import { Bucket } from '../kit/bucket.ts';
import type { Connection, DevicePlace, FarAnswer, FarInput, FarOutput } from './elsewhere.ts';

export type { Connection } from './elsewhere.ts';

/** What happens to it. */
export type MeetingInput =
  | { readonly kind: 'opened'; readonly connection: Connection; readonly address: string; readonly nonce: string }
  | { readonly kind: 'said'; readonly connection: Connection; readonly request: MeetingRequest }
  | { readonly kind: 'nonsense'; readonly connection: Connection }
  | { readonly kind: 'closed'; readonly connection: Connection }
  | FarInput;

/** What it wants done. */
export type MeetingOutput =
  | { readonly kind: 'say'; readonly connection: Connection; readonly answer: MeetingAnswer }
  | { readonly kind: 'close'; readonly connection: Connection }
  | FarOutput;

/** What strangers may take. */
export interface MeetingLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/** What it is made with. */
export interface MeetingOptions {
  readonly limits: MeetingLimits;
  readonly iceServers: readonly IceServer[];
  /** Calls are numbered from here: one page may have calls at several processes. */
  readonly firstCall: number;
  /** There may be other processes with devices of their own. */
  readonly shared: boolean;
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
  /** Calls to devices at other processes, and processes that have been asked for one. */
  readonly far: Map<number, string>;
  readonly asked: string[];
  /** A page at another process that calls a device here. */
  readonly guest: { readonly node: string; readonly connection: Connection } | undefined;
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
  readonly #guests = new Map<string, Member>();
  #nextCall: number;
  #nextGuest: Connection = -1;

  constructor(options: MeetingOptions) {
    this.#options = options;
    this.#nextCall = options.firstCall;
  }

  /** Registered devices, and calls that have not been hung up. */
  get counts(): { readonly devices: number; readonly calls: number } {
    return { devices: this.#devices.size, calls: this.#calls.size };
  }

  handle(now: Millis, input: MeetingInput): void {
    switch (input.kind) {
      case 'opened':
        return this.#open(input);
      case 'found':
        return this.#found(input);
      case 'far-said':
        return this.#farSaid(input);
      case 'far-answer':
        return this.#farAnswer(input);
      case 'device-elsewhere':
        return this.#elsewhere(input.device);
      case 'node-gone':
        return this.#nodeGone(input.node);
    }
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
    if (this.#members.size - this.#guests.size >= limits.connections || here >= limits.connectionsPerAddress) {
      this.#outputs.push({ kind: 'close', connection });
      return;
    }
    this.#perAddress.set(address, here + 1);
    this.#members.set(connection, newMember({ connection, address, nonce, guest: undefined }));
    this.#say(connection, { kind: 'challenge', nonce, iceServers });
  }

  #hear(member: Member, request: MeetingRequest): void {
    switch (request.kind) {
      case 'register':
        return this.#register(member, request);
      case 'call':
        return this.#call(member, request);
      case 'signal':
        if (this.#carried(member, request.call, request)) return;
        return this.#pass(member, request.call, { kind: 'signal', call: request.call, data: request.data });
      case 'hang-up':
        if (this.#carried(member, request.call, request)) return;
        return this.#end(member, request.call, { kind: 'hung-up', call: request.call });
      case 'refuse':
        if (this.#carried(member, request.call, { kind: 'hang-up', call: request.call })) return;
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
    const before = this.#members.get(this.#devices.get(name) ?? 0);
    if (before?.device !== undefined && !sameBytes(before.device.key, key)) {
      return this.#refuse(member, 0, 'device/name-taken');
    }
    // A device that restarted has forgotten its old connection, which may look alive for a while.
    if (before !== undefined) this.#cut(before);
    member.device = { name, key };
    this.#devices.set(name, member.connection);
    this.#spread({ kind: 'device-came', device: placeOf(name, key) });
    this.#say(member.connection, { kind: 'registered' });
  }

  #call(member: Member, { info: text, version }: Extract<MeetingRequest, { kind: 'call' }>): void {
    if (!speaks(version) || member.device !== undefined) return this.#cut(member);
    const found = this.#whyNot(text);
    if (typeof found === 'string') return this.#refuse(member, 0, found);
    const { device, place } = found;
    if (member.calls.size + member.far.size + member.asked.length >= DEVICE_CALLS_MAX) {
      return this.#refuse(member, 0, 'device/busy');
    }
    if (device === undefined) {
      if (!this.#options.shared || member.guest !== undefined) return this.#refuse(member, 0, 'device/not-there');
      return this.#spread({ kind: 'find', connection: member.connection, device: place, info: text });
    }
    if (device.calls.size >= DEVICE_CALLS_MAX) return this.#refuse(member, 0, 'device/busy');
    const call = this.#nextCall;
    this.#nextCall = call === CALLS_MAX ? 1 : call + 1;
    this.#calls.set(call, { device: device.connection, caller: member.connection });
    device.calls.add(call);
    member.calls.add(call);
    this.#say(member.connection, { kind: 'called', call, info: '' });
    this.#say(device.connection, { kind: 'called', call, info: text });
  }

  /** The device an info leads to, or why it leads nowhere. */
  #whyNot(text: string): ErrorCode | { readonly device: Member | undefined; readonly place: DevicePlace } {
    const sealed = decodeInfo(text);
    if ('kind' in sealed) return sealed.code;
    const { info, signed, signature } = sealed;
    const message = new Uint8Array(INFO_CONTEXT.length + signed.length);
    message.set(INFO_CONTEXT);
    message.set(signed, INFO_CONTEXT.length);
    if (!this.#options.verify(info.deviceKey, message, signature)) return 'device/bad-info';
    if (info.expiresMs <= this.#options.wallMs()) return 'device/expired-info';
    const name = `${info.productId}/${info.deviceName}`;
    const device = this.#members.get(this.#devices.get(name) ?? 0);
    const isIt = device?.device !== undefined && sameBytes(device.device.key, info.deviceKey);
    return { device: isIt ? device : undefined, place: placeOf(name, info.deviceKey) };
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
    const caller = this.#members.get(call.caller);
    caller?.calls.delete(id);
    if (caller?.guest !== undefined) this.#dismiss(caller);
  }

  #forget(member: Member): void {
    for (const id of [...member.calls]) this.#end(member, id, { kind: 'hung-up', call: id });
    for (const id of [...member.far.keys()]) this.#carried(member, id, { kind: 'hang-up', call: id });
    this.#members.delete(member.connection);
    const here = (this.#perAddress.get(member.address) ?? 1) - 1;
    if (here === 0) this.#perAddress.delete(member.address);
    else this.#perAddress.set(member.address, here);
    const { device } = member;
    if (device === undefined || this.#devices.get(device.name) !== member.connection) return;
    this.#devices.delete(device.name);
    this.#spread({ kind: 'device-left', device: placeOf(device.name, device.key) });
  }

  /** A page elsewhere with whom there is no call is not kept in mind. */
  #dismiss(guest: Member): void {
    if (guest.guest === undefined || guest.calls.size > 0) return;
    this.#members.delete(guest.connection);
    this.#guests.delete(guestName(guest.guest.node, guest.guest.connection));
  }

  #found({ connection, info, node }: Extract<FarInput, { kind: 'found' }>): void {
    const member = this.#members.get(connection);
    if (member === undefined) return;
    if (node === undefined) return this.#refuse(member, 0, 'device/not-there');
    member.asked.push(node);
    this.#spread({ kind: 'carry', node, connection, request: { kind: 'call', version: MEETING_VERSION, info } });
  }

  /** Whether a call is one to a device at another process; then what is said goes there. */
  #carried(member: Member, call: number, request: Extract<FarOutput, { kind: 'carry' }>['request']): boolean {
    const node = member.far.get(call);
    if (node === undefined) return false;
    if (request.kind === 'hang-up') member.far.delete(call);
    this.#spread({ kind: 'carry', node, connection: member.connection, request });
    return true;
  }

  /** A page elsewhere is a member here for as long as it has a call. Its rate is limited where it is. */
  #farSaid({ node, connection, request }: Extract<FarInput, { kind: 'far-said' }>): void {
    const name = guestName(node, connection);
    const guest =
      this.#guests.get(name) ??
      newMember({ connection: this.#nextGuest--, address: '', nonce: '', guest: { node, connection } });
    this.#guests.set(name, guest);
    this.#members.set(guest.connection, guest);
    this.#hear(guest, request);
    this.#dismiss(guest);
  }

  #farAnswer({ node, connection, answer }: Extract<FarInput, { kind: 'far-answer' }>): void {
    const member = this.#members.get(connection);
    const { call } = answer;
    if (answer.kind === 'called' || call === 0) {
      const at = member?.asked.indexOf(node) ?? -1;
      const isOdd = at < 0 || member?.calls.has(call) === true || member?.far.has(call) === true;
      if (at >= 0) member?.asked.splice(at, 1);
      // The page has gone meanwhile: the device need not wait for it.
      if (answer.kind === 'called' && isOdd)
        return this.#spread({ kind: 'carry', node, connection, request: { kind: 'hang-up', call } });
      if (isOdd) return;
      if (answer.kind === 'called') member?.far.set(call, node);
      return this.#say(connection, answer);
    }
    if (member?.far.get(call) !== node) return;
    if (answer.kind !== 'signal') member.far.delete(call);
    this.#say(connection, answer);
  }

  /** A device that restarted has forgotten its old connection here, too. */
  #elsewhere(device: DevicePlace): void {
    for (const member of this.#members.values()) {
      if (member.device !== undefined && placeOf(member.device.name, member.device.key) === device) this.#cut(member);
    }
  }

  #nodeGone(node: string): void {
    for (const member of [...this.#members.values()]) {
      if (member.guest?.node === node) {
        for (const id of [...member.calls]) this.#end(member, id, { kind: 'hung-up', call: id });
        continue;
      }
      for (const [call, at] of [...member.far]) {
        if (at !== node) continue;
        member.far.delete(call);
        this.#say(member.connection, { kind: 'hung-up', call });
      }
      for (const at of member.asked.splice(0)) {
        if (at === node) this.#refuse(member, 0, 'device/not-there');
        else member.asked.push(at);
      }
    }
  }

  #cut(member: Member): void {
    if (member.guest !== undefined) return this.#refuse(member, 0, 'device/not-there');
    this.#forget(member);
    this.#outputs.push({ kind: 'close', connection: member.connection });
  }

  #refuse(member: Member, call: number, code: ErrorCode): void {
    this.#say(member.connection, { kind: 'refused', call, code });
  }

  #say(connection: Connection, answer: MeetingAnswer): void {
    const guest = this.#members.get(connection)?.guest;
    if (guest === undefined) this.#outputs.push({ kind: 'say', connection, answer });
    else if (isFar(answer)) this.#spread({ kind: 'carry-back', ...guest, answer });
  }

  #spread(output: FarOutput): void {
    if (this.#options.shared) this.#outputs.push(output);
  }
}

const CALLS_MAX = 0xffff_ffff;

const newMember = (fields: Pick<Member, 'connection' | 'address' | 'nonce' | 'guest'>): Member => ({
  ...fields,
  bucket: new Bucket(DEVICE_RATE, DEVICE_BURST),
  device: undefined,
  calls: new Set(),
  far: new Map(),
  asked: [],
});

const guestName = (node: string, connection: Connection): string => `${node} ${connection}`;

const placeOf = (name: string, key: Uint8Array): DevicePlace => `${name} ${toBase64Url(key)}`;

const isFar = (answer: MeetingAnswer): answer is FarAnswer =>
  answer.kind !== 'challenge' && answer.kind !== 'registered';
