//! What a tag of the maker's is, read from its first bytes.

use shoal::codec::{self, Codec, Role};

/// The data of a tag.
pub fn data(tag: &[u8]) -> &[u8] {
    &tag[11..tag.len() - 4]
}

/// Its timestamp.
pub fn dts_of(tag: &[u8]) -> u32 {
    u32::from_be_bytes([tag[7], tag[4], tag[5], tag[6]])
}

/// What the maker's tags are; it knows only the forms the maker writes.
pub struct Facts {
    /// Whether NAL units are HEVC's.
    pub hevc: Option<bool>,
    /// Where a decoder configuration begins.
    pub header: Option<usize>,
    /// Coded sound or pictures.
    pub frame: bool,
    /// A random access point.
    pub keyframe: bool,
    /// Where NAL units begin.
    pub units: Option<usize>,
}

/// Reads a tag.
pub fn describe(tag: &[u8]) -> Facts {
    let bytes = data(tag);
    let blank = Facts { hevc: None, header: None, frame: false, keyframe: false, units: None };
    let real = codec::describe(tag);
    let Some(&first) = bytes.first() else { return blank };
    match (tag[0], first) {
        (8, 0xaf) if bytes.get(1) == Some(&0) => Facts { header: Some(2), ..blank },
        (8, 0xaf) if bytes.get(1) == Some(&1) => Facts { frame: true, ..blank },
        (8, 0x2f) => Facts { frame: true, ..blank },
        (8, 0x91) => Facts { frame: true, ..blank },
        (8, 0x95) if bytes.get(1) == Some(&1) => Facts { frame: true, ..blank },
        (9, 0x17 | 0x27 | 0x1c | 0x2c) => {
            let hevc = Some(first % 16 == 12);
            match bytes.get(1) {
                Some(0) => Facts { hevc, header: Some(5), ..blank },
                Some(1) => Facts { hevc, frame: true, keyframe: first < 0x20, units: Some(5), ..blank },
                _ => blank,
            }
        }
        // Damaged first bytes lead to forms that the maker does not write.
        _ => Facts {
            hevc: match real.codec {
                Codec::Avc => Some(false),
                Codec::Hevc => Some(true),
                _ => None,
            },
            header: match real.role {
                Role::Header(at) => Some(at),
                _ => None,
            },
            frame: real.role == Role::Frame,
            keyframe: real.keyframe,
            units: real.units_at,
        },
    }
}
