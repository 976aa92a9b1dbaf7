//! The exports that hash, sign, verify and derive keys: staged bytes in, a few bytes in the answer block out.

use chacha20::cipher::StreamCipher;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::{call, split};
use crate::fault::Failure;
use crate::{keys, seal};

/// Staged: any bytes. Answer: 32 bytes.
#[unsafe(no_mangle)]
extern "C" fn blake3(length: usize) -> i32 {
    call(|core| {
        let digest = blake3::hash(core.input(length)?);
        core.answer_bytes(0, digest.as_bytes());
        Ok(0)
    })
}

/// Staged: any bytes, encrypted in place under their own first 32; for benchmarks.
#[unsafe(no_mangle)]
extern "C" fn chacha20(length: usize) -> i32 {
    call(|core| {
        let key = *split(&mut core.input(length)?)?;
        seal::cipher(&key, 0, 0).apply_keystream(core.input_mut(length)?);
        Ok(0)
    })
}

/// Staged: a seed. Answer: 32 bytes.
#[unsafe(no_mangle)]
extern "C" fn public_key() -> i32 {
    call(|core| {
        let key = SigningKey::from_bytes(split(&mut core.input(32)?)?).verifying_key();
        core.answer_bytes(0, key.as_bytes());
        Ok(0)
    })
}

/// Staged: a seed, the message. Answer: 64 bytes.
#[unsafe(no_mangle)]
extern "C" fn sign(length: usize) -> i32 {
    call(|core| {
        let mut message = core.input(length)?;
        let key = SigningKey::from_bytes(split(&mut message)?);
        let signature = key.sign(message).to_bytes();
        core.answer_bytes(0, &signature);
        Ok(0)
    })
}

/// Staged: public key, signature, message. 1 when it is good.
#[unsafe(no_mangle)]
extern "C" fn verify(length: usize) -> i32 {
    call(|core| {
        let mut message = core.input(length)?;
        let key = VerifyingKey::from_bytes(split(&mut message)?);
        let signature = Signature::from_bytes(split(&mut message)?);
        Ok(key.is_ok_and(|key| key.verify_strict(message, &signature).is_ok()).into())
    })
}

/// Staged: secret, epoch. Answer: 32 bytes.
#[unsafe(no_mangle)]
extern "C" fn content_key(generation: u32) -> i32 {
    call(|core| {
        let generation = u16::try_from(generation).map_err(|_| Failure::BadArgument)?;
        let mut input = core.input(42)?;
        let key = keys::content_key(split(&mut input)?, split(&mut input)?, generation);
        core.answer_bytes(0, &key);
        Ok(0)
    })
}

/// Staged: nonce, content key, code key, context. Answer: 72 bytes.
#[unsafe(no_mangle)]
extern "C" fn wrap_key(code_key: usize, context: usize) -> i32 {
    call(|core| {
        let mut input = core.input(56usize.saturating_add(code_key).saturating_add(context))?;
        let (nonce, key) = (split(&mut input)?, split(&mut input)?);
        let (code_key, context) = input.split_at_checked(code_key).ok_or(Failure::BadArgument)?;
        let wrapped = keys::wrap(code_key, nonce, context, key).ok_or(Failure::BadArgument)?;
        core.answer_bytes(0, &wrapped);
        Ok(0)
    })
}

/// Staged: wrapped key, code key, context. 1 and 32 bytes when it opens.
#[unsafe(no_mangle)]
extern "C" fn unwrap_key(code_key: usize, context: usize) -> i32 {
    call(|core| {
        let mut input = core.input(keys::WRAPPED.saturating_add(code_key).saturating_add(context))?;
        let wrapped = split(&mut input)?;
        let (code_key, context) = input.split_at_checked(code_key).ok_or(Failure::BadArgument)?;
        let Some(key) = keys::unwrap(code_key, context, wrapped) else { return Ok(0) };
        core.answer_bytes(0, &key);
        Ok(1)
    })
}

/// Staged: stream, epoch. Answer: one word.
#[unsafe(no_mangle)]
extern "C" fn epoch_tag() -> i32 {
    call(|core| {
        let mut input = core.input(42)?;
        let tag = keys::epoch_tag(split(&mut input)?, split(&mut input)?);
        core.answer_words(&[tag]);
        Ok(0)
    })
}
