//! Sequences of operations: the store does what the obvious one does and never holds more than it may.

use shoal::piece::PIECE_MAX;
use shoal::store::{Admission, Store};

use crate::dice::Dice;
use crate::naive_store::NaiveStore;
use crate::pieces::{self, Sealed};

/// One case.
pub fn run(dice: &mut Dice, flawed: bool) {
    let limit = dice.between(1, 12);
    let mut store = pieces::store((limit + 1) * PIECE_MAX + dice.below(PIECE_MAX));
    let mut model = NaiveStore::new(limit);
    model.flawed = flawed;
    let first = if dice.one_in(3) { u32::MAX - 30 } else { dice.below(1000) as u32 };
    let known = pieces::run(dice, first, 30);
    for _ in 0..dice.between(1, 80) {
        let piece = dice.pick(&known).clone();
        let sequence = piece.header.sequence;
        match dice.below(8) {
            0..5 => admit(dice, &mut store, &mut model, &piece),
            5 if dice.one_in(4) => {
                store.evict_below(sequence);
                model.evict_below(sequence);
            }
            _ => assert!(store.find(sequence) == model.find(sequence)),
        }
        assert_eq!(store.pieces(), model.held.len());
        assert!(store.pieces() <= limit);
    }
    for piece in &known {
        assert!(store.find(piece.header.sequence) == model.find(piece.header.sequence));
    }
}

fn admit(dice: &mut Dice, store: &mut Store, model: &mut NaiveStore, piece: &Sealed) {
    let mut wire = piece.wire.clone();
    let good = !dice.one_in(5);
    if !good {
        let at = dice.between(28, wire.len());
        wire[at] ^= 1 << dice.below(8);
    }
    let found = put(store, &wire);
    assert_eq!(found, model.admit(piece, good));
}

/// Writes a piece where the store wants it, as the ABI does.
pub fn put(store: &mut Store, wire: &[u8]) -> Admission {
    store.spare_slot()[..wire.len()].copy_from_slice(wire);
    store.admit(wire.len())
}
