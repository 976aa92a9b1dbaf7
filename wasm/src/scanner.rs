//! Tags of a stream as a list of facts, for whoever has the bytes and wants to know what they are.

use std::collections::VecDeque;

use crate::codec::{Facts, Role, describe};
use crate::fault::Failure;
use crate::mark::Mark;
use crate::nal::NalForm;
use crate::sei;
use crate::tag::{self, DATA_MAX};
use crate::tag_stream::{Step, TagStream};

/// Tags that may wait to be taken; beyond, the oldest are forgotten.
const WAITING_MAX: usize = 65_536;

/// One tag found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// What it is.
    pub facts: Facts,
    /// Where it begins in the stream.
    pub offset: u64,
    /// Header, data and trailing size.
    pub length: usize,
    /// The mark it carries.
    pub mark: Option<Box<Mark>>,
}

/// Broken places so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    /// How many.
    pub count: u32,
    /// Bytes skipped.
    pub skipped: u64,
}

/// The scanner.
pub struct Scanner {
    source: TagStream,
    form: Option<NalForm>,
    found: VecDeque<Scanned>,
    damage: Damage,
}

impl Scanner {
    /// At the file header of a stream.
    pub fn new() -> Self {
        Self { source: TagStream::file(DATA_MAX), form: None, found: VecDeque::new(), damage: Damage::default() }
    }

    /// Where the next `length` bytes are to be written.
    pub fn space(&mut self, length: usize) -> Result<&mut [u8], Failure> {
        self.source.space(length)
    }

    /// Takes the first `length` bytes of `space` and says how many tags ended in them.
    pub fn commit(&mut self, length: usize) -> usize {
        self.source.commit(length);
        let mut tags = 0;
        loop {
            match self.source.step() {
                Step::Tag(range) => {
                    let offset = self.source.offset_of(&range);
                    let scanned = scan(&mut self.form, self.source.slice(range.clone()), offset);
                    self.source.keep(range);
                    if self.found.len() == WAITING_MAX {
                        self.found.pop_front();
                    }
                    self.found.push_back(scanned);
                    tags += 1;
                }
                Step::Fault(_, skipped) => {
                    self.damage.count = self.damage.count.saturating_add(1);
                    self.damage.skipped = self.damage.skipped.saturating_add(skipped);
                }
                Step::More | Step::Stopped => return tags,
            }
        }
    }

    /// The oldest tag.
    pub fn next_tag(&mut self) -> Option<Scanned> {
        self.found.pop_front()
    }

    /// The whole tags that ended in the pushes since the last call, in one run. It must be called now and then: until
    /// it is, their bytes are held.
    pub fn take_run(&mut self) -> &[u8] {
        let run = self.source.take_run();
        self.source.slice(run)
    }

    /// Broken places so far.
    pub fn damage(&self) -> Damage {
        self.damage
    }

    /// Whether the stream turned out not to be FLV.
    pub fn stopped(&self) -> bool {
        self.source.stopped()
    }
}

impl Default for Scanner {
    fn default() -> Self {
        Self::new()
    }
}

fn scan(form: &mut Option<NalForm>, whole: &[u8], offset: u64) -> Scanned {
    let facts = describe(whole);
    let data = tag::data(whole);
    if let Role::Header(at) = facts.role
        && let Some(config) = data.get(at..)
    {
        *form = NalForm::from_config(facts.codec, config).or(*form);
    }
    let units = facts.units_at.filter(|_| facts.keyframe).and_then(|at| data.get(at..));
    let mark = form.zip(units).and_then(|(form, units)| sei::find(form, units)).map(Box::new);
    Scanned { facts, offset, length: whole.len(), mark }
}
