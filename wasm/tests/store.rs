//! Edges of the store that random operations rarely reach.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use ed25519_dalek::SigningKey;
use shoal::fault::Failure;
use shoal::keys::{content_key, unwrap, wrap};
use shoal::piece::{Header, NO_TAG, PIECE_MAX};
use shoal::seal::{Epoch, Sealer};
use shoal::store::{Admission, Played, Store};
use shoal::tag::{self, AUDIO};

const SEED: [u8; 32] = [4; 32];

fn names() -> Epoch {
    Epoch::new([1; 32], [2; 10])
}

fn store() -> Store {
    Store::new(names(), SigningKey::from_bytes(&SEED).verifying_key().as_bytes(), 4 * PIECE_MAX).unwrap()
}

fn seal(sequence: u32, tag_start: u16, clear: &[u8], secret: Option<[u8; 32]>, generation: u16) -> Vec<u8> {
    let header = Header {
        flags: 0,
        length: clear.len() as u16,
        epoch_tag: 0,
        sequence,
        dts_ms: 0,
        cut_ms: 0,
        generation: 0,
        tag_start,
        group_offset: 0,
    };
    Sealer::new(names(), &SEED, secret, generation).seal(header, clear)
}

fn admit(store: &mut Store, sequence: u32, tag_start: u16, clear: &[u8], secret: Option<[u8; 32]>, generation: u16) {
    let wire = seal(sequence, tag_start, clear, secret, generation);
    store.spare_slot()[..wire.len()].copy_from_slice(&wire);
    assert_eq!(store.admit(wire.len()), Admission::Ok);
}

fn sound(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    tag::write(&mut out, AUDIO, 0, &[data]);
    out
}

#[test]
fn a_cap_without_room_for_two_or_a_key_that_is_none_is_refused() {
    let key = *SigningKey::from_bytes(&SEED).verifying_key().as_bytes();
    let made = |key: &[u8; 32], cap| Store::new(names(), key, cap).err();
    assert_eq!(made(&key, 2 * PIECE_MAX), None);
    assert_eq!(made(&key, 2 * PIECE_MAX - 1), Some(Failure::BadArgument));
    let not_a_point = std::array::from_fn(|at| if at == 0 { 2 } else { 0 });
    assert_eq!(made(&not_a_point, 2 * PIECE_MAX), Some(Failure::BadArgument));
}

#[test]
fn a_key_of_small_order_signs_nothing() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut store = Store::new(names(), &identity, 4 * PIECE_MAX).unwrap();
    let mut wire = seal(0, 0, &sound(b"abc"), None, 0);
    wire[28..92].fill(0);
    wire[28] = 1;
    store.spare_slot()[..wire.len()].copy_from_slice(&wire);
    assert_eq!(store.admit(wire.len()), Admission::BadSignature);
}

#[test]
fn after_the_last_sequence_comes_none() {
    let mut store = store();
    let whole = sound(b"abc");
    let (front, back) = whole.split_at(5);
    admit(&mut store, u32::MAX, 0, front, None, 0);
    admit(&mut store, 0, NO_TAG, back, None, 0);
    assert_eq!(store.play(u32::MAX), Ok(Played::Ok));
    assert_eq!(store.play(0), Ok(Played::Ok));
    assert!(store.take_played().is_empty());
}

#[test]
fn only_the_eight_keys_told_last_are_known() {
    let mut store = store();
    let secret = [9; 32];
    admit(&mut store, 0, 0, &sound(b"abc"), Some(secret), 1);
    assert_eq!(store.play(0), Ok(Played::NoKey));
    for generation in 1..=8 {
        store.set_key(generation, content_key(&secret, &[2; 10], generation));
    }
    assert_eq!(store.play(0), Ok(Played::Ok));
    assert_eq!(store.take_played(), sound(b"abc"));
    store.set_key(9, [0; 32]);
    assert_eq!(store.play(0), Ok(Played::NoKey));
}

#[test]
fn a_signed_stream_of_broken_tags_is_bounded_and_recovers() {
    let mut store = store();
    let good = sound(b"good");
    for sequence in 0..6000u32 {
        admit(&mut store, sequence, if sequence == 0 { 0 } else { NO_TAG }, &[0xee; 8000], None, 0);
        assert_eq!(store.play(sequence), Ok(Played::Ok));
        assert!(store.take_played().is_empty());
    }
    admit(&mut store, 6000, 0, &good, None, 0);
    assert_eq!(store.play(6000), Ok(Played::Ok));
    assert_eq!(store.take_played(), good);
}

#[test]
fn what_nobody_takes_is_refused_in_the_end() {
    let mut store = store();
    let whole = sound(&[1; 8000]);
    let refused = (0..6000u32).find(|sequence| {
        admit(&mut store, *sequence, 0, &whole, None, 0);
        store.play(*sequence) == Err(Failure::OutOfMemory)
    });
    assert!(refused.is_some_and(|sequence| sequence > 4000));
    assert!(store.take_played().len() > 4000 * whole.len());
    assert_eq!(store.play(refused.unwrap()), Ok(Played::Ok));
}

#[test]
fn a_wrapped_key_opens_only_with_everything_right() {
    let wrapped = wrap(b"code key", &[7; 24], b"context", &[8; 32]).unwrap();
    assert_eq!(unwrap(b"code key", b"context", &wrapped), Some([8; 32]));
    assert_eq!(unwrap(b"code kez", b"context", &wrapped), None);
    assert_eq!(unwrap(b"code key", b"contexu", &wrapped), None);
    for at in 0..wrapped.len() {
        let mut broken = wrapped;
        broken[at] ^= 1;
        assert_eq!(unwrap(b"code key", b"context", &broken), None, "byte {at}");
    }
}
