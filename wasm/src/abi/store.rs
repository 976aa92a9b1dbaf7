//! The exports of the piece store.

use super::{call, narrow, place, split};
use crate::seal::Epoch;
use crate::store::Store;

/// Staged: stream, epoch, public key.
#[unsafe(no_mangle)]
extern "C" fn store_new(cap: usize) -> i32 {
    call(|core| {
        let mut input = core.input(74)?;
        let names = Epoch::new(*split(&mut input)?, *split(&mut input)?);
        let store = Store::new(names, split(&mut input)?, cap)?;
        core.stores.insert(store)
    })
}

/// Staged: the key.
#[unsafe(no_mangle)]
extern "C" fn store_key(handle: i32, generation: u32) -> i32 {
    call(|core| {
        let key = *split(&mut core.input(32)?)?;
        core.stores.get(handle)?.set_key(narrow(generation)?, key);
        Ok(0)
    })
}

/// Where the next piece is to be written.
#[unsafe(no_mangle)]
extern "C" fn store_slot(handle: i32) -> i32 {
    call(|core| Ok(core.stores.get(handle)?.spare_slot().as_ptr() as i32))
}

#[unsafe(no_mangle)]
extern "C" fn store_admit(handle: i32, length: usize) -> i32 {
    call(|core| Ok(core.stores.get(handle)?.admit(length) as i32))
}

/// Whether a piece is held; words: place and length.
#[unsafe(no_mangle)]
extern "C" fn store_find(handle: i32, sequence: u32) -> i32 {
    call(|core| {
        let found = core.stores.get(handle)?.find(sequence).map(place);
        core.answer_words(&found.unwrap_or([0; 2]));
        Ok(found.is_some().into())
    })
}

#[unsafe(no_mangle)]
extern "C" fn store_evict_below(handle: i32, sequence: u32) -> i32 {
    call(|core| {
        core.stores.get(handle)?.evict_below(sequence);
        Ok(0)
    })
}

#[unsafe(no_mangle)]
extern "C" fn store_pieces(handle: i32) -> i32 {
    call(|core| Ok(core.stores.get(handle)?.pieces() as i32))
}

#[unsafe(no_mangle)]
extern "C" fn store_play(handle: i32, sequence: u32) -> i32 {
    call(|core| Ok(core.stores.get(handle)?.play(sequence)? as i32))
}

/// Whether there are whole tags; words: place and length.
#[unsafe(no_mangle)]
extern "C" fn store_take(handle: i32) -> i32 {
    call(|core| {
        let found = place(core.stores.get(handle)?.take_played());
        core.answer_words(&found);
        Ok((found[1] > 0).into())
    })
}

#[unsafe(no_mangle)]
extern "C" fn store_drop_partial(handle: i32) -> i32 {
    call(|core| {
        core.stores.get(handle)?.drop_partial();
        Ok(0)
    })
}

#[unsafe(no_mangle)]
extern "C" fn store_free(handle: i32) -> i32 {
    call(|core| core.stores.remove(handle).map(|()| 0))
}
