//! What an H.264 encoder must have given before it is passed on: players stop without a word at anything else.

use crate::bytes::u16_at;
use crate::nal::NalForm;

/// Whether these bytes are an AVCDecoderConfigurationRecord with parameter sets.
pub fn is_record(record: &[u8]) -> bool {
    read_record(record).is_some()
}

fn read_record(record: &[u8]) -> Option<()> {
    if *record.first()? != 1 {
        return None;
    }
    let sequences = record.get(5)? & 31;
    let at = skip_sets(record, 6, sequences)?;
    let pictures = *record.get(at)?;
    skip_sets(record, at + 1, pictures)?;
    (sequences > 0 && pictures > 0).then_some(())
}

fn skip_sets(record: &[u8], mut at: usize, count: u8) -> Option<usize> {
    for _ in 0..count {
        let length = usize::from(u16_at(record, at)?);
        at += 2 + length;
        if length == 0 || at > record.len() {
            return None;
        }
    }
    Some(at)
}

/// Whether a frame is NAL units behind their lengths and nothing else.
pub fn units_fit(form: NalForm, units: &[u8]) -> bool {
    let mut at = 0;
    loop {
        match form.unit_at(units, at) {
            Ok(Some(unit)) if unit.is_empty() => return false,
            Ok(Some(unit)) => at = unit.end,
            Ok(None) => return at > 0,
            Err(_) => return false,
        }
    }
}
