//! Whole FLV tags out of bytes in any chunking. Bytes are written straight into the buffer; a tag is given out once its
//! trailing size has confirmed it. After a broken place the stream looks for the earliest position at which a whole
//! plausible tag with a matching trailing size *ends*: that needs no waiting for a false candidate's claimed length,
//! looks at each byte once, and keeps no more than one largest tag.

use std::ops::Range;

use crate::bytes::u32_at;
use crate::fault::{Failure, SourceFault};
use crate::tag::{DATA_MAX, HEADER, OVERHEAD, TRAILER, plausible_size, trailer_fits};

/// Bytes of the file header of version 1.
const FILE_HEADER: usize = 9;
/// Largest file header accepted; the format allows it to grow.
const FILE_HEADER_MAX: usize = 64;
/// First size of the buffer.
const BUFFER: usize = 64 * 1024;

/// What comes next in the stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// A whole tag, as a range for `slice`; valid until `space` is called.
    Tag(Range<usize>),
    /// Bytes were skipped; the next step is the tag after them.
    Fault(SourceFault, u64),
    /// More bytes are needed.
    More,
    /// The stream is not FLV or has ended.
    Stopped,
}

#[derive(Clone, Copy)]
enum State {
    FileHeader,
    InSync,
    Searching { fault: SourceFault, from: u64 },
    Stopped,
}

/// An incremental reader of tags.
pub struct TagStream {
    state: State,
    max_data: usize,
    flags: u8,
    buffer: Vec<u8>,
    /// Stream offset of the buffer's first byte.
    base: u64,
    /// Whole tags kept for `run`.
    run: Range<usize>,
    /// First byte not given out.
    start: usize,
    /// While searching: the next position at which a tag may end.
    probe: usize,
    /// End of the bytes received.
    end: usize,
}

impl TagStream {
    /// A stream that begins with a file header. `max_data` limits the data of one tag.
    pub fn file(max_data: usize) -> Self {
        Self {
            state: State::FileHeader,
            max_data: max_data.min(DATA_MAX),
            flags: 0,
            buffer: Vec::new(),
            base: 0,
            run: 0..0,
            start: 0,
            probe: 0,
            end: 0,
        }
    }

    /// A stream that begins with a tag.
    pub fn tags(max_data: usize) -> Self {
        Self { state: State::InSync, ..Self::file(max_data) }
    }

    /// The flags of the file header: 1 video, 4 audio.
    pub fn flags(&self) -> u8 {
        self.flags
    }

    /// True once nothing can follow.
    pub fn stopped(&self) -> bool {
        matches!(self.state, State::Stopped)
    }

    /// Bytes held: kept tags and those not given out yet.
    pub fn held(&self) -> usize {
        self.end - self.low()
    }

    /// Room for `length` bytes; `commit` says how many were written. Ranges given out before become invalid.
    pub fn space(&mut self, length: usize) -> Result<&mut [u8], Failure> {
        if self.buffer.len() - self.end < length {
            self.compact();
        }
        let wanted = self.end + length;
        if self.buffer.len() < wanted {
            let size = wanted.max(self.buffer.len() * 2).max(BUFFER);
            self.buffer.try_reserve_exact(size - self.buffer.len()).map_err(|_| Failure::OutOfMemory)?;
            self.buffer.resize(size, 0);
        }
        Ok(&mut self.buffer[self.end..wanted])
    }

    /// Takes the first `length` bytes of `space` into the stream.
    pub fn commit(&mut self, length: usize) {
        if !self.stopped() {
            self.end = (self.end + length).min(self.buffer.len());
        }
    }

