//! The obvious cutter: the list of all tags so far, appended byte by byte to a list of pieces.

use shoal::fault::SourceFault;
use shoal::mark::{PreviousGroup, UUID};

use crate::naive_facts::{Facts, data, describe, dts_of};
use crate::naive_scan::{self, Item};
use crate::naive_sei;

/// What a piece must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Clear bytes.
    pub body: Vec<u8>,
    /// A group starts here.
    pub keyframe: bool,
    /// Timestamp of the first tag that begins here, else of the one that goes on.
    pub dts: u32,
    /// When it was closed.
    pub cut_ms: u64,
    /// Where the first tag begins.
    pub tag_start: Option<usize>,
    /// Pieces since the first of the group.
    pub offset: usize,
}

/// Everything the cutter must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Header tags.
    Prelude(Vec<u8>),
    /// A piece.
    Piece(Piece),
    /// A broken place.
    Fault(SourceFault, u64),
}

struct Open {
    since: f64,
    piece: Piece,
}

/// The model.
pub struct NaiveCutter<'a> {
    /// Signs the previous group.
    pub sign: &'a dyn Fn(&PreviousGroup) -> [u8; 64],
    /// The epoch in a mark.
    pub epoch: [u8; 10],
    /// Whether to mark.
    pub marking: bool,
    /// Limit of a tag's data.
    pub max_data: usize,
    /// The flaw of the canary: pieces are closed one byte early.
    pub flawed: bool,
    received: Vec<u8>,
    done: usize,
    said: Vec<Said>,
    pieces: Vec<Piece>,
    open: Option<Open>,
    nal: Option<(bool, usize)>,
    groups: Vec<usize>,
    headers: [Vec<u8>; 3],
    announced: [Vec<u8>; 3],
    seen_video: bool,
    audio_from: Option<u32>,
    last_dts: u32,
}

impl<'a> NaiveCutter<'a> {
    /// Nothing cut yet.
    pub fn new(sign: &'a dyn Fn(&PreviousGroup) -> [u8; 64], epoch: [u8; 10], marking: bool, max_data: usize) -> Self {
        Self {
            sign,
            epoch,
            marking,
            max_data,
            flawed: false,
            received: Vec::new(),
            done: 0,
            said: Vec::new(),
            pieces: Vec::new(),
            open: None,
            nal: None,
            groups: Vec::new(),
            headers: Default::default(),
            announced: Default::default(),
            seen_video: false,
            audio_from: None,
            last_dts: 0,
        }
    }

    /// What was said since the last time.
    pub fn take_said(&mut self) -> Vec<Said> {
        std::mem::take(&mut self.said)
    }

    /// Bytes arrive.
    pub fn push(&mut self, bytes: &[u8], now: f64) {
        self.tick(now);
        self.received.extend_from_slice(bytes);
        self.new_items(false, now);
        self.tick(now);
    }

    /// Time passes.
    pub fn tick(&mut self, now: f64) {
        if let Some(Open { since, piece }) = &self.open
            && now >= since + if piece.body.len() >= 4096 { 40.0 } else { 100.0 }
        {
            self.close(now);
        }
    }

    /// The source ends.
    pub fn finish(&mut self, now: f64) {
        self.new_items(true, now);
        if self.open.is_none() {
            let mut tag = vec![18, 0, 0, 23];
            tag.extend(&self.last_dts.to_be_bytes()[1..]);
            tag.push((self.last_dts >> 24) as u8);
            tag.extend([0, 0, 0, 2, 0, 11]);
            tag.extend(b"onStreamEnd");
            tag.extend([0; 9]);
            tag.extend([0, 0, 0, 34]);
            self.append(&tag, self.last_dts, now);
        }
        self.close(now);
    }

    fn new_items(&mut self, ended: bool, now: f64) {
        let received = std::mem::take(&mut self.received);
        let items = naive_scan::scan(&received, self.max_data, true, ended);
        for item in &items[self.done.min(items.len())..] {
            match item {
                Item::Tag(at, length) => self.tag(&received[*at..at + length], received[4], now),
                Item::Fault(fault, skipped) => self.said.push(Said::Fault(*fault, *skipped)),
            }
        }
        self.done = items.len();
        self.received = received;
    }

