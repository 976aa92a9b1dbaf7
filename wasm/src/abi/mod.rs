//! The line between the core and TypeScript. Only integers (and milliseconds as f64) cross the line; bytes lie in the
//! staging area on the way in, and the answer block says where they are on the way out. A negative answer is a
//! `Failure`. The TypeScript twin is `linear.ts`. There are two builds: with the feature `writer` the FLV writer of a
//! publisher is exported, without it everything a viewer and a server need.

#![cfg_attr(feature = "writer", allow(dead_code))]

#[cfg(not(feature = "writer"))]
mod cutter;
#[cfg(not(feature = "writer"))]
mod keys;
#[cfg(not(feature = "writer"))]
mod scanner;
#[cfg(not(feature = "writer"))]
mod store;
#[cfg(feature = "writer")]
mod writer;

use std::cell::RefCell;

use crate::cutter::Cutter;
use crate::cutting::Event;
use crate::fault::Failure;
use crate::handles::Handles;
use crate::scanner::Scanner;
use crate::store::Store;
#[cfg(feature = "writer")]
use crate::writer::Writer;

const ABI_VERSION: i32 = 1;
const STAGE_FIRST: usize = 256 * 1024;
const STAGE_MAX: usize = 64 * 1024 * 1024;
/// Bytes of the answer block.
const ANSWER: usize = 256;

/// Everything there is.
struct Core {
    stage: Vec<u8>,
    /// Small results; the first words are numbers in the machine's order.
    answer: [u8; ANSWER],
    cutters: Handles<Cutter>,
    current: Option<Event>,
    stores: Handles<Store>,
    scanners: Handles<Scanner>,
    #[cfg(feature = "writer")]
    writers: Handles<Writer>,
    /// What a writer gave last.
    #[cfg(feature = "writer")]
    written: Vec<u8>,
}

thread_local! {
    static CORE: RefCell<Core> = const {
        RefCell::new(Core {
            stage: Vec::new(),
            answer: [0; ANSWER],
            cutters: Handles::new(),
            current: None,
            stores: Handles::new(),
            scanners: Handles::new(),
            #[cfg(feature = "writer")]
            writers: Handles::new(),
            #[cfg(feature = "writer")]
            written: Vec::new(),
        })
    };
}

/// Runs one call. A trap in an earlier call leaves the core borrowed: it is poisoned for good.
fn call(work: impl FnOnce(&mut Core) -> Result<i32, Failure>) -> i32 {
    CORE.with(|core| match core.try_borrow_mut() {
        Ok(mut core) => work(&mut core).unwrap_or_else(|failure| failure as i32),
        Err(_) => Failure::Poisoned as i32,
    })
}

impl Core {
    /// The staged input.
    fn input(&self, length: usize) -> Result<&[u8], Failure> {
        self.stage.get(..length).ok_or(Failure::BadArgument)
    }

    /// The staged input, to be changed in place.
    fn input_mut(&mut self, length: usize) -> Result<&mut [u8], Failure> {
        self.stage.get_mut(..length).ok_or(Failure::BadArgument)
    }

    /// Puts bytes into the answer block.
    fn answer_bytes(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.answer.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    /// Puts words into the answer block, from the first on.
    fn answer_words(&mut self, words: &[u32]) {
        for (place, word) in self.answer.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
    }
}

/// Takes `N` bytes off the front of an input.
fn split<'a, const N: usize>(input: &mut &'a [u8]) -> Result<&'a [u8; N], Failure> {
    let (front, rest) = input.split_first_chunk::<N>().ok_or(Failure::BadArgument)?;
    *input = rest;
    Ok(front)
}

fn place(bytes: &[u8]) -> [u32; 2] {
    [bytes.as_ptr() as u32, bytes.len() as u32]
}

fn narrow(generation: u32) -> Result<u16, Failure> {
    u16::try_from(generation).map_err(|_| Failure::BadArgument)
}

#[unsafe(no_mangle)]
extern "C" fn abi_version() -> i32 {
    ABI_VERSION
}

/// Makes room for an input and says where; what was staged before may move.
#[unsafe(no_mangle)]
extern "C" fn stage(length: usize) -> i32 {
    call(|core| {
        if length > STAGE_MAX {
            return Err(Failure::BadArgument);
        }
        let wanted = length.max(STAGE_FIRST);
        if core.stage.len() < wanted {
            let more = wanted - core.stage.len();
            core.stage.try_reserve_exact(more).map_err(|_| Failure::OutOfMemory)?;
            core.stage.resize(wanted, 0);
        }
        Ok(core.stage.as_ptr() as i32)
    })
}

#[unsafe(no_mangle)]
extern "C" fn answer() -> i32 {
    call(|core| Ok(core.answer.as_ptr() as i32))
}
