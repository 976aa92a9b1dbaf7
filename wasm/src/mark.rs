//! The mark an origin puts into a keyframe: which piece starts here, and the signed digest of the group before.

use crate::bytes::{array_at, u32_at};

/// Says that user data in an SEI is our mark. It holds no zero byte, so emulation prevention never changes it.
pub const UUID: [u8; 16] =
    [0x6f, 0x1d, 0x4c, 0x5e, 0x93, 0xab, 0x4e, 0x0f, 0x8d, 0x27, 0x5b, 0x1e, 0x0c, 0x7a, 0x94, 0xd2];
/// Version byte after the UUID.
pub const VERSION: u8 = 1;
/// Bytes of a mark after the version.
pub const BYTES: usize = 118;
/// Context of the group signature.
pub const CONTEXT: &[u8] = b"shoal group v1";

/// The group of pieces before a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousGroup {
    /// Sequence of its first piece.
    pub first: u32,
    /// Pieces in it.
    pub count: u32,
    /// BLAKE3 of their clear bytes.
    pub digest: [u8; 32],
}

impl PreviousGroup {
    /// What the first mark of an epoch says.
    pub const NONE: Self = Self { first: 0, count: 0, digest: [0; 32] };

    /// The bytes its signature covers.
    pub fn signed_bytes(&self, stream: &[u8; 32], epoch: &[u8; 10]) -> Vec<u8> {
        [CONTEXT, stream, epoch, &self.first.to_be_bytes(), &self.count.to_be_bytes(), &self.digest].concat()
    }
}

/// A mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The epoch of the pieces.
    pub epoch: [u8; 10],
    /// The piece that starts at the marked tag.
    pub sequence: u32,
    /// The group before.
    pub previous: PreviousGroup,
    /// The origin's signature over it.
    pub signature: [u8; 64],
}

impl Mark {
    /// UUID, version and fields: the payload of the SEI message.
    pub fn to_payload(&self) -> Vec<u8> {
        let Self { epoch, sequence, previous, signature } = self;
        let numbers = [*sequence, previous.first, previous.count].map(u32::to_be_bytes).concat();
        [&UUID, &[VERSION][..], epoch, &numbers, &previous.digest, signature].concat()
    }

    /// Reads a payload that begins with our UUID; None for another version or length.
    pub fn from_payload(payload: &[u8]) -> Option<Self> {
        let fields = payload.strip_prefix(&UUID)?.strip_prefix(&[VERSION])?;
        if fields.len() != BYTES {
            return None;
        }
        Some(Self {
            epoch: array_at(fields, 0)?,
            sequence: u32_at(fields, 10)?,
            previous: PreviousGroup {
                first: u32_at(fields, 14)?,
                count: u32_at(fields, 18)?,
                digest: array_at(fields, 22)?,
            },
            signature: array_at(fields, 54)?,
        })
    }

    /// The fields as they cross the ABI: the payload without UUID and version.
    pub fn to_fields(&self) -> Vec<u8> {
        self.to_payload().split_off(UUID.len() + 1)
    }
}
