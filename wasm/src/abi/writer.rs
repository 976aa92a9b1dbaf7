//! The exports of the FLV writer. Tracks are 1 video, 2 audio.

use super::{call, place, split};
use crate::fault::Failure;
use crate::writer::{Metadata, Track, Writer};

const VIDEO: u32 = 1;
const AUDIO: u32 = 2;

#[unsafe(no_mangle)]
extern "C" fn writer_new(tracks: u32) -> i32 {
    call(|core| core.writers.insert(Writer::new(tracks & VIDEO != 0, tracks & AUDIO != 0)?))
}

/// Staged: six numbers of eight bytes, in the order of `Metadata`.
#[unsafe(no_mangle)]
extern "C" fn writer_describe(handle: i32) -> i32 {
    call(|core| {
        let mut input = core.input(48)?;
        let mut number = || split(&mut input).copied().map(f64::from_be_bytes);
        let metadata = Metadata {
            width: number()?,
            height: number()?,
            frame_rate: number()?,
            video_bits_per_sec: number()?,
            sample_rate: number()?,
            audio_bits_per_sec: number()?,
        };
        core.writers.get(handle)?.describe(metadata);
        Ok(0)
    })
}

/// Staged: a decoder configuration. 1 when it is a new one.
#[unsafe(no_mangle)]
extern "C" fn writer_configure(handle: i32, track: u32, length: usize) -> i32 {
    call(|core| {
        let config = core.stage.get(..length).ok_or(Failure::BadArgument)?;
        Ok(core.writers.get(handle)?.configure(track_of(track)?, config)?.into())
    })
}

/// Whether everything for a prelude is there; words: its place and length, until the next call.
#[unsafe(no_mangle)]
extern "C" fn writer_prelude(handle: i32, file_header: u32, ms: f64) -> i32 {
    call(|core| {
        let Some(prelude) = core.writers.get(handle)?.prelude(file_header != 0, ms as u64) else { return Ok(0) };
        core.written = prelude;
        let words = place(&core.written);
        core.answer_words(&words);
        Ok(1)
    })
}

/// Staged: a frame. 1 when it was taken.
#[unsafe(no_mangle)]
extern "C" fn writer_frame(handle: i32, kind: u32, length: usize, time_us: f64) -> i32 {
    const KEYFRAME: u32 = 4;
    call(|core| {
        let data = core.stage.get(..length).ok_or(Failure::BadArgument)?;
        let track = track_of(kind & !KEYFRAME)?;
        Ok(core.writers.get(handle)?.frame(track, kind & KEYFRAME != 0, time_us, data)?.into())
    })
}

#[unsafe(no_mangle)]
extern "C" fn writer_give_up(handle: i32, track: u32) -> i32 {
    call(|core| {
        let track = track_of(track)?;
        core.writers.get(handle)?.give_up(track);
        Ok(0)
    })
}

#[unsafe(no_mangle)]
extern "C" fn writer_finish(handle: i32) -> i32 {
    call(|core| {
        core.writers.get(handle)?.finish();
        Ok(0)
    })
}

/// Whether there is a tag; words: place and length until the next call, track, keyframe, time in two words.
#[unsafe(no_mangle)]
extern "C" fn writer_take(handle: i32) -> i32 {
    call(|core| {
        let Some(written) = core.writers.get(handle)?.take() else { return Ok(0) };
        let track = if written.track == Track::Video { VIDEO } else { AUDIO };
        core.written = written.bytes;
        let [at, length] = place(&core.written);
        core.answer_words(&[at, length, track, written.keyframe.into(), written.ms as u32, (written.ms >> 32) as u32]);
        Ok(1)
    })
}

#[unsafe(no_mangle)]
extern "C" fn writer_free(handle: i32) -> i32 {
    call(|core| core.writers.remove(handle).map(|()| 0))
}

fn track_of(number: u32) -> Result<Track, Failure> {
    match number {
        VIDEO => Ok(Track::Video),
        AUDIO => Ok(Track::Audio),
        _ => Err(Failure::BadArgument),
    }
}
