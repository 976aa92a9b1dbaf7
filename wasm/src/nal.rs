//! NAL units of AVC and HEVC as FLV carries them, each behind its length, and emulation prevention: inside a NAL unit
//! the bytes 00 00 are never followed by 00, 01, 02 or 03 unless a 03 was put between.

use std::ops::Range;

use crate::codec::Codec;

/// How the NAL units of a stream are written, from its codec header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NalForm {
    /// HEVC rather than AVC.
    pub hevc: bool,
    /// Bytes of a length: 1 to 4.
    pub length_size: usize,
}

/// A NAL unit reaches past the end of its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadNal;

impl NalForm {
    /// Reads an AVC or HEVC decoder configuration record.
    pub fn from_config(codec: Codec, config: &[u8]) -> Option<Self> {
        let (hevc, at) = match codec {
            Codec::Avc => (false, 4),
            Codec::Hevc => (true, 21),
            _ => return None,
        };
        Some(Self { hevc, length_size: usize::from(config.get(at)? & 3) + 1 })
    }

    /// Bytes of a NAL unit's own header.
    pub fn header_size(self) -> usize {
        if self.hevc { 2 } else { 1 }
    }

    /// Whether a NAL unit is supplemental information.
    pub fn is_sei(self, nal: &[u8]) -> bool {
        const AVC_SEI: u8 = 6;
        const HEVC_PREFIX_SEI: u8 = 39;
        const HEVC_SUFFIX_SEI: u8 = 40;
        match self.kind(nal) {
            Some(kind) if self.hevc => kind == HEVC_PREFIX_SEI || kind == HEVC_SUFFIX_SEI,
            kind => kind == Some(AVC_SEI),
        }
    }

    /// Whether a NAL unit is an access unit delimiter.
    pub fn is_delimiter(self, nal: &[u8]) -> bool {
        self.kind(nal) == Some(if self.hevc { 35 } else { 9 })
    }

    fn kind(self, nal: &[u8]) -> Option<u8> {
        let first = *nal.first()?;
        Some(if self.hevc { first >> 1 & 63 } else { first & 31 })
    }

    /// The NAL unit that begins with the length at `at`: its bytes without the length, or None at the very end.
    pub fn unit_at(self, units: &[u8], at: usize) -> Result<Option<Range<usize>>, BadNal> {
        if at == units.len() {
            return Ok(None);
        }
        let begin = at + self.length_size;
        let length = units.get(at..begin).ok_or(BadNal)?;
        let length = length.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
        let end = begin.checked_add(length).filter(|end| *end <= units.len()).ok_or(BadNal)?;
        Ok(Some(begin..end))
    }

    /// Appends a NAL unit behind its length; false when the length cannot express it.
    pub fn write(self, into: &mut Vec<u8>, nal: &[u8]) -> bool {
        let length = (nal.len() as u64).to_be_bytes();
        let (unused, used) = length.split_at(length.len() - self.length_size);
        if unused.iter().any(|byte| *byte != 0) {
            return false;
        }
        into.extend_from_slice(used);
        into.extend_from_slice(nal);
        true
    }
}

/// Appends bytes with emulation prevention. `into` must not end in zeros that belong to the same NAL unit.
pub fn escape(into: &mut Vec<u8>, bytes: &[u8]) {
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte <= 3 {
            into.push(3);
            zeros = 0;
        }
        into.push(byte);
        zeros = if byte == 0 { zeros + 1 } else { 0 };
    }
    // Trailing zero words need one at the very end, too.
    if zeros >= 2 {
        into.push(3);
    }
}

/// Appends bytes without their emulation prevention.
pub fn unescape(into: &mut Vec<u8>, bytes: &[u8]) {
    let mut zeros = 0;
    for &byte in bytes {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        into.push(byte);
        zeros = if byte == 0 { zeros + 1 } else { 0 };
    }
}
