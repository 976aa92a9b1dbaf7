//! Encryption and signature of pieces: one side makes them, the other verifies. The ciphertext is what is signed, so
//! that whoever passes a piece on can verify it without the key.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::bytes::array_at;
use crate::keys::{Key, content_key, epoch_tag};
use crate::mark::{Mark, PreviousGroup};
use crate::piece::{BODY_AT, ENCRYPTED, HEADER, Header, SIGNATURE};

const CONTEXT: &[u8; 14] = b"shoal piece v1";
const SIGNED: usize = 14 + 32 + 10 + HEADER + 32;

/// The names a piece belongs to.
#[derive(Clone, Copy)]
pub struct Epoch {
    /// Stream id.
    pub stream: [u8; 32],
    /// Epoch.
    pub epoch: [u8; 10],
    /// Both, as pieces name them.
    pub tag: u32,
}

impl Epoch {
    /// Derives the tag.
    pub fn new(stream: [u8; 32], epoch: [u8; 10]) -> Self {
        Self { stream, epoch, tag: epoch_tag(&stream, &epoch) }
    }

    fn signed_bytes(&self, header: &[u8; HEADER], body: &[u8]) -> [u8; SIGNED] {
        let mut out = [0; SIGNED];
        let mut at = 0;
        let digest = blake3::hash(body);
        for part in [&CONTEXT[..], &self.stream, &self.epoch, header, digest.as_bytes()] {
            out[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        out
    }

    /// Whether a whole piece is signed by `key`.
    pub fn verify(&self, key: &VerifyingKey, piece: &[u8]) -> bool {
        let (Some(header), Some(signature)) = (array_at(piece, 0), array_at::<SIGNATURE>(piece, HEADER)) else {
            return false;
        };
        let message = self.signed_bytes(&header, piece.get(BODY_AT..).unwrap_or(&[]));
        key.verify_strict(&message, &Signature::from_bytes(&signature)).is_ok()
    }
}

/// The key stream of one piece, placed `skip` bytes into its body. It is applied twice to get the same bytes back.
pub fn cipher(key: &Key, sequence: u32, skip: u32) -> ChaCha20 {
    let mut nonce = [0; 12];
    nonce[8..].copy_from_slice(&sequence.to_be_bytes());
    let mut cipher = ChaCha20::new(&(*key).into(), &nonce.into());
    if skip > 0 {
        cipher.seek(skip);
    }
    cipher
}

/// Makes the pieces of an epoch.
pub struct Sealer {
    names: Epoch,
    signing: SigningKey,
    secret: Option<Key>,
    key: Option<Key>,
    generation: u16,
}

impl Sealer {
    /// Without `secret` pieces are clear.
    pub fn new(names: Epoch, seed: &[u8; 32], secret: Option<Key>, generation: u16) -> Self {
        let signing = SigningKey::from_bytes(seed);
        let mut sealer = Self { names, signing, secret, key: None, generation };
        sealer.set_generation(generation);
        sealer
    }

    /// Encrypts from now on with the key of this generation.
    pub fn set_generation(&mut self, generation: u16) {
        self.generation = generation;
        self.key = self.secret.map(|secret| content_key(&secret, &self.names.epoch, generation));
    }

    /// A whole piece. Epoch tag, generation and the ENCRYPTED flag of the header are filled in here.
    pub fn seal(&self, header: Header, clear: &[u8]) -> Vec<u8> {
        let flags = header.flags | if self.key.is_some() { ENCRYPTED } else { 0 };
        let header = Header { flags, epoch_tag: self.names.tag, generation: self.generation, ..header };
        let bytes = header.encode();
        let mut piece = vec![0; BODY_AT + clear.len()];
        let (front, body) = piece.split_at_mut(BODY_AT);
        body.copy_from_slice(clear);
        if let Some(key) = &self.key {
            cipher(key, header.sequence, 0).apply_keystream(body);
        }
        let signature = self.signing.sign(&self.names.signed_bytes(&bytes, body));
        front[..HEADER].copy_from_slice(&bytes);
        front[HEADER..].copy_from_slice(&signature.to_bytes());
        piece
    }

    /// A signed mark for the piece `sequence`.
    pub fn mark(&self, sequence: u32, previous: PreviousGroup) -> Mark {
        let message = previous.signed_bytes(&self.names.stream, &self.names.epoch);
        Mark { epoch: self.names.epoch, sequence, previous, signature: self.signing.sign(&message).to_bytes() }
    }
}
