// AMF0, the notation of FLV metadata and RTMP commands: the value kinds that occur there, with limits on depth and
// number, because both come from strangers.

/** A value of AMF0; an ECMA array is an object. */
export type AmfValue = number | boolean | string | null | undefined | AmfObject | readonly AmfValue[];
/** Named values. */
export interface AmfObject {
  readonly [name: string]: AmfValue;
}

const NUMBER = 0;
const BOOLEAN = 1;
const STRING = 2;
const OBJECT = 3;
const NULL = 5;
const UNDEFINED = 6;
const ECMA_ARRAY = 8;
const OBJECT_END = 9;
const STRICT_ARRAY = 10;
const DATE = 11;
const LONG_STRING = 12;

const DEPTH_MAX = 8;
const MEMBERS_MAX = 1000;

class Cursor {
  at = 0;
  members = 0;

  constructor(readonly bytes: Buffer) {}

  take(length: number): number | undefined {
    if (this.bytes.length - this.at < length) return undefined;
    this.at += length;
    return this.at - length;
  }
}

/** Broken or beyond the limits. */
const BROKEN = Symbol('broken');
type Read<T> = T | typeof BROKEN;

/** Reads the values of a body one after the other; what comes after a broken one is left out. */
export const decodeAmf = (body: Uint8Array): AmfValue[] => {
  const cursor = new Cursor(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  const values: AmfValue[] = [];
  while (cursor.at < cursor.bytes.length && values.length < MEMBERS_MAX) {
    const value = readValue(cursor, 0);
    if (value === BROKEN) break;
    values.push(value);
  }
  return values;
};

const readValue = (cursor: Cursor, depth: number): Read<AmfValue> => {
  const at = cursor.take(1);
  if (at === undefined || depth > DEPTH_MAX || ++cursor.members > MEMBERS_MAX) return BROKEN;
  switch (cursor.bytes[at]) {
    case NUMBER:
      return readNumber(cursor);
    case BOOLEAN: {
      const flag = cursor.take(1);
      return flag === undefined ? BROKEN : cursor.bytes[flag] !== 0;
    }
    case STRING:
      return readString(cursor, 2);
    case LONG_STRING:
      return readString(cursor, 4);
    case OBJECT:
      return readMembers(cursor, depth);
    case ECMA_ARRAY:
      return cursor.take(4) === undefined ? BROKEN : readMembers(cursor, depth);
    case STRICT_ARRAY:
      return readList(cursor, depth);
    case DATE: {
      const value = readNumber(cursor);
      return cursor.take(2) === undefined ? BROKEN : value;
    }
    case NULL:
      return null;
    case UNDEFINED:
      return undefined;
    default:
      return BROKEN;
  }
};

const readNumber = (cursor: Cursor): Read<number> => {
  const at = cursor.take(8);
  return at === undefined ? BROKEN : cursor.bytes.readDoubleBE(at);
};

const readString = (cursor: Cursor, lengthBytes: 2 | 4): Read<string> => {
  const lengthAt = cursor.take(lengthBytes);
  if (lengthAt === undefined) return BROKEN;
  const length = cursor.bytes.readUIntBE(lengthAt, lengthBytes);
  const at = cursor.take(length);
  return at === undefined ? BROKEN : cursor.bytes.toString('utf8', at, at + length);
};

const readMembers = (cursor: Cursor, depth: number): Read<AmfObject> => {
  const members: [string, AmfValue][] = [];
  for (;;) {
    const name = readString(cursor, 2);
    if (name === BROKEN) return BROKEN;
    if (name === '' && cursor.bytes[cursor.at] === OBJECT_END) {
      cursor.at++;
      return Object.fromEntries(members);
    }
    const value = readValue(cursor, depth + 1);
    if (value === BROKEN) return BROKEN;
    members.push([name, value]);
  }
};

const readList = (cursor: Cursor, depth: number): Read<readonly AmfValue[]> => {
  const at = cursor.take(4);
  const count = at === undefined ? MEMBERS_MAX + 1 : cursor.bytes.readUInt32BE(at);
  if (count > MEMBERS_MAX) return BROKEN;
  const list: AmfValue[] = [];
  for (let n = 0; n < count; n++) {
    const value = readValue(cursor, depth + 1);
    if (value === BROKEN) return BROKEN;
    list.push(value);
  }
  return list;
};

/** Writes values one after the other. */
export const encodeAmf = (...values: readonly AmfValue[]): Buffer =>
  Buffer.concat(values.map((value) => encodeValue(value)));

const encodeValue = (value: AmfValue): Buffer => {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === 'boolean') return Buffer.from([BOOLEAN, value ? 1 : 0]);
  if (typeof value === 'string') return Buffer.concat([Buffer.from([STRING]), encodeName(value)]);
  if (typeof value !== 'object' || value === null) return Buffer.from([NULL]);
  if (isList(value)) {
    const count = Buffer.alloc(5);
    count.writeUInt8(STRICT_ARRAY);
    count.writeUInt32BE(value.length, 1);
    return Buffer.concat([count, ...value.map(encodeValue)]);
  }
  const members = Object.entries(value).flatMap(([name, member]) => [encodeName(name), encodeValue(member)]);
  return Buffer.concat([Buffer.from([OBJECT]), ...members, Buffer.from([0, 0, OBJECT_END])]);
};

const isList = (value: AmfObject | readonly AmfValue[]): value is readonly AmfValue[] => Array.isArray(value);

const encodeName = (name: string): Buffer => {
  const text = Buffer.from(name, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text]);
};
