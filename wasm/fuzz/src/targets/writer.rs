//! Frames of two tracks, late, early, broken or out of order: what the writer gives is FLV in which the scanner finds
//! exactly the frames that were taken, each track in its own order and both in the order of time while neither is late.

use shoal::codec::{Codec, Role};
use shoal::scanner::{Scanned, Scanner};
use shoal::tag::{AUDIO, VIDEO};
use shoal::writer::{Metadata, Track, WAIT_MS, Writer};

use crate::dice::Dice;

const RECORD: &[u8] = b"\x01\x42\xc0\x1e\xff\xe1\x00\x04\x67\x42\xc0\x1e\x01\x00\x04\x68\xcb\x83\xcb";
const OPUS_HEAD: &[u8] = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00";

struct Frame {
    track: Track,
    keyframe: bool,
    time_us: f64,
    data: Vec<u8>,
}

/// One case.
pub fn run(dice: &mut Dice, flawed: bool) {
    let (video, audio) = *dice.pick(&[(true, true), (true, true), (true, false), (false, true)]);
    // How far the tracks are apart when they arrive; up to the limit nothing leaves out of order.
    let skew_ms = dice.below_any(&[1, WAIT_MS as usize - 40, 2000]);
    let mut writer = Writer::new(video, audio).expect("a track is there");
    writer.describe(Metadata { width: 640.0, frame_rate: f64::NAN, ..Metadata::default() });
    refuses_rubbish(dice, &mut writer, video, audio);
    for (track, config, wanted) in [(Track::Video, RECORD, video), (Track::Audio, OPUS_HEAD, audio)] {
        assert!(!wanted || writer.prelude(true, 0).is_none(), "no prelude while a configuration is missing");
        assert_eq!(
            writer.configure(track, config),
            if wanted { Ok(true) } else { Err(shoal::fault::Failure::BadArgument) }
        );
        assert!(!wanted || writer.configure(track, config) == Ok(false), "the same configuration is no change");
    }
    let mut bytes = writer.prelude(true, 0).expect("both configurations are known");
    let mut taken = [Vec::new(), Vec::new()];
    let mut times = Vec::new();
    for frame in frames(dice, (video, audio), skew_ms) {
        let Ok(true) = writer.frame(frame.track, frame.keyframe, frame.time_us, &frame.data) else { continue };
        taken[usize::from(frame.track == Track::Audio)].push(frame);
        while dice.one_in(2) {
            let Some(written) = writer.take() else { break };
            times.push(written.ms);
            bytes.extend_from_slice(&written.bytes);
        }
    }
    writer.finish();
    while let Some(written) = writer.take() {
        times.push(written.ms);
        bytes.extend_from_slice(&written.bytes);
    }
    assert_eq!(times.len(), taken[0].len() + taken[1].len());
    if skew_ms < WAIT_MS as usize {
        assert!(times.is_sorted(), "out of order: {times:?}");
    }
    if flawed {
        // The canary believes that the first frame is sent whatever it is.
        taken[0].iter_mut().take(1).for_each(|frame| frame.keyframe = false);
        taken[1].drain(..taken[1].len().min(1));
    }
    compare(dice, &bytes, &taken, usize::from(video) + usize::from(audio));
}

/// Frames of both tracks over some seconds, sound later than the pictures by up to the skew; the pictures begin anywhere.
fn frames(dice: &mut Dice, (video, audio): (bool, bool), skew_ms: usize) -> Vec<Frame> {
    let start_us = dice.below(1 << 40) as f64;
    let mut frames = Vec::new();
    let gop = dice.between(1, 30);
    let late = dice.below(skew_ms.max(1)) as u64;
    let first = dice.below(gop);
    for index in 0..if video { dice.below(100) } else { 0 } {
        let ms = index as u64 * 40;
        let keyframe = (index + first).is_multiple_of(gop);
        let data = units(dice);
        frames.push((ms, Frame { track: Track::Video, keyframe, time_us: start_us + ms as f64 * 1000.0, data }));
    }
    for index in 0..if audio { dice.below(200) } else { 0 } {
        let ms = index as u64 * 20;
        let time_us = start_us + ms as f64 * 1000.0 + 333.0;
        let length = dice.between(1, 200);
        frames.push((ms + late, Frame { track: Track::Audio, keyframe: false, time_us, data: dice.bytes(length) }));
    }
    frames.sort_by_key(|(arrives, _)| *arrives);
    frames.into_iter().map(|(_, frame)| frame).collect()
}

