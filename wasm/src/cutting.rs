//! From tags to pieces: each tag is marked or stripped, appended to the open piece, and pieces are sealed as they close.

use std::collections::VecDeque;

use crate::codec::{Facts, Role};
use crate::fault::SourceFault;
use crate::group::{AccessPoints, Group};
use crate::mark::{Mark, PreviousGroup};
use crate::nal::NalForm;
use crate::open_piece::OpenPiece;
use crate::piece::{Header, KEYFRAME, LAST};
use crate::prelude::Prelude;
use crate::seal::Sealer;
use crate::sei;
use crate::tag::{self, SCRIPT};

/// The data of the tag that carries the end when no other byte is left to carry it: an event and a number.
const END_SCRIPT: &[u8] = b"\x02\x00\x0bonStreamEnd\x00\x00\x00\x00\x00\x00\x00\x00\x00";

/// What the cutter says.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// The prelude as it stands for the next group.
    Prelude(Vec<u8>),
    /// A sealed piece and its clear body.
    Piece {
        /// Header, signature, body.
        wire: Vec<u8>,
        /// Body before encryption.
        clear: Vec<u8>,
    },
    /// A broken place and how many bytes were skipped.
    Fault(SourceFault, u64),
}

/// What turns tags into pieces.
pub struct Cutting {
    sealer: Sealer,
    marking: bool,
    form: Option<NalForm>,
    access: AccessPoints,
    prelude: Prelude,
    group: Group,
    open: OpenPiece,
    sequence: u32,
    last_dts: u32,
    finished: bool,
    events: VecDeque<Event>,
    waiting: usize,
}

impl Cutting {
    /// Starts at sequence 0.
    pub fn new(sealer: Sealer, marking: bool) -> Self {
        Self {
            sealer,
            marking,
            form: None,
            access: AccessPoints::new(),
            prelude: Prelude::default(),
            group: Group::before_first(),
            open: OpenPiece::empty(),
            sequence: 0,
            last_dts: 0,
            finished: false,
            events: VecDeque::new(),
            waiting: 0,
        }
    }

    /// Whether the final piece was made.
    pub fn finished(&self) -> bool {
        self.finished
    }

    /// Bytes of events that wait to be taken.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// When `tick` has something to do.
    pub fn due_ms(&self) -> Option<f64> {
        self.open.due_ms()
    }

    /// Encrypts from the next piece on with the key of this generation.
    pub fn set_generation(&mut self, generation: u16) {
        self.sealer.set_generation(generation);
    }

