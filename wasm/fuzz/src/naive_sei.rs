//! The obvious way to handle SEI: take everything apart into lists, change the lists, put everything together again.

use shoal::mark::UUID;

/// Emulation prevention, as the standard words it.
pub fn escape(bytes: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let mut run: Vec<u8> = Vec::new();
    for &byte in bytes {
        if run.ends_with(&[0, 0]) && byte <= 3 {
            out.push(3);
            run.clear();
        }
        out.push(byte);
        run.push(byte);
    }
    if run.ends_with(&[0, 0]) {
        out.push(3);
    }
    out
}

/// The opposite.
pub fn unescape(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if rest.starts_with(&[0, 0, 3]) {
            out.extend([0, 0]);
            rest = &rest[3..];
        } else {
            out.push(rest[0]);
            rest = &rest[1..];
        }
    }
    out
}

/// NAL units without their lengths, or None when one does not fit.
pub fn split(units: &[u8], length_size: usize) -> Option<Vec<Vec<u8>>> {
    let mut out = Vec::new();
    let mut rest = units;
    while !rest.is_empty() {
        let length = rest.get(..length_size)?.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte));
        out.push(rest.get(length_size..length_size + length)?.to_vec());
        rest = &rest[length_size + length..];
    }
    Some(out)
}

fn kind(unit: &[u8], hevc: bool) -> u8 {
    match unit.first() {
        None => 255,
        Some(first) if hevc => (first / 2) % 64,
        Some(first) => first % 32,
    }
}

/// One message: type, payload, and its bytes as they stand.
type Message<'a> = (usize, &'a [u8], &'a [u8]);

fn messages(body: &[u8]) -> (Vec<Message<'_>>, &[u8]) {
    let mut out = Vec::new();
    let mut rest = body;
    loop {
        let only_stop = rest.first() == Some(&0x80) && rest[1..].iter().all(|byte| *byte == 0);
        if rest.is_empty() || only_stop {
            return (out, rest);
        }
        let mut at = 0;
        let mut numbers = [0, 0];
        for number in &mut numbers {
            loop {
                let Some(byte) = rest.get(at) else { return (out, rest) };
                at += 1;
                *number += usize::from(*byte);
                if *byte != 255 {
                    break;
                }
            }
        }
        let [kind, size] = numbers;
        let Some(payload) = rest.get(at..at + size) else { return (out, rest) };
        out.push((kind, payload, &rest[..at + size]));
        rest = &rest[at + size..];
    }
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    (0..haystack.len()).any(|at| haystack[at..].starts_with(needle))
}

/// A unit without our marks; None when nothing is left.
fn stripped(unit: &[u8], hevc: bool) -> Option<Vec<u8>> {
    let sei = if hevc { [39, 40].contains(&kind(unit, true)) } else { kind(unit, false) == 6 };
    if !sei || !holds(unit, &UUID) {
        return Some(unit.to_vec());
    }
    let header = if hevc { 2 } else { 1 };
    let body = unescape(unit.get(header..).unwrap_or(&[]));
    let (found, rest) = messages(&body);
    let kept: Vec<u8> = found
        .iter()
        .filter(|(kind, payload, _)| *kind != 5 || !payload.starts_with(&UUID))
        .flat_map(|(_, _, whole)| whole.to_vec())
        .collect();
    if kept.is_empty() {
        return None;
    }
    Some([unit[..header].to_vec(), escape(&[&kept, rest].concat())].concat())
}

/// An SEI unit with one message of user data.
pub fn user_data(payload: &[u8], hevc: bool) -> Vec<u8> {
    let header = if hevc { vec![39 * 2, 1] } else { vec![6] };
    let body = [&[5, payload.len() as u8], payload, &[0x80]].concat();
    [header, escape(&body)].concat()
}

/// The units of a tag without our marks, and with a new one; None when a unit does not fit its place.
pub fn rewrite(units: &[u8], hevc: bool, length_size: usize, payload: Option<&[u8]>) -> Option<Vec<u8>> {
    let mut list: Vec<Vec<u8>> = split(units, length_size)?.iter().filter_map(|unit| stripped(unit, hevc)).collect();
    if let Some(payload) = payload {
        let first = list.first().map(|unit| kind(unit, hevc));
        let delimiter = first == Some(if hevc { 35 } else { 9 });
        list.insert(usize::from(delimiter), user_data(payload, hevc));
    }
    if list.iter().any(|unit| unit.len() as u64 >= 1 << (8 * length_size)) {
        return None;
    }
    Some(crate::maker::join(&list, length_size))
}

/// The payload of the first mark of `bytes` after the UUID and version.
pub fn find(units: &[u8], hevc: bool, length_size: usize) -> Option<Vec<u8>> {
    for unit in split(units, length_size)? {
        let sei = if hevc { [39, 40].contains(&kind(&unit, true)) } else { kind(&unit, false) == 6 };
        let body = unescape(unit.get(if hevc { 2 } else { 1 }..).unwrap_or(&[]));
        let (found, _) = messages(&body);
        let mark = found.iter().find(|(kind, payload, _)| {
            *kind == 5 && payload.len() == 135 && payload.starts_with(&UUID) && payload[16] == 1
        });
        if let (true, Some((_, payload, _))) = (sei, mark) {
            return Some(payload[17..].to_vec());
        }
    }
    None
}
