//! One FLV tag as bytes: an 11-byte header, data, and the 4-byte PreviousTagSize that follows it.

use crate::bytes::{u24_at, u32_at};

/// Bytes of a tag header.
pub const HEADER: usize = 11;
/// Bytes after the data.
pub const TRAILER: usize = 4;
/// Bytes of a tag besides its data.
pub const OVERHEAD: usize = HEADER + TRAILER;
/// Largest data size the format can express.
pub const DATA_MAX: usize = 0xff_ffff;

/// Tag type of sound.
pub const AUDIO: u8 = 8;
/// Tag type of pictures.
pub const VIDEO: u8 = 9;
/// Tag type of metadata.
pub const SCRIPT: u8 = 18;

/// The data size at `at`, if a plausible tag header stands there: a known type and stream id 0.
#[inline]
pub fn plausible_size(bytes: &[u8], at: usize) -> Option<usize> {
    let kind = *bytes.get(at)?;
    let known = kind == VIDEO || kind == AUDIO || kind == SCRIPT;
    (known && u24_at(bytes, at + 8)? == 0).then_some(u24_at(bytes, at + 1)? as usize)
}

/// The timestamp of a tag, ms; 0 when there are too few bytes.
#[inline]
pub fn timestamp(tag: &[u8]) -> u32 {
    let low = u24_at(tag, 4).unwrap_or(0);
    low | u32::from(tag.get(7).copied().unwrap_or(0)) << 24
}

/// The data of a whole tag.
#[inline]
pub fn data(tag: &[u8]) -> &[u8] {
    tag.get(HEADER..tag.len().saturating_sub(TRAILER)).unwrap_or(&[])
}

/// Whether the trailing size fits a tag whose data has `size` bytes and starts at `at`.
#[inline]
pub fn trailer_fits(bytes: &[u8], at: usize, size: usize) -> bool {
    u32_at(bytes, at + HEADER + size) == Some((HEADER + size) as u32)
}

/// Appends a whole tag.
pub fn write(into: &mut Vec<u8>, kind: u8, timestamp: u32, data: &[&[u8]]) {
    let size = data.iter().map(|part| part.len()).sum::<usize>() as u32;
    into.extend_from_slice(&(u32::from(kind) << 24 | size & 0xff_ffff).to_be_bytes());
    into.extend_from_slice(&timestamp.rotate_left(8).to_be_bytes());
    into.extend_from_slice(&[0; 3]);
    for part in data {
        into.extend_from_slice(part);
    }
    into.extend_from_slice(&(HEADER as u32 + size).to_be_bytes());
}
