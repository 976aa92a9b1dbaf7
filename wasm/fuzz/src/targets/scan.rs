//! Any bytes in any chunks: the scanner finds what the obvious reader finds, and holds no more than a largest tag.

use shoal::scanner::Scanner;
use shoal::tag_stream::{Step, TagStream};

use crate::dice::Dice;
use crate::maker;
use crate::naive_scan::{self, Item};

/// Data limit of the cases; small, so that the limit is reached.
const MAX_DATA: usize = 8000;

/// One case.
pub fn run(dice: &mut Dice, flawed: bool) {
    let mut bytes = maker::source(dice).bytes;
    if dice.one_in(2) {
        maker::damage(dice, &mut bytes);
    }
    let mut wanted = naive_scan::scan(&bytes, MAX_DATA, true, true);
    if flawed {
        // The canary overlooks broken places.
        wanted.retain(|item| !matches!(item, Item::Fault(..)));
    }
    assert_eq!(stream_items(dice, &bytes), wanted);
    scanner_runs(dice, &bytes);
}

fn stream_items(dice: &mut Dice, bytes: &[u8]) -> Vec<Item> {
    let mut stream = TagStream::file(MAX_DATA);
    let mut items = Vec::new();
    for chunk in dice.chunks(bytes) {
        stream.push(chunk).expect("there is memory");
        loop {
            match stream.step() {
                Step::Tag(range) => {
                    let at = stream.offset_of(&range) as usize;
                    assert_eq!(stream.slice(range.clone()), &bytes[at..at + range.len()]);
                    items.push(Item::Tag(at, range.len()));
                }
                Step::Fault(fault, skipped) => items.push(Item::Fault(fault, skipped)),
                Step::More | Step::Stopped => break,
            }
        }
        assert!(stream.held() <= MAX_DATA + 15 + 64, "held {} bytes", stream.held());
    }
    items.extend(stream.finish().map(|(fault, skipped)| Item::Fault(fault, skipped)));
    assert_eq!(stream.step(), Step::Stopped);
    items
}

fn scanner_runs(dice: &mut Dice, bytes: &[u8]) {
    let wanted = naive_scan::scan(bytes, 0xff_ffff, true, false);
    let mut scanner = Scanner::new();
    let mut found = Vec::new();
    let mut runs = Vec::new();
    for chunk in dice.chunks(bytes) {
        scanner.space(chunk.len()).expect("there is memory").copy_from_slice(chunk);
        let tags = scanner.commit(chunk.len());
        for _ in 0..tags {
            let tag = scanner.next_tag().expect("as many tags as were counted");
            found.push(Item::Tag(tag.offset as usize, tag.length));
        }
        if dice.one_in(2) {
            runs.extend_from_slice(scanner.take_run());
        }
    }
    runs.extend_from_slice(scanner.take_run());
    assert!(scanner.next_tag().is_none());
    let tags: Vec<Item> = wanted.iter().filter(|item| matches!(item, Item::Tag(..))).cloned().collect();
    assert_eq!(found, tags);
    assert_eq!(runs, naive_scan::tags(bytes, &wanted).concat());
    let skipped: u64 = wanted.iter().map(|item| if let Item::Fault(_, skipped) = item { *skipped } else { 0 }).sum();
    assert_eq!(scanner.damage().skipped, skipped);
    assert_eq!(scanner.damage().count as usize, wanted.len() - tags.len());
}
