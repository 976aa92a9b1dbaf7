//! Whatever is sent as a piece: nothing but the very bytes the origin sealed is admitted.

use shoal::piece::{Header, PIECE_MAX};
use shoal::seal::{Epoch, Sealer};
use shoal::store::Admission;

use super::store::put;
use crate::dice::Dice;
use crate::pieces::{self, EPOCH, SECRET, SEED, STREAM};

/// One case.
pub fn run(dice: &mut Dice, flawed: bool) {
    let mut store = pieces::store(4 * PIECE_MAX);
    let sequence = dice.word() as u32;
    let piece = pieces::run(dice, sequence.min(u32::MAX - 1), 1).remove(0);
    let mut wire = piece.wire.clone();
    let found = match dice.below(6) {
        0 => {
            let length = dice.below(PIECE_MAX);
            let mut noise = dice.bytes(length);
            if let Some(first) = noise.first_mut() {
                *first = 0x10;
            }
            put(&mut store, &noise)
        }
        1 => {
            wire.truncate(dice.below(wire.len()));
            put(&mut store, &wire)
        }
        2 => {
            wire.push(0);
            put(&mut store, &wire)
        }
        3 => {
            let other = if dice.one_in(2) { (STREAM, [9; 10]) } else { ([9; 32], EPOCH) };
            let sealer = Sealer::new(Epoch::new(other.0, other.1), &SEED, Some(SECRET), 0);
            let found = put(&mut store, &sealer.seal(piece.header, &piece.clear));
            assert_eq!(found, Admission::Foreign);
            found
        }
        4 => {
            let sealer = Sealer::new(Epoch::new(STREAM, EPOCH), &[0x66; 32], Some(SECRET), 0);
            let found = put(&mut store, &sealer.seal(Header { flags: 0, ..piece.header }, &piece.clear));
            assert_eq!(found, Admission::BadSignature);
            found
        }
        _ => {
            let at = dice.below(wire.len());
            wire[at] ^= 1 << dice.below(8);
            put(&mut store, &wire)
        }
    };
    assert_ne!(found, Admission::Ok);
    assert_eq!(store.pieces(), 0);
    // The canary believes that the piece was lost with its forgery.
    assert_eq!(put(&mut store, &piece.wire) == Admission::Ok, !flawed);
    assert_eq!(put(&mut store, &piece.wire), Admission::Duplicate);
    assert!(store.find(piece.header.sequence) == Some(&piece.wire));
}
