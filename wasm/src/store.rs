//! The pieces of one epoch a viewer holds, by sequence, under a hard cap. A piece is written into the spare slot and
//! verified there; only then does it count, and only then does the oldest one make room.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;

use crate::fault::Failure;
use crate::keys::Key;
use crate::piece::Header;
use crate::play_queue::PlayQueue;
use crate::seal::Epoch;
use crate::slots::{SLOT, Slots};

/// Content keys kept: those told last.
const KEYS_MAX: usize = 8;

/// What became of a piece. The numbers cross the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Admission {
    /// Verified and kept.
    Ok = 0,
    /// Held already; found before the signature is looked at.
    Duplicate = 1,
    /// Not a piece.
    Malformed = 2,
    /// Of another stream or epoch.
    Foreign = 3,
    /// Not signed by the origin.
    BadSignature = 4,
    /// Older than the oldest piece of a full store.
    Full = 5,
}

/// What became of a wish to play. The numbers cross the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Played {
    /// Appended to the play queue.
    Ok = 0,
    /// Not held.
    Missing = 1,
    /// Encrypted with a key that is not known.
    NoKey = 2,
}

struct Held {
    slot: usize,
    length: usize,
}

/// The store.
pub struct Store {
    names: Epoch,
    key: VerifyingKey,
    slots: Slots,
    spare: usize,
    held: BTreeMap<u32, Held>,
    limit: usize,
    content_keys: Vec<(u16, Key)>,
    queue: PlayQueue,
}

impl Store {
    /// An empty store; BadArgument when the cap has no room for two pieces or the key is none.
    pub fn new(names: Epoch, public_key: &[u8; 32], cap: usize) -> Result<Self, Failure> {
        let key = VerifyingKey::from_bytes(public_key).map_err(|_| Failure::BadArgument)?;
        // One slot is always spare: it takes the piece that is not verified yet.
        let limit = (cap / SLOT).checked_sub(1).filter(|limit| *limit > 0).ok_or(Failure::BadArgument)?;
        let mut slots = Slots::default();
        let spare = slots.take()?;
        Ok(Self {
            names,
            key,
            slots,
            spare,
            held: BTreeMap::new(),
            limit,
            content_keys: Vec::new(),
            queue: PlayQueue::new(),
        })
    }

    /// Tells the content key of a generation.
    pub fn set_key(&mut self, generation: u16, key: Key) {
        self.content_keys.retain(|(known, _)| *known != generation);
        if self.content_keys.len() >= KEYS_MAX {
            self.content_keys.remove(0);
        }
        self.content_keys.push((generation, key));
    }

    /// Where the next piece is written.
    pub fn spare_slot(&mut self) -> &mut [u8] {
        self.slots.bytes_mut(self.spare)
    }

    /// Judges the first `length` bytes of the spare slot and keeps them if they are good.
    pub fn admit(&mut self, length: usize) -> Admission {
        let piece = self.slots.bytes(self.spare, length);
        let Some(header) = Header::of_piece(piece) else { return Admission::Malformed };
        if header.epoch_tag != self.names.tag {
            return Admission::Foreign;
        }
        if self.held.contains_key(&header.sequence) {
            return Admission::Duplicate;
        }
        let oldest = self.held.first_key_value().map(|(sequence, _)| *sequence);
        if self.held.len() >= self.limit && oldest.is_some_and(|oldest| header.sequence < oldest) {
            return Admission::Full;
        }
        if !self.names.verify(&self.key, piece) {
            return Admission::BadSignature;
        }
        // When memory runs out below the cap, the store is full earlier.
        while self.held.len() >= self.limit || !self.take_spare(header.sequence, length) {
            if !self.evict_oldest() {
                return Admission::Full;
            }
        }
        Admission::Ok
    }

    /// The wire bytes of a piece.
    pub fn find(&self, sequence: u32) -> Option<&[u8]> {
        self.held.get(&sequence).map(|held| self.slots.bytes(held.slot, held.length))
    }

    /// Forgets all pieces below a sequence.
    pub fn evict_below(&mut self, sequence: u32) {
        while self.held.first_key_value().is_some_and(|(oldest, _)| *oldest < sequence) {
            self.evict_oldest();
        }
    }

    /// Pieces held.
    pub fn pieces(&self) -> usize {
        self.held.len()
    }

    /// Appends the clear bytes of a piece to the play queue.
    pub fn play(&mut self, sequence: u32) -> Result<Played, Failure> {
        let Some(held) = self.held.get(&sequence) else { return Ok(Played::Missing) };
        let piece = self.slots.bytes(held.slot, held.length);
        let Some(header) = Header::of_piece(piece) else { return Ok(Played::Missing) };
        let known = self.content_keys.iter().find(|(generation, _)| *generation == header.generation);
        let key = known.filter(|_| header.encrypted()).map(|(_, key)| key);
        if header.encrypted() && key.is_none() {
            return Ok(Played::NoKey);
        }
        self.queue.append(&header, piece, key)?;
        Ok(Played::Ok)
    }

    /// All whole tags played so far and not taken yet.
    pub fn take_played(&mut self) -> &[u8] {
        self.queue.take()
    }

    /// Forgets an incomplete last tag.
    pub fn drop_partial(&mut self) {
        self.queue.drop_partial();
    }

    /// Lists the spare slot under a sequence if there is another one to be the spare.
    fn take_spare(&mut self, sequence: u32, length: usize) -> bool {
        let Ok(next) = self.slots.take() else { return false };
        let slot = std::mem::replace(&mut self.spare, next);
        self.held.insert(sequence, Held { slot, length });
        true
    }

    fn evict_oldest(&mut self) -> bool {
        let oldest = self.held.pop_first();
        if let Some((_, held)) = &oldest {
            self.slots.give_back(held.slot);
        }
        oldest.is_some()
    }
}
