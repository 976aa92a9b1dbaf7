//! The obvious store: a list of pieces, sorted by hand, and a list of clear bytes.

use shoal::store::{Admission, Played};

use crate::naive_scan::{self, Item};
use crate::pieces::Sealed;

/// The model. It is told whether a piece is good; it does not check.
pub struct NaiveStore {
    /// Pieces it may hold.
    pub limit: usize,
    /// The flaw of the canary: the newest piece makes room, not the oldest.
    pub flawed: bool,
    /// Sorted by sequence.
    pub held: Vec<Sealed>,
    keys: Vec<u16>,
    played: Vec<u8>,
    next: Option<u64>,
}

impl NaiveStore {
    /// Empty.
    pub fn new(limit: usize) -> Self {
        Self { limit, flawed: false, held: Vec::new(), keys: Vec::new(), played: Vec::new(), next: None }
    }

    fn place(&self, sequence: u32) -> Option<usize> {
        self.held.iter().position(|piece| piece.header.sequence == sequence)
    }

    /// A piece arrives; `good` says whether its signature is.
    pub fn admit(&mut self, piece: &Sealed, good: bool) -> Admission {
        let sequence = piece.header.sequence;
        let full = self.held.len() == self.limit;
        if self.place(sequence).is_some() {
            return Admission::Duplicate;
        }
        if full && self.held.iter().all(|held| held.header.sequence > sequence) {
            return Admission::Full;
        }
        if !good {
            return Admission::BadSignature;
        }
        if full {
            self.held.remove(if self.flawed { self.limit - 1 } else { 0 });
        }
        self.held.push(piece.clone());
        self.held.sort_by_key(|piece| piece.header.sequence);
        Admission::Ok
    }

    /// The wire bytes of a piece.
    pub fn find(&self, sequence: u32) -> Option<&[u8]> {
        self.place(sequence).map(|place| &self.held[place].wire[..])
    }

    /// Forgets old pieces.
    pub fn evict_below(&mut self, sequence: u32) {
        self.held.retain(|piece| piece.header.sequence >= sequence);
    }

    /// A key becomes known.
    pub fn set_key(&mut self, generation: u16) {
        self.keys.retain(|known| *known != generation);
        self.keys.push(generation);
        if self.keys.len() > 8 {
            self.keys.remove(0);
        }
    }

    /// A piece is played.
    pub fn play(&mut self, sequence: u32) -> Played {
        let Some(place) = self.place(sequence) else { return Played::Missing };
        let piece = self.held[place].clone();
        if piece.header.encrypted() && !self.keys.contains(&piece.header.generation) {
            return Played::NoKey;
        }
        if self.next != Some(u64::from(sequence)) {
            self.drop_partial();
            let start = usize::from(piece.header.tag_start);
            if start == 0xffff {
                return Played::Ok;
            }
            self.played.extend(&piece.clear[start..]);
        } else {
            self.played.extend(&piece.clear);
        }
        self.next = Some(u64::from(sequence) + 1);
        Played::Ok
    }

    fn whole(&self) -> usize {
        let items = naive_scan::scan(&self.played, usize::MAX, false, false);
        items.iter().map(|item| if let Item::Tag(at, length) = item { at + length } else { 0 }).max().unwrap_or(0)
    }

    /// Whole tags played so far.
    pub fn take(&mut self) -> Vec<u8> {
        let rest = self.played.split_off(self.whole());
        std::mem::replace(&mut self.played, rest)
    }

    /// The incomplete tag at the end goes.
    pub fn drop_partial(&mut self) {
        self.played.truncate(self.whole());
        self.next = None;
    }
}
