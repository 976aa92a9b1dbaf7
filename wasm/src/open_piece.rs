//! The piece that is being filled: its bytes, what begins in them, and when it is due.

use crate::piece::{BODY_MAX, NO_TAG};

/// A piece of at least this many bytes is closed early.
const EARLY_BYTES: usize = 4096;
/// Age at which such a piece is closed, ms.
const EARLY_MS: f64 = 40.0;
/// Age at which any piece is closed, ms.
const LATEST_MS: f64 = 100.0;

/// The body under construction.
pub struct OpenPiece {
    /// Clear bytes so far.
    pub body: Vec<u8>,
    /// Timestamp of the first tag that begins in the body, else of the tag it continues, ms.
    pub dts: u32,
    /// Where the first tag begins, or NO_TAG.
    pub tag_start: u16,
    opened_ms: f64,
}

impl OpenPiece {
    /// Without bytes.
    pub fn empty() -> Self {
        Self { body: Vec::with_capacity(BODY_MAX), dts: 0, tag_start: NO_TAG, opened_ms: 0.0 }
    }

    /// Takes as much of a tag as fits and returns how many bytes that is. `begins` when they are the tag's first ones.
    pub fn fill(&mut self, bytes: &[u8], dts: u32, begins: bool, now_ms: f64) -> usize {
        if self.body.is_empty() {
            self.opened_ms = now_ms;
            self.dts = dts;
            self.tag_start = NO_TAG;
        }
        if begins && self.tag_start == NO_TAG {
            self.tag_start = self.body.len() as u16;
            self.dts = dts;
        }
        let taken = bytes.len().min(BODY_MAX - self.body.len());
        self.body.extend_from_slice(bytes.get(..taken).unwrap_or(&[]));
        taken
    }

    /// Whether no byte more fits.
    pub fn is_full(&self) -> bool {
        self.body.len() >= BODY_MAX
    }

    /// When it must be closed, if there is anything in it.
    pub fn due_ms(&self) -> Option<f64> {
        let age = if self.body.len() >= EARLY_BYTES { EARLY_MS } else { LATEST_MS };
        (!self.body.is_empty()).then_some(self.opened_ms + age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_piece_is_due_earlier() {
        let mut open = OpenPiece::empty();
        assert_eq!(open.due_ms(), None);
        open.fill(&[0; 4095], 0, true, 1000.0);
        assert_eq!(open.due_ms(), Some(1100.0));
        open.fill(&[0; 1], 0, false, 1050.0);
        assert_eq!(open.due_ms(), Some(1040.0));
    }
}