    /// The oldest event.
    pub fn next_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front()?;
        self.waiting -= weight(&event);
        Some(event)
    }

    /// Reports a broken place.
    pub fn say_fault(&mut self, fault: SourceFault, skipped: u64) {
        self.say(Event::Fault(fault, skipped));
    }

    /// Closes the open piece if it is due.
    pub fn tick(&mut self, now_ms: f64) {
        if self.due_ms().is_some_and(|due| now_ms >= due) {
            self.close(now_ms, 0);
        }
    }

    /// Takes one whole tag. `flags` are those of the source's file header.
    pub fn take(&mut self, facts: &Facts, whole: &[u8], flags: u8, now_ms: f64) {
        if let Role::Header(at) = facts.role
            && let Some(config) = tag::data(whole).get(at..)
        {
            self.form = NalForm::from_config(facts.codec, config).or(self.form);
        }
        if !self.prelude.see(facts, whole) {
            self.say_fault(SourceFault::TagTooLarge, 0);
        }
        let previous = self.access.starts_at(facts, flags).then(|| self.start_group(flags, now_ms));
        let mark = previous.filter(|_| self.marking).map(|previous| self.sealer.mark(self.sequence, previous));
        self.last_dts = facts.dts;
        match self.rewritten(facts, whole, mark.as_ref()) {
            Some(tag) => self.append(&tag, facts.dts, now_ms),
            None => self.append(whole, facts.dts, now_ms),
        }
    }

    /// Makes the final piece. Where no byte is left to carry the end, a script tag does.
    pub fn finish(&mut self, now_ms: f64) {
        if self.finished {
            return;
        }
        if self.open.body.is_empty() {
            let mut end = Vec::new();
            tag::write(&mut end, SCRIPT, self.last_dts, &[END_SCRIPT]);
            self.append(&end, self.last_dts, now_ms);
        }
        self.close(now_ms, LAST);
    }

    /// Ends the group before the next piece and says what the mark tells of it.
    fn start_group(&mut self, flags: u8, now_ms: f64) -> PreviousGroup {
        if !self.open.body.is_empty() {
            self.close(now_ms, 0);
        }
        if let Some(bytes) = self.prelude.take_changed(flags) {
            self.say(Event::Prelude(bytes));
        }
        let previous = self.group.as_previous();
        self.group.start(self.sequence);
        previous
    }

    /// The tag with our marks put in or taken out, if that changes it.
    fn rewritten(&mut self, facts: &Facts, whole: &[u8], mark: Option<&Mark>) -> Option<Vec<u8>> {
        let (front, units) = tag::data(whole).split_at_checked(facts.units_at?)?;
        let Ok(units) = sei::rewrite(self.form?, units, mark) else {
            self.say_fault(SourceFault::BadNal, 0);
            return None;
        };
        let units = units?;
        let mut out = Vec::with_capacity(front.len() + units.len() + tag::OVERHEAD);
        tag::write(&mut out, facts.kind, facts.dts, &[front, &units]);
        Some(out)
    }

    fn append(&mut self, whole: &[u8], dts: u32, now_ms: f64) {
        let mut at = 0;
        while at < whole.len() && !self.finished {
            at += self.open.fill(whole.get(at..).unwrap_or(&[]), dts, at == 0, now_ms);
            if self.open.is_full() {
                self.close(now_ms, 0);
            }
        }
    }

    fn close(&mut self, now_ms: f64, flags: u8) {
        // The last number there is ends the epoch; the origin starts a new one.
        let flags = flags | if self.sequence == u32::MAX { LAST } else { 0 };
        let clear = std::mem::replace(&mut self.open, OpenPiece::empty());
        let header = Header {
            flags: flags | if self.group.at_start() { KEYFRAME } else { 0 },
            length: clear.body.len() as u16,
            epoch_tag: 0,
            sequence: self.sequence,
            dts_ms: clear.dts,
            cut_ms: now_ms as u64,
            generation: 0,
            tag_start: clear.tag_start,
            group_offset: self.group.offset(),
        };
        self.group.add(&clear.body);
        let wire = self.sealer.seal(header, &clear.body);
        self.say(Event::Piece { wire, clear: clear.body });
        self.finished = flags & LAST != 0;
        self.sequence = self.sequence.saturating_add(1);
    }

    fn say(&mut self, event: Event) {
        self.waiting += weight(&event);
        self.events.push_back(event);
    }
}

fn weight(event: &Event) -> usize {
    match event {
        Event::Prelude(bytes) => bytes.len(),
        Event::Piece { wire, clear } => wire.len() + clear.capacity(),
        Event::Fault(..) => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Epoch;

    #[test]
    fn the_last_sequence_there_is_ends_the_epoch() {
        let mut cutting = Cutting::new(Sealer::new(Epoch::new([0; 32], [0; 10]), &[0; 32], None, 0), false);
        cutting.sequence = u32::MAX - 1;
        cutting.append(&[1; 30_000], 0, 0.0);
        let mut found = Vec::new();
        while let Some(Event::Piece { wire, .. }) = cutting.next_event() {
            found.push(Header::of_piece(&wire).map(|header| (header.sequence, header.flags)));
        }
        assert_eq!(found, [Some((u32::MAX - 1, 0)), Some((u32::MAX, LAST))]);
        assert!(cutting.finished());
    }
}
