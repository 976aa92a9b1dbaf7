/**
 * Every number both ends must agree on, and every size a stranger can make us spend. Relations between them are
 * asserted by limits.test.ts, so that a change that breaks one cannot land.
 */

/** Largest body of a piece, bytes. */
export const PIECE_BODY_MAX = 8192;
/** Piece header, bytes. */
export const PIECE_HEADER_BYTES = 28;
/** Ed25519 signature, bytes. */
export const SIGNATURE_BYTES = 64;
/** Where the body of a piece begins. */
export const PIECE_BODY_AT = PIECE_HEADER_BYTES + SIGNATURE_BYTES;
/** Largest piece on the wire. */
export const PIECE_BYTES_MAX = PIECE_BODY_AT + PIECE_BODY_MAX;
/** A data-channel message above this size costs a whole round trip in Chromium's SCTP (four packets, then a wait). */
export const PART_BYTES_MAX = 4600;
/** Header of a part, bytes. */
export const PART_HEADER_BYTES = 10;
/** Most parts a piece can have. */
export const PARTS_PER_PIECE_MAX = Math.ceil(PIECE_BYTES_MAX / (PART_BYTES_MAX - PART_HEADER_BYTES));

/** Fewest and most substreams of a stream; the upper one is the width of a mask. */
export const SUBSTREAMS_MIN = 4;
export const SUBSTREAMS_MAX = 32;

/** Stream id, public key, content key and digest length, bytes. */
export const ID_BYTES = 32;
/** Epoch: 48 bits of start time and 32 random ones, bytes. */
export const EPOCH_BYTES = 10;
/** Largest FLV prelude (header, metadata, codec headers) in a head, bytes. */
export const PRELUDE_BYTES_MAX = 60_000;
/** Largest head, bytes. */
export const HEAD_BYTES_MAX = 62_000;

/** Sequences in one `want`. */
export const WANT_MAX = 32;
/** Sequences in one `missing`. */
export const MISSING_MAX = 64;
/** Ancestors named in an answer to `subscribe`. */
export const ANCESTORS_MAX = 12;
/** Bytes of the have-bitmap in a status: 8 pieces each. */
export const HAVE_BYTES_MAX = 32;
/** Largest message on the control lane of a link that is not a head, bytes. */
export const LINK_MESSAGE_BYTES_MAX = 20_000;
/** Largest opaque signalling payload (SDP or a batch of candidates), bytes of JSON. */
export const SIGNAL_BYTES_MAX = 16_000;
/** Largest message to or from the tracker, bytes of JSON: a signal whose every character is escaped still fits. */
export const TRACKER_MESSAGE_BYTES_MAX = 33_000;
/** Largest message a viewer may send to the origin socket, bytes. */
export const ORIGIN_REQUEST_BYTES_MAX = 256;
/** Neighbours in one tracker answer. */
export const NEIGHBOURS_PER_ANSWER_MAX = 16;
/** Dials of one outcome in one report to the tracker. */
export const DIALS_PER_REPORT_MAX = 16;
/** Links in one hand-in of receipts. */
export const RECEIPTS_MAX = 64;
/** Pieces asked for in one challenge. */
export const PROOFS_MAX = 8;
/** A stream path, characters. */
export const STREAM_PATH_MAX = 200;
/** A key code, characters. */
export const CODE_CHARS_MAX = 128;
/** A join token, bytes. */
export const TOKEN_BYTES = 158;
/** A viewer's id, bytes. */
export const VIEWER_ID_BYTES = 8;

/** What is asked of a device, characters: a command of 16 KB fits. */
export const REQUEST_TARGET_MAX = 18_000;
/** Largest ask or answer of a request, bytes of JSON. */
export const REQUEST_HEAD_BYTES_MAX = 24_000;
/** Headers of an answer. */
export const REQUEST_HEADERS_MAX = 16;
/** Body bytes in one message: every WebRTC stack carries 64 KiB. */
export const REQUEST_BODY_MAX = 64_000;
/** Messages up to this length are short: whoever sends those wants to know soon what has been used. */
export const REQUEST_SHORT_BODY = 16_000;
/** Body bytes that may be under way in one direction of a request: a fast line over a continent stays full. */
export const REQUEST_WINDOW_BYTES = 2_097_152;
/** Requests one viewer may have open at a device. */
export const REQUESTS_PER_VIEWER_MAX = 16;
/** Requests a second a caller may begin, and how many at once: each may start a program at the device. */
export const REQUEST_RATE = 50;
export const REQUEST_BURST = 200;

