//! Signed pieces for store, admission and play, and the names they belong to.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use ed25519_dalek::SigningKey;
use shoal::keys::content_key;
use shoal::piece::{Header, KEYFRAME, LAST, NO_TAG};
use shoal::seal::{Epoch, Sealer};
use shoal::store::Store;
use shoal::tag::{self, AUDIO};

use crate::dice::Dice;

/// Stream, epoch, secret and seed of all cases.
pub const STREAM: [u8; 32] = [1; 32];
/// Epoch.
pub const EPOCH: [u8; 10] = [2; 10];
/// Content secret.
pub const SECRET: [u8; 32] = [3; 32];
/// Signing seed.
pub const SEED: [u8; 32] = [4; 32];

/// A piece and what went into it.
#[derive(Clone)]
pub struct Sealed {
    /// As sent.
    pub wire: Vec<u8>,
    /// Body before encryption.
    pub clear: Vec<u8>,
    /// Its header.
    pub header: Header,
}

/// An empty store for these pieces.
pub fn store(cap: usize) -> Store {
    let key = SigningKey::from_bytes(&SEED).verifying_key();
    Store::new(Epoch::new(STREAM, EPOCH), key.as_bytes(), cap).expect("the cap is large enough")
}

/// The key of a generation.
pub fn key(generation: u16) -> [u8; 32] {
    content_key(&SECRET, &EPOCH, generation)
}

/// Consecutive pieces from `first` on that together hold whole tags; bodies are cut anywhere.
pub fn run(dice: &mut Dice, first: u32, count: usize) -> Vec<Sealed> {
    let lengths: Vec<usize> = (0..count).map(|_| 1 + dice.below_any(&[3, 60, 3000])).collect();
    let total: usize = lengths.iter().sum();
    let mut stream = Vec::new();
    let mut starts = Vec::new();
    while stream.len() < total {
        starts.push(stream.len());
        let length = dice.below_any(&[2, 100, 5000]);
        tag::write(&mut stream, AUDIO, dice.word() as u32, &[&dice.bytes(length)]);
    }
    let names = Epoch::new(STREAM, EPOCH);
    let generation = dice.below(4) as u16;
    let encrypted = !dice.one_in(5);
    let mut at = 0;
    let mut pieces = Vec::new();
    for (index, length) in lengths.into_iter().enumerate() {
        let sealer = Sealer::new(names, &SEED, encrypted.then_some(SECRET), generation + (index / 5) as u16);
        let clear = stream[at..at + length].to_vec();
        let begins = starts.iter().find(|start| (at..at + length).contains(start)).map(|start| start - at);
        let keyframe = begins == Some(0) && dice.one_in(2);
        let header = Header {
            flags: if keyframe { KEYFRAME } else { 0 } | if dice.one_in(50) { LAST } else { 0 },
            length: length as u16,
            epoch_tag: 0,
            sequence: first + index as u32,
            dts_ms: dice.word() as u32,
            cut_ms: dice.word() >> 16,
            generation: 0,
            tag_start: begins.map_or(NO_TAG, |begins| begins as u16),
            group_offset: 0,
        };
        let wire = sealer.seal(header, &clear);
        let header = Header::of_piece(&wire).expect("a sealed piece has a possible header");
        pieces.push(Sealed { wire, clear, header });
        at += length;
    }
    pieces
}

/// The clear body, by the rule in the format's description.
pub fn decrypt(sequence: u32, key: &[u8; 32], body: &[u8]) -> Vec<u8> {
    let nonce = [&[0; 8][..], &sequence.to_be_bytes()].concat();
    let mut out = body.to_vec();
    ChaCha20::new(&(*key).into(), nonce.as_slice().try_into().expect("12 bytes")).apply_keystream(&mut out);
    out
}
