//! Playing in and out of order, with and without keys: whole tags come out, and the same ones as in the obvious way.

use shoal::piece::PIECE_MAX;

use super::store::put;
use crate::dice::Dice;
use crate::naive_store::NaiveStore;
use crate::pieces;

/// One case.
pub fn run(dice: &mut Dice, flawed: bool) {
    let count = dice.between(1, 30);
    let first = dice.below(100) as u32;
    let known = pieces::run(dice, first, count);
    let mut store = pieces::store(40 * PIECE_MAX);
    let mut model = NaiveStore::new(39);
    for piece in &known {
        if !dice.one_in(15) {
            assert_eq!(put(&mut store, &piece.wire), model.admit(piece, true));
        }
    }
    let mut sequence = first;
    for _ in 0..dice.between(1, 60) {
        match dice.below(12) {
            0 => {
                let generation = dice.below(12) as u16;
                store.set_key(generation, pieces::key(generation));
                model.set_key(generation);
            }
            1 => {
                store.drop_partial();
                // The canary keeps an incomplete tag.
                if !flawed {
                    model.drop_partial();
                }
            }
            2 => assert!(store.take_played() == model.take()),
            3 => sequence = first + dice.below(count + 2) as u32,
            _ => {
                let played = store.play(sequence).expect("there is memory");
                assert_eq!(played, model.play(sequence));
                sequence = sequence.wrapping_add(1);
            }
        }
    }
    assert!(store.take_played() == model.take());
}
