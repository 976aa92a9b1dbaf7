//! Names and keys derived with BLAKE3: the epoch tag, content keys by generation, and content keys wrapped under the key
//! of a code.

use blake3::Hasher;
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};

const EPOCH_CONTEXT: &[u8] = b"shoal epoch v1";
const CONTENT_CONTEXT: &str = "shoal 2026 content key v1";
const WRAP_CONTEXT: &str = "shoal 2026 key wrap v1";

const NONCE: usize = 24;
const KEY: usize = 32;
/// Bytes of a wrapped key: nonce, ciphertext, tag.
pub const WRAPPED: usize = NONCE + KEY + 16;

/// A 32-byte key.
pub type Key = [u8; KEY];

/// The four bytes by which a piece names its stream and epoch.
pub fn epoch_tag(stream: &[u8; 32], epoch: &[u8; 10]) -> u32 {
    let digest = Hasher::new().update(EPOCH_CONTEXT).update(stream).update(epoch).finalize();
    let [a, b, c, d, ..] = *digest.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// The content key of a generation.
pub fn content_key(secret: &Key, epoch: &[u8; 10], generation: u16) -> Key {
    let mut hasher = Hasher::new_derive_key(CONTENT_CONTEXT);
    hasher.update(secret).update(epoch).update(&generation.to_be_bytes());
    *hasher.finalize().as_bytes()
}

/// Wraps a content key; None only where the cipher refuses the size of `context`.
pub fn wrap(code_key: &[u8], nonce: &[u8; NONCE], context: &[u8], key: &Key) -> Option<[u8; WRAPPED]> {
    let mut wrapped = [0; WRAPPED];
    let mut body = *key;
    let tag =
        cipher(code_key).encrypt_inout_detached(&XNonce::from(*nonce), context, body.as_mut_slice().into()).ok()?;
    wrapped[..NONCE].copy_from_slice(nonce);
    wrapped[NONCE..NONCE + KEY].copy_from_slice(&body);
    wrapped[NONCE + KEY..].copy_from_slice(&tag);
    Some(wrapped)
}

/// The content key inside, if code key, context and bytes are the right ones.
pub fn unwrap(code_key: &[u8], context: &[u8], wrapped: &[u8; WRAPPED]) -> Option<Key> {
    let nonce: &[u8; NONCE] = wrapped.first_chunk()?;
    let mut body: Key = *wrapped.get(NONCE..)?.first_chunk()?;
    let tag: &[u8; 16] = wrapped.last_chunk()?;
    cipher(code_key)
        .decrypt_inout_detached(&XNonce::from(*nonce), context, body.as_mut_slice().into(), &Tag::from(*tag))
        .ok()?;
    Some(body)
}

fn cipher(code_key: &[u8]) -> XChaCha20Poly1305 {
    let mut hasher = Hasher::new_derive_key(WRAP_CONTEXT);
    hasher.update(code_key);
    XChaCha20Poly1305::new(&(*hasher.finalize().as_bytes()).into())
}
