//! Every target with fixed seeds, and every canary: a flaw planted in the model must be found.

use std::panic::catch_unwind;

use shoal_fuzz::dice::Dice;
use shoal_fuzz::targets::TARGETS;

const CASES: u64 = 400;

fn hold(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("the target exists");
    for seed in 0..CASES {
        let run = catch_unwind(|| (target.run)(&mut Dice::new(seed), false));
        assert!(run.is_ok(), "replay: fuzz --target {name} --seed {seed} --cases 1");
    }
    let found = (0..CASES).any(|seed| catch_unwind(|| (target.run)(&mut Dice::new(seed), true)).is_err());
    assert!(found, "the canary of {name} was not found");
}

#[test]
fn the_scanner_finds_what_an_obvious_reader_finds_in_any_chunking() {
    hold("scan");
}

#[test]
fn the_cutter_says_what_an_obvious_cutter_says() {
    hold("cutter");
}

#[test]
fn marks_go_in_and_come_out_as_the_obvious_way_says() {
    hold("sei");
}

#[test]
fn the_store_does_what_an_obvious_store_does() {
    hold("store");
}

#[test]
fn nothing_but_what_the_origin_sealed_is_admitted() {
    hold("admit");
}

#[test]
fn whole_tags_come_out_whatever_is_played() {
    hold("play");
}

#[test]
fn the_scanner_finds_in_what_is_written_what_was_given() {
    hold("writer");
}