/** A product id or a device name, characters. */
export const DEVICE_NAME_MAX = 64;
/** An xp2pInfo, characters. */
export const DEVICE_INFO_MAX = 1000;
/** Largest message to or from a meeting place, bytes of JSON. */
export const DEVICE_MESSAGE_BYTES_MAX = 33_000;

/** Calls a device or a page may have in signalling at once. */
export const DEVICE_CALLS_MAX = 64;
/** Messages a second a device or a page may send to its meeting place, and how many at once. */
export const DEVICE_RATE = 40;
export const DEVICE_BURST = 200;

/** Each side of a call gives a sign of life so often, ms, and takes the other for gone after so many of its own. */
export const CALL_BEAT_MS = 500;
export const CALL_SILENT_BEATS = 5;
/** Messages a second on the call's own channel, and how many at once: a page that was held up sends its beats in a heap. */
export const CALL_RATE = 10;
export const CALL_BURST = 60;

/** Largest message of a publisher with bytes, bytes: a keyframe of any picture we know of. */
export const PUBLISH_MESSAGE_BYTES_MAX = 4_194_304;
/** Largest text of a publisher, and of the server to it, characters. */
export const PUBLISH_TEXT_BYTES_MAX = 256;
export const PUBLISH_ANSWER_BYTES_MAX = 256;
/** A publisher's session, characters. */
export const PUBLISH_SESSION_CHARS = 22;
/** Messages a second a publisher may send, and how many at once: pictures and sound of a fast stream, tag by tag. */
export const PUBLISH_RATE = 400;
export const PUBLISH_BURST = 4000;
/** Publishers whose connections the server holds open at once from one address. */
export const PUBLISHERS_PER_ADDRESS_MAX = 32;

/** Messages a second a neighbour may send on the control lane, and how many at once. */
export const LINK_CONTROL_RATE = 60;
export const LINK_CONTROL_BURST = 240;
/** Verifications a second one neighbour may cause, and how many at once. Twice a fast stream; a flood is cut. */
export const LINK_PIECES_RATE = 800;
export const LINK_PIECES_BURST = 2400;
/** Messages a second a viewer may send to the tracker, and how many at once. */
export const TRACKER_RATE = 20;
export const TRACKER_BURST = 120;
/** Messages a second a viewer may send to the origin socket, and how many at once. */
export const ORIGIN_RATE = 40;
export const ORIGIN_BURST = 200;

/** A room's or a user's name, characters. */
export const ROOM_NAME_MAX = 64;
/** What a user may enter a room by, characters. */
export const ROOM_TOKEN_MAX = 200;
/** Users in one room. */
export const ROOM_MEMBERS_MAX = 50;
/** Name and description of a channel, characters. */
export const CHANNEL_NAME_MAX = 100;
export const CHANNEL_DESC_MAX = 500;
/** Channels named in one stop, and addresses of one channel. */
export const PUSH_CHANNELS_MAX = 16;
export const PUSH_URLS_MAX = 32;
/** Files of one recording. */
export const RECORD_FILES_MAX = 16;
/** Largest message of a publisher to its room, and of the room to it, characters of JSON. */
export const ROOM_MESSAGE_BYTES_MAX = 6000;
export const ROOM_ANSWER_BYTES_MAX = 24_000;
/** Messages a second a publisher may send to its room, and how many at once. */
export const ROOM_RATE = 10;
export const ROOM_BURST = 60;

/** Bytes of one piece of an HLS segment; the last one may be shorter. */
export const HLS_PIECE_BYTES = PIECE_BODY_MAX;
/** Largest segment that is shared, bytes. */
export const HLS_SEGMENT_BYTES_MAX = 64 * 1024 * 1024;
/** The name of a segment, characters. */
export const HLS_NAME_MAX = 600;
/** Seals in one playlist: a film of ten hours. */
export const HLS_SEALS_MAX = 20_000;
/** Bytes by which viewers name a segment to each other. */
export const HLS_KEY_BYTES = 8;
/** Segments named in one message. */
export const HLS_KEYS_MAX = 256;
/** Pieces asked for in one message. */
export const HLS_WANT_MAX = 64;
/** Digests of a sheet in one message. */
export const HLS_DIGESTS_MAX = 512;
/** Segments a viewer remembers of one neighbour; the oldest is forgotten. */
export const HLS_HELD_MAX = 2048;