    /// `space`, copy and `commit`.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.space(bytes.len())?.copy_from_slice(bytes);
        self.commit(bytes.len());
        Ok(())
    }

    /// The bytes of a range given out.
    pub fn slice(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or(&[])
    }

    /// Where a range given out begins, counted from the first byte of the stream.
    pub fn offset_of(&self, range: &Range<usize>) -> u64 {
        self.base + range.start as u64
    }

    /// Gives out what comes next.
    pub fn step(&mut self) -> Step {
        loop {
            match self.state {
                State::FileHeader => match self.file_header() {
                    Some(true) => self.state = State::InSync,
                    Some(false) => return self.stop(SourceFault::BadSignature),
                    None => return Step::More,
                },
                State::InSync => match self.in_sync() {
                    Ok(step) => return step,
                    Err(fault) => self.lose(fault),
                },
                State::Searching { fault, from } => return self.search(fault, from),
                State::Stopped => return Step::Stopped,
            }
        }
    }

    /// Keeps a tag just given out for `run`, moving it up when bytes were skipped before it.
    pub fn keep(&mut self, tag: Range<usize>) {
        if self.run.is_empty() {
            self.run = tag;
            return;
        }
        let end = self.run.end + tag.len();
        if tag.start != self.run.end {
            self.buffer.copy_within(tag, self.run.end);
        }
        self.run.end = end;
    }

    /// All tags kept, in one range that is valid until `space` is called; they are kept no longer.
    pub fn take_run(&mut self) -> Range<usize> {
        std::mem::replace(&mut self.run, 0..0)
    }

    /// Forgets bytes that are not part of a whole tag; the next byte is the first of a tag.
    pub fn drop_partial(&mut self) {
        self.start = self.end;
        if !self.stopped() {
            self.state = State::InSync;
        }
    }

    /// Ends the stream and says what was left over.
    pub fn finish(&mut self) -> Option<(SourceFault, u64)> {
        let left = (self.end - self.start) as u64;
        let fault = match self.state {
            State::Searching { fault, from } => Some((fault, self.base + self.end as u64 - from)),
            State::InSync if left > 0 => Some((SourceFault::BadTag, left)),
            State::FileHeader if left > 0 => Some((SourceFault::BadSignature, left)),
            State::FileHeader | State::InSync | State::Stopped => None,
        };
        self.let_go();
        fault
    }

    /// Some(whether it is FLV), or None while undecided.
    fn file_header(&mut self) -> Option<bool> {
        let bytes = &self.buffer[self.start..self.end];
        if bytes.iter().zip(b"FLV\x01").any(|(found, wanted)| found != wanted) {
            return Some(false);
        }
        let length = u32_at(bytes, 5)? as usize;
        if !(FILE_HEADER..=FILE_HEADER_MAX).contains(&length) {
            return Some(false);
        }
        if bytes.len() < length + TRAILER {
            return None;
        }
        self.flags = bytes[4];
        self.start += length + TRAILER;
        Some(true)
    }

    fn in_sync(&mut self) -> Result<Step, SourceFault> {
        let bytes = &self.buffer[..self.end];
        if self.end - self.start < HEADER {
            return Ok(Step::More);
        }
        let size = plausible_size(bytes, self.start).ok_or(SourceFault::BadTag)?;
        if size > self.max_data {
            return Err(SourceFault::TagTooLarge);
        }
        let end = self.start + OVERHEAD + size;
        if end > self.end {
            return Ok(Step::More);
        }
        if !trailer_fits(bytes, self.start, size) {
            return Err(SourceFault::BadTag);
        }
        let tag = self.start..end;
        self.start = end;
        Ok(Step::Tag(tag))
    }

    fn lose(&mut self, fault: SourceFault) {
        self.state = State::Searching { fault, from: self.base + self.start as u64 };
        self.start += 1;
        self.probe = self.start + OVERHEAD;
    }

    fn search(&mut self, fault: SourceFault, from: u64) -> Step {
        while self.probe <= self.end {
            if let Some(at) = self.tag_ending_at(self.probe) {
                self.start = at;
                self.state = State::InSync;
                return Step::Fault(fault, self.base + at as u64 - from);
            }
            self.probe += 1;
        }
        // A tag that ends at a later probe cannot begin before this.
        self.start = self.start.max((self.end + 1).saturating_sub(self.max_data + OVERHEAD));
        Step::More
    }

    fn tag_ending_at(&self, end: usize) -> Option<usize> {
        let bytes = &self.buffer[..self.end];
        let size = (u32_at(bytes, end - TRAILER)? as usize).checked_sub(HEADER)?;
        if size > self.max_data {
            return None;
        }
        let at = end.checked_sub(OVERHEAD + size)?;
        (at >= self.start && plausible_size(bytes, at) == Some(size)).then_some(at)
    }

    fn stop(&mut self, fault: SourceFault) -> Step {
        self.let_go();
        Step::Fault(fault, 0)
    }

    /// Nothing follows, so that nothing but kept tags is held: a source that is no FLV may have come in one large chunk.
    fn let_go(&mut self) {
        self.state = State::Stopped;
        self.start = self.end;
    }

    fn low(&self) -> usize {
        if self.run.is_empty() { self.start } else { self.run.start }
    }

    fn compact(&mut self) {
        let low = self.low();
        self.buffer.copy_within(low..self.end, 0);
        self.base += low as u64;
        self.run = self.run.start.saturating_sub(low)..self.run.end.saturating_sub(low);
        self.start -= low;
        self.end -= low;
        self.probe = self.probe.saturating_sub(low);
    }
}