    fn tag(&mut self, tag: &[u8], flags: u8, now: f64) {
        let facts = describe(tag);
        if let Some(header) = facts.header {
            let config = data(tag).get(header..).unwrap_or(&[]);
            let at = if facts.hevc == Some(true) { 21 } else { 4 };
            if let (Some(hevc), Some(byte)) = (facts.hevc, config.get(at)) {
                self.nal = Some((hevc, usize::from(byte % 4) + 1));
            }
        }
        self.remember(tag, facts.header.is_some());
        let starts = self.starts(tag, &facts, flags);
        let mut payload = None;
        if starts {
            self.close(now);
            if self.headers != self.announced {
                self.announced = self.headers.clone();
                let front = [b"FLV\x01", &[flags][..], &[0, 0, 0, 9, 0, 0, 0, 0]].concat();
                self.said.push(Said::Prelude([front, self.headers.concat()].concat()));
            }
            let previous = self.previous_group();
            self.groups.push(self.pieces.len());
            payload = self.marking.then(|| self.payload(previous));
        }
        self.last_dts = dts_of(tag);
        let mut out = tag.to_vec();
        if let (Some(at), Some((hevc, size))) = (facts.units, self.nal)
            && data(tag).len() >= at
        {
            let (front, units) = data(tag).split_at(at);
            match naive_sei::rewrite(units, hevc, size, payload.as_deref()) {
                Some(units) => {
                    let length = (front.len() + units.len()) as u32;
                    out = [&tag[..1], &length.to_be_bytes()[1..], &tag[4..11], front, &units].concat();
                    out.extend((length + 11).to_be_bytes());
                }
                None => self.said.push(Said::Fault(SourceFault::BadNal, 0)),
            }
        }
        self.append(&out, dts_of(tag), now);
    }

    fn remember(&mut self, tag: &[u8], header: bool) {
        let place = match tag[0] {
            18 if data(tag).starts_with(b"\x02\x00\x0aonMetaData") => 0,
            9 if header => 1,
            8 if header => 2,
            _ => return,
        };
        if self.headers[place].is_empty() || data(&self.headers[place]) != data(tag) {
            self.headers[place] = tag.to_vec();
        }
    }

    fn starts(&mut self, tag: &[u8], facts: &Facts, flags: u8) -> bool {
        if tag[0] == 9 {
            self.seen_video |= facts.frame || facts.header.is_some();
            return facts.keyframe;
        }
        if tag[0] != 8 || self.seen_video || !facts.frame {
            return false;
        }
        let dts = dts_of(tag);
        let starts = match self.audio_from {
            None => flags.is_multiple_of(2),
            Some(from) => dts.wrapping_sub(from).min(from.wrapping_sub(dts)) >= 2000,
        };
        if starts || self.audio_from.is_none() {
            self.audio_from = Some(dts);
        }
        starts
    }

    fn previous_group(&self) -> PreviousGroup {
        let Some(&first) = self.groups.last() else { return PreviousGroup::NONE };
        let bodies: Vec<u8> = self.pieces[first..].iter().flat_map(|piece| piece.body.clone()).collect();
        PreviousGroup {
            first: first as u32,
            count: (self.pieces.len() - first) as u32,
            digest: *blake3::hash(&bodies).as_bytes(),
        }
    }

    fn payload(&self, previous: PreviousGroup) -> Vec<u8> {
        let mut out = [&UUID[..], &[1], &self.epoch].concat();
        for number in [self.pieces.len() as u32, previous.first, previous.count] {
            out.extend(number.to_be_bytes());
        }
        out.extend(previous.digest);
        out.extend((self.sign)(&previous));
        out
    }

    fn append(&mut self, tag: &[u8], dts: u32, now: f64) {
        let most = if self.flawed { 8191 } else { 8192 };
        for (index, byte) in tag.iter().enumerate() {
            let (from, keyframe) = match self.groups.last() {
                Some(first) => (*first, *first == self.pieces.len()),
                None => (0, false),
            };
            let offset = (self.pieces.len() - from).min(65_535);
            let blank = Piece { body: Vec::new(), keyframe, dts, cut_ms: 0, tag_start: None, offset };
            let open = self.open.get_or_insert(Open { since: now, piece: blank });
            if index == 0 && open.piece.tag_start.is_none() {
                open.piece.tag_start = Some(open.piece.body.len());
                open.piece.dts = dts;
            }
            open.piece.body.push(*byte);
            if open.piece.body.len() == most {
                self.close(now);
            }
        }
    }

    fn close(&mut self, now: f64) {
        if let Some(Open { piece, .. }) = self.open.take() {
            let piece = Piece { cut_ms: now as u64, ..piece };
            self.pieces.push(piece.clone());
            self.said.push(Said::Piece(piece));
        }
    }
}
