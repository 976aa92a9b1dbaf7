//! NAL units and noise: marks go in, come out and are found as the obvious way says; emulation prevention round-trips.

use shoal::mark::{Mark, PreviousGroup};
use shoal::nal::{NalForm, escape, unescape};
use shoal::sei;

use crate::dice::Dice;
use crate::{maker, naive_sei};

/// One case.
pub fn run(dice: &mut Dice, flawed: bool) {
    escaping(dice, flawed);
    let hevc = dice.one_in(2);
    let form = NalForm { hevc, length_size: *dice.pick(&[4, 4, 2, 1, 3]) };
    let mut units = maker::join(&maker::units(dice, hevc), form.length_size);
    if dice.one_in(5) {
        let length = dice.below(300);
        units = dice.bytes(length);
    }
    let mark = dice.one_in(2).then(|| mark(dice));
    let payload = mark.map(|mark| mark.to_payload());
    let found = sei::rewrite(form, &units, mark.as_ref());
    let wanted = naive_sei::rewrite(&units, hevc, form.length_size, payload.as_deref());
    let found = found.ok().map(|changed| changed.unwrap_or_else(|| units.clone()));
    assert!(found == wanted, "{found:?}\n{wanted:?}");
    if naive_sei::split(&units, form.length_size).is_some() {
        let before = sei::find(form, &units).map(|mark| mark.to_fields());
        assert_eq!(before, naive_sei::find(&units, hevc, form.length_size));
    }
    if let Some(units) = found {
        assert_eq!(sei::find(form, &units), mark, "exactly the new mark is found");
        let clean = sei::rewrite(form, &units, None).expect("what was written can be read").unwrap_or(units);
        assert_eq!(sei::find(form, &clean), None, "and it can be taken out again");
    }
}

fn escaping(dice: &mut Dice, flawed: bool) {
    let length = dice.below(400);
    let bytes = dice.bytes(length);
    let mut escaped = Vec::new();
    escape(&mut escaped, &bytes);
    let mut wanted = naive_sei::escape(&bytes);
    if flawed {
        wanted.retain(|byte| *byte != 3);
    }
    assert_eq!(escaped, wanted);
    let forbidden = escaped.windows(3).any(|three| three[..2] == [0, 0] && three[2] < 3);
    assert!(!forbidden, "a start code is emulated");
    let mut back = Vec::new();
    unescape(&mut back, &escaped);
    assert_eq!(back, bytes);
    let mut raw = Vec::new();
    unescape(&mut raw, &bytes);
    assert_eq!(raw, naive_sei::unescape(&bytes));
}

fn mark(dice: &mut Dice) -> Mark {
    let mut bytes = dice.bytes(106).into_iter();
    let mut next = || bytes.next().unwrap_or(0);
    Mark {
        epoch: std::array::from_fn(|_| next()),
        sequence: dice.word() as u32,
        previous: PreviousGroup {
            first: dice.word() as u32 & 0xff,
            count: dice.word() as u32 & 0xff00,
            digest: std::array::from_fn(|_| next()),
        },
        signature: std::array::from_fn(|_| next()),
    }
}
