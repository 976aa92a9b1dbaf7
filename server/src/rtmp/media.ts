// Sound, pictures and metadata: RTMP messages as FLV tags and back. Their bodies are the same but for metadata, which
// publishers send with a word before it that is meant for the server.

import { decodeAmf, encodeAmf } from '../flv/amf.ts';
import { AUDIO_TAG, makeTag, SCRIPT_TAG, type Tag, VIDEO_TAG } from '../flv/tags.ts';
import { MESSAGE, type Message, writeMessage } from './chunks.ts';

const SET_DATA_FRAME = encodeAmf('@setDataFrame');
const AUDIO_CHUNKS = 4;
const VIDEO_CHUNKS = 6;
const DATA_CHUNKS = 5;

/** The FLV tag a message holds; undefined for one that holds none. */
export const tagOfMessage = ({ type, timestampMs, body }: Message): Buffer | undefined => {
  if (body.length === 0) return undefined;
  switch (type) {
    case MESSAGE.audio:
      return makeTag(AUDIO_TAG, timestampMs, body);
    case MESSAGE.video:
      return makeTag(VIDEO_TAG, timestampMs, body);
    case MESSAGE.data3:
      // AMF3 begins with a zero and goes on as AMF0.
      return metadataTag(timestampMs, body.subarray(1));
    case MESSAGE.data:
      return metadataTag(timestampMs, body);
    default:
      return undefined;
  }
};

const metadataTag = (timestampMs: number, body: Buffer): Buffer | undefined => {
  const wrapped = body.subarray(0, SET_DATA_FRAME.length).equals(SET_DATA_FRAME);
  const data = wrapped ? body.subarray(SET_DATA_FRAME.length) : body;
  return decodeAmf(data)[0] === 'onMetaData' ? makeTag(SCRIPT_TAG, timestampMs, data) : undefined;
};

/** The message of a tag as a player is sent it. */
export const messageOfTag = ({ type, dtsMs, data }: Tag, streamId: number, chunkBytes: number): Buffer => {
  const [message, chunks] =
    type === AUDIO_TAG
      ? [MESSAGE.audio, AUDIO_CHUNKS]
      : type === VIDEO_TAG
        ? [MESSAGE.video, VIDEO_CHUNKS]
        : [MESSAGE.data, DATA_CHUNKS];
  return writeMessage(chunks, { type: message, timestampMs: dtsMs, streamId, body: data }, chunkBytes);
};

/** The messages an aggregate stands for; what fits none is left out. */
export const splitAggregate = ({ timestampMs, streamId, body }: Message): Message[] => {
  const messages: Message[] = [];
  let firstMs: number | undefined;
  for (let at = 0; at + 11 <= body.length; ) {
    const length = body.readUIntBE(at + 1, 3);
    if (at + 11 + length > body.length) break;
    const stampMs = (body.readUIntBE(at + 4, 3) | (body.readUInt8(at + 7) << 24)) >>> 0;
    firstMs ??= stampMs;
    messages.push({
      type: body.readUInt8(at),
      timestampMs: (timestampMs + stampMs - firstMs + 0x1_0000_0000) % 0x1_0000_0000,
      streamId,
      body: body.subarray(at + 11, at + 11 + length),
    });
    at += 11 + length + 4;
  }
  return messages;
};
