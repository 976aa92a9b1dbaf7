//! The exports of the cutter.

use super::{call, narrow, place, split};
use crate::cutter::Cutter;
use crate::cutting::Event;
use crate::fault::Failure;
use crate::seal::{Epoch, Sealer};

/// Staged: stream, epoch, seed, and the secret if flag 1 is set. Flag 2 asks for marks.
#[unsafe(no_mangle)]
extern "C" fn cutter_new(flags: u32, generation: u32, max_tag: usize) -> i32 {
    call(|core| {
        let mut input = core.input(if flags & 1 == 0 { 74 } else { 106 })?;
        let names = Epoch::new(*split(&mut input)?, *split(&mut input)?);
        let seed = split(&mut input)?;
        let secret = if flags & 1 == 0 { None } else { Some(*split(&mut input)?) };
        let sealer = Sealer::new(names, seed, secret, narrow(generation)?);
        core.cutters.insert(Cutter::new(sealer, flags & 2 != 0, max_tag))
    })
}

#[unsafe(no_mangle)]
extern "C" fn cutter_push(handle: i32, length: usize, now_ms: f64) -> i32 {
    call(|core| {
        let bytes = core.stage.get(..length).ok_or(Failure::BadArgument)?;
        core.cutters.get(handle)?.push(bytes, now_ms).map(|()| 0)
    })
}

#[unsafe(no_mangle)]
extern "C" fn cutter_tick(handle: i32, now_ms: f64) -> i32 {
    call(|core| {
        core.cutters.get(handle)?.tick(now_ms);
        Ok(0)
    })
}

#[unsafe(no_mangle)]
extern "C" fn cutter_finish(handle: i32, now_ms: f64) -> i32 {
    call(|core| {
        core.cutters.get(handle)?.finish(now_ms);
        Ok(0)
    })
}

/// When the cutter wants a tick, NaN for never, or a negative failure.
#[unsafe(no_mangle)]
extern "C" fn cutter_due(handle: i32) -> f64 {
    let mut due = f64::NAN;
    let answer = call(|core| {
        due = core.cutters.get(handle)?.due_ms().unwrap_or(f64::NAN);
        Ok(0)
    });
    if answer < 0 { f64::from(answer) } else { due }
}

#[unsafe(no_mangle)]
extern "C" fn cutter_generation(handle: i32, generation: u32) -> i32 {
    call(|core| {
        core.cutters.get(handle)?.set_generation(narrow(generation)?);
        Ok(0)
    })
}

/// 0 none; 1 prelude, 2 piece: places and lengths; 3 fault: its number and the bytes skipped.
#[unsafe(no_mangle)]
extern "C" fn cutter_next(handle: i32) -> i32 {
    call(|core| {
        core.current = core.cutters.get(handle)?.next_event();
        let (kind, words) = match &core.current {
            None => (0, [0; 4]),
            Some(Event::Prelude(bytes)) => {
                let [a, b] = place(bytes);
                (1, [a, b, 0, 0])
            }
            Some(Event::Piece { wire, clear }) => {
                let ([a, b], [c, d]) = (place(wire), place(clear));
                (2, [a, b, c, d])
            }
            Some(Event::Fault(fault, skipped)) => {
                (3, [*fault as u32, u32::try_from(*skipped).unwrap_or(u32::MAX), 0, 0])
            }
        };
        core.answer_words(&words);
        Ok(kind)
    })
}

#[unsafe(no_mangle)]
extern "C" fn cutter_free(handle: i32) -> i32 {
    call(|core| core.cutters.remove(handle).map(|()| 0))
}
