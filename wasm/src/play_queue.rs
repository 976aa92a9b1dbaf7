//! Clear bytes on their way to the player. Pieces are decrypted straight into it; out come whole tags only, because
//! bytes missing inside a tag freeze a demuxer.

use chacha20::cipher::StreamCipher;

use crate::fault::Failure;
use crate::keys::Key;
use crate::piece::{BODY_AT, Header, NO_TAG};
use crate::seal;
use crate::tag::DATA_MAX;
use crate::tag_stream::{Step, TagStream};

/// Bytes that may wait to be taken: one largest tag and as much again.
const HELD_MAX: usize = 32 * 1024 * 1024;

/// The queue.
pub struct PlayQueue {
    tags: TagStream,
    /// The piece that continues the bytes so far; None when the next one starts at its first tag.
    next: Option<u32>,
}

impl PlayQueue {
    /// An empty queue.
    pub fn new() -> Self {
        Self { tags: TagStream::tags(DATA_MAX), next: None }
    }

    /// Appends the body of a verified piece. A piece that does not continue the one before starts at its first tag.
    pub fn append(&mut self, header: &Header, piece: &[u8], key: Option<&Key>) -> Result<(), Failure> {
        if self.next != Some(header.sequence) {
            self.drop_partial();
        }
        let skip = match (self.next, header.tag_start) {
            (Some(_), _) => 0,
            (None, NO_TAG) => return Ok(()),
            (None, start) => usize::from(start),
        };
        if self.tags.held() > HELD_MAX {
            return Err(Failure::OutOfMemory);
        }
        let body = piece.get(BODY_AT + skip..).unwrap_or(&[]);
        let room = self.tags.space(body.len())?;
        match key {
            Some(key) => seal::cipher(key, header.sequence, skip as u32).apply_keystream_b2b(body, room),
            None => room.copy_from_slice(body),
        }
        self.tags.commit(body.len());
        self.next = header.sequence.checked_add(1);
        self.scan();
        Ok(())
    }

    /// All whole tags, in one run that stays in place until `append` is called.
    pub fn take(&mut self) -> &[u8] {
        let run = self.tags.take_run();
        self.tags.slice(run)
    }

    /// Forgets an incomplete last tag; whole tags can still be taken.
    pub fn drop_partial(&mut self) {
        self.tags.drop_partial();
        self.next = None;
    }

    fn scan(&mut self) {
        loop {
            match self.tags.step() {
                Step::Tag(tag) => self.tags.keep(tag),
                // Signed by the origin and yet broken: what is skipped must not reach a demuxer.
                Step::Fault(..) => {}
                Step::More | Step::Stopped => return,
            }
        }
    }
}

impl Default for PlayQueue {
    fn default() -> Self {
        Self::new()
    }
}
