//! The byte core: everything that touches payload bytes, and nothing that decides. It scans FLV, inserts and strips
//! marks, cuts, encrypts and signs pieces, verifies and keeps them under a hard memory cap, and plays them out as whole
//! tags. For publishers it writes FLV. Input is never trusted: broken bytes become faults, and no input makes it panic, loop or grow without bound.

#[cfg(target_arch = "wasm32")]
mod abi;
pub mod bytes;
pub mod codec;
pub mod cutter;
pub mod cutting;
pub mod fault;
pub mod group;
pub mod handles;
pub mod keys;
pub mod mark;
pub mod nal;
pub mod open_piece;
pub mod piece;
pub mod play_queue;
pub mod prelude;
pub mod scanner;
pub mod seal;
pub mod sei;
pub mod slots;
pub mod store;
pub mod tag;
pub mod tag_stream;
pub mod writer;
