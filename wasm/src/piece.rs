//! The header of a piece: 28 bytes, every one of them covered by the piece's signature.

use crate::bytes::{array_at, u16_at, u32_at};

/// Bytes of the header.
pub const HEADER: usize = 28;
/// Bytes of the signature after it.
pub const SIGNATURE: usize = 64;
/// Where the body begins.
pub const BODY_AT: usize = HEADER + SIGNATURE;
/// Largest body.
pub const BODY_MAX: usize = 8192;
/// Largest piece.
pub const PIECE_MAX: usize = BODY_AT + BODY_MAX;
/// `tag_start` of a body in which no tag begins.
pub const NO_TAG: u16 = 0xffff;

/// Flag: the body begins at the tag of a random access point.
pub const KEYFRAME: u8 = 1;
/// Flag: the body is ciphertext.
pub const ENCRYPTED: u8 = 2;
/// Flag: no piece of this epoch follows.
pub const LAST: u8 = 4;

const FRAME_TYPE: u8 = 0x10;
const CUT_MS_MAX: u64 = 0xffff_ffff_ffff;

/// What a piece says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// KEYFRAME, ENCRYPTED, LAST.
    pub flags: u8,
    /// Bytes of the body, 1 to BODY_MAX.
    pub length: u16,
    /// Names stream and epoch.
    pub epoch_tag: u32,
    /// Counts from 0 in each epoch.
    pub sequence: u32,
    /// FLV timestamp of the first tag that begins in the body, else of the tag it continues, ms.
    pub dts_ms: u32,
    /// The origin's wall clock at closing, ms.
    pub cut_ms: u64,
    /// Generation of the content key.
    pub generation: u16,
    /// Where in the body the first tag begins, or NO_TAG.
    pub tag_start: u16,
    /// Pieces since the first of the group; stops at 65,535.
    pub group_offset: u16,
}

impl Header {
    /// As bytes.
    pub fn encode(&self) -> [u8; HEADER] {
        let mut out = [0; HEADER];
        out[0] = FRAME_TYPE;
        out[1] = self.flags;
        out[2..4].copy_from_slice(&self.length.to_be_bytes());
        out[4..8].copy_from_slice(&self.epoch_tag.to_be_bytes());
        out[8..12].copy_from_slice(&self.sequence.to_be_bytes());
        out[12..16].copy_from_slice(&self.dts_ms.to_be_bytes());
        out[16..22].copy_from_slice(&self.cut_ms.min(CUT_MS_MAX).to_be_bytes()[2..]);
        out[22..24].copy_from_slice(&self.generation.to_be_bytes());
        out[24..26].copy_from_slice(&self.tag_start.to_be_bytes());
        out[26..28].copy_from_slice(&self.group_offset.to_be_bytes());
        out
    }

    /// Reads the header of a whole piece; None when a field or the length of the piece is impossible.
    pub fn of_piece(piece: &[u8]) -> Option<Self> {
        let header = Self {
            flags: *piece.get(1)?,
            length: u16_at(piece, 2)?,
            epoch_tag: u32_at(piece, 4)?,
            sequence: u32_at(piece, 8)?,
            dts_ms: u32_at(piece, 12)?,
            cut_ms: u64::from(u16_at(piece, 16)?) << 32 | u64::from(u32_at(piece, 18)?),
            generation: u16_at(piece, 22)?,
            tag_start: u16_at(piece, 24)?,
            group_offset: u16_at(piece, 26)?,
        };
        let length = usize::from(header.length);
        let possible = array_at(piece, 0) == Some([FRAME_TYPE])
            && header.flags & !(KEYFRAME | ENCRYPTED | LAST) == 0
            && (1..=BODY_MAX).contains(&length)
            && piece.len() == BODY_AT + length
            && (header.tag_start == NO_TAG || header.tag_start < header.length)
            && (header.flags & KEYFRAME == 0 || header.tag_start == 0)
            && u32::from(header.group_offset) <= header.sequence;
        possible.then_some(header)
    }

    /// Whether the body is ciphertext.
    pub fn encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }
}
