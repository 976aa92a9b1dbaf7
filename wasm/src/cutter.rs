//! From a source to pieces: reads whole tags and hands them to the cutting. Wall-clock time comes in with every call.

use crate::codec::describe;
use crate::cutting::{Cutting, Event};
use crate::fault::Failure;
use crate::seal::Sealer;
use crate::tag::DATA_MAX;
use crate::tag_stream::{Step, TagStream};

/// Bytes of events that may wait to be taken.
const WAITING_MAX: usize = 64 * 1024 * 1024;
/// Room a mark may need in a tag.
const MARK_ROOM: usize = 1024;

/// One cutting of one source.
pub struct Cutter {
    source: TagStream,
    cutting: Cutting,
}

impl Cutter {
    /// Starts at the file header of a source and at sequence 0. Tags with more data than `max_tag` are skipped.
    pub fn new(sealer: Sealer, marking: bool, max_tag: usize) -> Self {
        Self { source: TagStream::file(max_tag.min(DATA_MAX - MARK_ROOM)), cutting: Cutting::new(sealer, marking) }
    }

    /// Takes bytes of the source.
    pub fn push(&mut self, bytes: &[u8], now_ms: f64) -> Result<(), Failure> {
        if self.cutting.finished() {
            return Err(Failure::BadArgument);
        }
        if self.cutting.waiting() > WAITING_MAX {
            return Err(Failure::OutOfMemory);
        }
        self.cutting.tick(now_ms);
        self.source.push(bytes)?;
        loop {
            match self.source.step() {
                Step::Tag(range) => {
                    let whole = self.source.slice(range);
                    self.cutting.take(&describe(whole), whole, self.source.flags(), now_ms);
                }
                Step::Fault(fault, skipped) => self.cutting.say_fault(fault, skipped),
                Step::More | Step::Stopped => break,
            }
        }
        self.cutting.tick(now_ms);
        Ok(())
    }

    /// Closes the open piece if it is due.
    pub fn tick(&mut self, now_ms: f64) {
        self.cutting.tick(now_ms);
    }

    /// When `tick` has something to do.
    pub fn due_ms(&self) -> Option<f64> {
        self.cutting.due_ms()
    }

    /// The source ended: makes the final piece.
    pub fn finish(&mut self, now_ms: f64) {
        if let Some((fault, skipped)) = self.source.finish() {
            self.cutting.say_fault(fault, skipped);
        }
        self.cutting.finish(now_ms);
    }

    /// Encrypts from the next piece on with the key of this generation.
    pub fn set_generation(&mut self, generation: u16) {
        self.cutting.set_generation(generation);
    }

    /// The oldest event.
    pub fn next_event(&mut self) -> Option<Event> {
        self.cutting.next_event()
    }
}
