//! The obvious FLV reader: the whole source in one buffer, every rule written out.

use shoal::fault::SourceFault;

/// One thing in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A tag: where and how long.
    Tag(usize, usize),
    /// A broken place and how many bytes it costs.
    Fault(SourceFault, u64),
}

enum Found {
    Whole(usize),
    Incomplete,
    Bad(SourceFault),
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte))
}

fn tag_at(bytes: &[u8], at: usize, max_data: usize) -> Found {
    let Some(header) = bytes.get(at..at + 11) else { return Found::Incomplete };
    if ![8, 9, 18].contains(&header[0]) || header[8..] != [0, 0, 0] {
        return Found::Bad(SourceFault::BadTag);
    }
    let size = number(&header[1..4]);
    if size > max_data {
        return Found::Bad(SourceFault::TagTooLarge);
    }
    match bytes.get(at + 11 + size..at + 15 + size) {
        None => Found::Incomplete,
        Some(trailer) if number(trailer) == 11 + size => Found::Whole(15 + size),
        Some(_) => Found::Bad(SourceFault::BadTag),
    }
}

/// Everything in the bytes so far; with `ended`, also what is left over at the end.
pub fn scan(bytes: &[u8], max_data: usize, has_header: bool, ended: bool) -> Vec<Item> {
    let mut items = Vec::new();
    let mut at = 0;
    if has_header {
        let agreed = bytes.iter().zip(b"FLV\x01").take_while(|(a, b)| a == b).count();
        if agreed < 4.min(bytes.len()) {
            return vec![Item::Fault(SourceFault::BadSignature, 0)];
        }
        let length = bytes.get(5..9).map(number);
        if length.is_some_and(|length| !(9..=64).contains(&length)) {
            return vec![Item::Fault(SourceFault::BadSignature, 0)];
        }
        match length.filter(|length| bytes.len() >= length + 4) {
            Some(length) => at = length + 4,
            None if ended && !bytes.is_empty() => {
                return vec![Item::Fault(SourceFault::BadSignature, bytes.len() as u64)];
            }
            None => return items,
        }
    }
    loop {
        let fault = match tag_at(bytes, at, max_data) {
            Found::Whole(length) => {
                items.push(Item::Tag(at, length));
                at += length;
                continue;
            }
            Found::Incomplete => {
                if ended && at < bytes.len() {
                    items.push(Item::Fault(SourceFault::BadTag, (bytes.len() - at) as u64));
                }
                return items;
            }
            Found::Bad(fault) => fault,
        };
        // Go on with the tag that ends first.
        let next = (at + 1..bytes.len())
            .filter_map(|begin| match tag_at(bytes, begin, max_data) {
                Found::Whole(length) => Some((begin + length, begin)),
                Found::Incomplete | Found::Bad(_) => None,
            })
            .min();
        match next {
            Some((_, begin)) => {
                items.push(Item::Fault(fault, (begin - at) as u64));
                at = begin;
            }
            None => {
                if ended {
                    items.push(Item::Fault(fault, (bytes.len() - at) as u64));
                }
                return items;
            }
        }
    }
}

/// The tags alone.
pub fn tags<'a>(bytes: &'a [u8], items: &[Item]) -> Vec<&'a [u8]> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Tag(at, length) => Some(&bytes[*at..at + length]),
            Item::Fault(..) => None,
        })
        .collect()
}
