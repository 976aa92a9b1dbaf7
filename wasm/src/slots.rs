//! Fixed slots for pieces: allocated one by one as they are needed, used again and again.

use crate::fault::Failure;
use crate::piece::PIECE_MAX;

/// Bytes of a slot.
pub const SLOT: usize = PIECE_MAX;

/// A pool of slots; a slot is named by its number.
#[derive(Default)]
pub struct Slots {
    slots: Vec<Box<[u8]>>,
    free: Vec<usize>,
}

impl Slots {
    /// A slot nobody uses; OutOfMemory when there is none and no memory for one.
    pub fn take(&mut self) -> Result<usize, Failure> {
        if let Some(slot) = self.free.pop() {
            return Ok(slot);
        }
        let mut bytes = Vec::new();
        let room = bytes.try_reserve_exact(SLOT).and(self.slots.try_reserve(1)).and(self.free.try_reserve(1));
        room.map_err(|_| Failure::OutOfMemory)?;
        bytes.resize(SLOT, 0);
        self.slots.push(bytes.into_boxed_slice());
        Ok(self.slots.len() - 1)
    }

    /// Gives a slot back.
    pub fn give_back(&mut self, slot: usize) {
        self.free.push(slot);
    }

    /// The first `length` bytes of a slot.
    pub fn bytes(&self, slot: usize, length: usize) -> &[u8] {
        self.slots.get(slot).and_then(|bytes| bytes.get(..length)).unwrap_or(&[])
    }

    /// The whole slot, to be written.
    pub fn bytes_mut(&mut self, slot: usize) -> &mut [u8] {
        self.slots.get_mut(slot).map_or(&mut [], |bytes| &mut bytes[..])
    }
}
