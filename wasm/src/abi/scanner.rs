//! The exports of the scanner.

use super::{STAGE_MAX, call, place};
use crate::codec::Role;
use crate::fault::Failure;
use crate::scanner::{Scanned, Scanner};

/// Where in the answer block the fields of a mark begin.
const MARK_AT: usize = 32;

#[unsafe(no_mangle)]
extern "C" fn scanner_new() -> i32 {
    call(|core| core.scanners.insert(Scanner::new()))
}

/// Where the next bytes are to be written. `first` says that the tags of earlier pushes need not be kept for
/// `scanner_run`.
#[unsafe(no_mangle)]
extern "C" fn scanner_space(handle: i32, length: usize, first: u32) -> i32 {
    call(|core| {
        if length > STAGE_MAX {
            return Err(Failure::BadArgument);
        }
        let scanner = core.scanners.get(handle)?;
        if first != 0 {
            scanner.take_run();
        }
        Ok(scanner.space(length)?.as_ptr() as i32)
    })
}

/// How many tags ended in the bytes written there.
#[unsafe(no_mangle)]
extern "C" fn scanner_push(handle: i32, length: usize) -> i32 {
    call(|core| Ok(core.scanners.get(handle)?.commit(length) as i32))
}

/// Whether there is a tag; words: type, timestamp, flags (1 keyframe, 2 codec header, 4 marked), codec, offset in two
/// words, length. The fields of its mark follow at byte 32.
#[unsafe(no_mangle)]
extern "C" fn scanner_next(handle: i32) -> i32 {
    call(|core| {
        let Some(Scanned { facts, offset, length, mark }) = core.scanners.get(handle)?.next_tag() else {
            return Ok(0);
        };
        let flags = u32::from(facts.keyframe)
            | u32::from(matches!(facts.role, Role::Header(_))) << 1
            | u32::from(mark.is_some()) << 2;
        let kind = u32::from(facts.kind);
        let codec = facts.codec as u32;
        core.answer_words(&[kind, facts.dts, flags, codec, offset as u32, (offset >> 32) as u32, length as u32]);
        if let Some(mark) = mark {
            core.answer_bytes(MARK_AT, &mark.to_fields());
        }
        Ok(1)
    })
}

/// Whether tags ended since the first of the last pushes; words: place and length of their run.
#[unsafe(no_mangle)]
extern "C" fn scanner_run(handle: i32) -> i32 {
    call(|core| {
        let found = place(core.scanners.get(handle)?.take_run());
        core.answer_words(&found);
        Ok((found[1] > 0).into())
    })
}

/// Words: broken places, bytes skipped in two words, whether the stream is no FLV.
#[unsafe(no_mangle)]
extern "C" fn scanner_faults(handle: i32) -> i32 {
    call(|core| {
        let scanner = core.scanners.get(handle)?;
        let (damage, stopped) = (scanner.damage(), scanner.stopped());
        core.answer_words(&[damage.count, damage.skipped as u32, (damage.skipped >> 32) as u32, stopped.into()]);
        Ok(0)
    })
}

#[unsafe(no_mangle)]
extern "C" fn scanner_free(handle: i32) -> i32 {
    call(|core| core.scanners.remove(handle).map(|()| 0))
}