fn units(dice: &mut Dice) -> Vec<u8> {
    let mut data = Vec::new();
    for _ in 0..dice.between(1, 4) {
        let length = dice.between(1, 300);
        let unit = dice.bytes(length);
        data.extend_from_slice(&(unit.len() as u32).to_be_bytes());
        data.extend_from_slice(&unit);
    }
    data
}

fn refuses_rubbish(dice: &mut Dice, writer: &mut Writer, video: bool, audio: bool) {
    let mut record = RECORD.to_vec();
    record.truncate(dice.below(RECORD.len()));
    assert!(writer.configure(Track::Video, &record).is_err());
    assert!(writer.configure(Track::Audio, &OPUS_HEAD[..dice.below(OPUS_HEAD.len())]).is_err());
    let data = units(dice);
    let early = writer.frame(Track::Video, true, 0.0, &data);
    assert_eq!(early.ok(), video.then_some(false), "no frame before its configuration");
    assert_eq!(writer.frame(Track::Audio, false, 0.0, &[1]).ok(), audio.then_some(false));
    assert!(writer.frame(Track::Video, true, f64::NAN, &data).is_err());
    assert!(writer.frame(Track::Audio, true, 0.0, &[]).is_err());
    if video {
        let mut other = Writer::new(true, false).expect("a track is there");
        assert_eq!(other.configure(Track::Video, RECORD), Ok(true));
        let (cut, more) = (data.len() - dice.between(1, 4), [&data[..], &[0]].concat());
        assert!(other.frame(Track::Video, true, 0.0, &data[..cut]).is_err(), "a unit without its end");
        assert!(other.frame(Track::Video, true, 0.0, &more).is_err(), "bytes after the last unit");
    }
}

fn compare(dice: &mut Dice, bytes: &[u8], taken: &[Vec<Frame>; 2], headers: usize) {
    let tags = scan(dice, bytes);
    let (prelude, frames) = tags.split_at(1 + headers);
    assert_eq!(prelude[0].facts.codec, Codec::Metadata);
    assert!(prelude[1..].iter().all(|tag| matches!(tag.facts.role, Role::Header(5))));
    for (kind, codec, track) in [(VIDEO, Codec::Avc, &taken[0]), (AUDIO, Codec::Opus, &taken[1])] {
        let found: Vec<&Scanned> = frames.iter().filter(|tag| tag.facts.kind == kind).collect();
        assert_eq!(found.len(), track.len());
        assert!(found.windows(2).all(|pair| pair[0].facts.dts < pair[1].facts.dts), "a track's time always rises");
        for (tag, frame) in found.iter().zip(track) {
            assert_eq!((tag.facts.codec, tag.facts.role), (codec, Role::Frame));
            assert_eq!(tag.facts.keyframe, frame.keyframe);
            let at = tag.offset as usize + 11 + 5;
            assert_eq!(&bytes[at..at + frame.data.len()], &frame.data[..]);
            assert_eq!(tag.length, frame.data.len() + 5 + 15);
        }
        for (tags, frames) in found.windows(2).zip(track.windows(2)) {
            let wanted = (frames[1].time_us - frames[0].time_us) / 1000.0;
            let got = f64::from(tags[1].facts.dts - tags[0].facts.dts);
            assert!((wanted - got).abs() <= 1.0, "{got} ms apart instead of {wanted}");
        }
    }
    assert!(taken[0].first().is_none_or(|frame| frame.keyframe), "the pictures begin with one that can be decoded");
}

fn scan(dice: &mut Dice, bytes: &[u8]) -> Vec<Scanned> {
    let mut scanner = Scanner::new();
    let mut tags = Vec::new();
    for chunk in dice.chunks(bytes) {
        scanner.space(chunk.len()).expect("there is memory").copy_from_slice(chunk);
        scanner.commit(chunk.len());
        scanner.take_run();
        tags.extend(std::iter::from_fn(|| scanner.next_tag()));
    }
    assert_eq!((scanner.damage().count, scanner.stopped()), (0, false));
    let whole: usize = tags.iter().map(|tag| tag.length).sum();
    assert_eq!(whole + 13, bytes.len());
    tags
}
