//! Marks in supplemental enhancement information: put in, taken out, read. Works on the length-prefixed NAL units of
//! one tag; all other messages and units stay as they are, byte for byte.

use std::ops::Range;

use crate::mark::{Mark, UUID};
use crate::nal::{BadNal, NalForm, escape, unescape};

/// SEI payload type of user data that begins with a UUID.
const USER_DATA_UNREGISTERED: usize = 5;
/// Ends the payload of a NAL unit: a one bit, then zeros.
const STOP: u8 = 0x80;

/// A NAL unit, complete with header, that carries a mark.
pub fn unit(form: NalForm, mark: &Mark) -> Vec<u8> {
    let payload = mark.to_payload();
    let mut body = vec![USER_DATA_UNREGISTERED as u8, payload.len() as u8];
    body.extend_from_slice(&payload);
    body.push(STOP);
    let mut nal = if form.hevc { vec![39 << 1, 1] } else { vec![6] };
    escape(&mut nal, &body);
    nal
}

/// The units of one tag without marks of ours and with `mark` in front (behind an access unit delimiter); None when
/// nothing changes.
pub fn rewrite(form: NalForm, units: &[u8], mark: Option<&Mark>) -> Result<Option<Vec<u8>>, BadNal> {
    let mut marked = false;
    let mut at = 0;
    while let Some(range) = form.unit_at(units, at)? {
        at = range.end;
        marked |= is_marked(form, units.get(range).unwrap_or(&[]));
    }
    if !marked && mark.is_none() {
        return Ok(None);
    }
    let mut out = Vec::with_capacity(units.len() + 256);
    let mut waiting = mark.map(|mark| unit(form, mark));
    let mut at = 0;
    while let Some(range) = form.unit_at(units, at)? {
        at = range.end;
        let nal = units.get(range).unwrap_or(&[]);
        let stripped = is_marked(form, nal).then(|| without_marks(form, nal));
        let kept = match &stripped {
            None => nal,
            Some(Some(rest)) => rest,
            Some(None) => continue,
        };
        let delimiter = out.is_empty() && form.is_delimiter(kept);
        let before = waiting.take_if(|_| !delimiter);
        if before.is_some_and(|unit| !form.write(&mut out, &unit)) || !form.write(&mut out, kept) {
            return Err(BadNal);
        }
    }
    if waiting.is_some_and(|unit| !form.write(&mut out, &unit)) {
        return Err(BadNal);
    }
    Ok(Some(out))
}

/// The first mark in the units of one tag.
pub fn find(form: NalForm, units: &[u8]) -> Option<Mark> {
    let mut at = 0;
    while let Ok(Some(range)) = form.unit_at(units, at) {
        at = range.end;
        let nal = units.get(range)?;
        if !is_marked(form, nal) {
            continue;
        }
        let body = body_of(form, nal);
        let found = messages(&body)
            .filter(|message| message.kind == USER_DATA_UNREGISTERED)
            .find_map(|message| Mark::from_payload(body.get(message.payload)?));
        if found.is_some() {
            return found;
        }
    }
    None
}

/// Whether our UUID stands in an SEI unit, as a mark or otherwise.
fn is_marked(form: NalForm, nal: &[u8]) -> bool {
    form.is_sei(nal) && nal.windows(UUID.len()).any(|window| window == UUID)
}

fn body_of(form: NalForm, nal: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(nal.len());
    unescape(&mut body, nal.get(form.header_size()..).unwrap_or(&[]));
    body
}

/// An SEI unit without its marks; None when nothing is left of it.
fn without_marks(form: NalForm, nal: &[u8]) -> Option<Vec<u8>> {
    let body = body_of(form, nal);
    let mut kept = Vec::with_capacity(body.len());
    let mut at = 0;
    for message in messages(&body) {
        at = message.whole.end;
        let payload = body.get(message.payload).unwrap_or(&[]);
        if message.kind != USER_DATA_UNREGISTERED || !payload.starts_with(&UUID) {
            kept.extend_from_slice(body.get(message.whole).unwrap_or(&[]));
        }
    }
    if kept.is_empty() {
        return None;
    }
    kept.extend_from_slice(body.get(at..).unwrap_or(&[]));
    let mut out = nal.get(..form.header_size()).unwrap_or(&[]).to_vec();
    escape(&mut out, &kept);
    Some(out)
}

struct Message {
    kind: usize,
    whole: Range<usize>,
    payload: Range<usize>,
}

/// The SEI messages of an unescaped unit body, up to the first that does not fit.
fn messages(body: &[u8]) -> impl Iterator<Item = Message> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let begin = at;
        if body.get(begin..)?.iter().skip(1).all(|byte| *byte == 0) && *body.get(begin)? == STOP {
            return None;
        }
        let (kind, next) = coded_number(body, begin)?;
        let (size, next) = coded_number(body, next)?;
        let end = next.checked_add(size).filter(|end| *end <= body.len())?;
        at = end;
        Some(Message { kind, whole: begin..end, payload: next..end })
    })
}

/// A number written as a run of 255s and a last byte.
fn coded_number(body: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut sum = 0;
    loop {
        let byte = *body.get(at)?;
        at += 1;
        sum += usize::from(byte);
        if byte != 255 {
            return Some((sum, at));
        }
    }
}
