//! Sources to feed the core with: FLV with every form of codec, valid or damaged.

use shoal::mark::UUID;
use shoal::tag::{self, AUDIO, SCRIPT, VIDEO};

use crate::dice::Dice;

/// How pictures are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Video {
    /// Codec id 7.
    Avc,
    /// Codec id 12.
    HevcClassic,
    /// FourCC avc1.
    AvcFourCc,
    /// FourCC hvc1.
    HevcFourCc,
    /// FourCC av01.
    Av1,
    /// None.
    None,
}

impl Video {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Avc, Self::HevcClassic, Self::AvcFourCc, Self::HevcFourCc, Self::Av1, Self::None];

    /// Whether NAL units are HEVC's; None where there are none.
    pub fn hevc(self) -> Option<bool> {
        match self {
            Self::Avc | Self::AvcFourCc => Some(false),
            Self::HevcClassic | Self::HevcFourCc => Some(true),
            Self::Av1 | Self::None => None,
        }
    }
}

/// A source and how it was made.
pub struct Source {
    /// The file.
    pub bytes: Vec<u8>,
    /// Codec of the pictures.
    pub video: Video,
    /// Bytes of a NAL unit's length.
    pub length_size: usize,
}

/// A whole valid source of some seconds with small frames.
pub fn source(dice: &mut Dice) -> Source {
    let video = *dice.pick(&Video::ALL);
    let length_size = *dice.pick(&[4, 4, 4, 2, 1]);
    let flags = if video == Video::None { 4 } else { *dice.pick(&[5, 5, 1, 4]) };
    let mut bytes = vec![b'F', b'L', b'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0];
    let mut time = if dice.one_in(4) { 0xffff_f000 } else { 0u32 };
    let gop = dice.between(1, 8);
    let frames = dice.between(1, 40);
    if dice.one_in(2) {
        tag::write(&mut bytes, SCRIPT, 0, &[b"\x02\x00\x0aonMetaData\x05"]);
    }
    let configured = !dice.one_in(10);
    for frame in 0..frames {
        if configured && (frame == 0 || dice.one_in(20)) {
            headers(dice, &mut bytes, video, length_size, time);
        }
        if dice.one_in(30) {
            tag::write(&mut bytes, SCRIPT, time, &[b"\x02\x00\x0aonMetaData\x01", &[frame as u8]]);
        }
        for _ in 0..dice.below(3) {
            audio(dice, &mut bytes, time);
        }
        let data = frame_data(dice, video, length_size, frame % gop == 0);
        if video != Video::None {
            tag::write(&mut bytes, VIDEO, time, &[&data]);
        }
        time = time.wrapping_add(dice.between(1, 400) as u32);
    }
    Source { bytes, video, length_size }
}

fn headers(dice: &mut Dice, out: &mut Vec<u8>, video: Video, length_size: usize, time: u32) {
    let mut config = vec![1; 30];
    config[4] = 0xfc | (length_size as u8 - 1);
    config[21] = 0xfc | (length_size as u8 - 1);
    config[29] = dice.below(2) as u8;
    match video {
        Video::Avc => tag::write(out, VIDEO, time, &[&[0x17, 0, 0, 0, 0], &config]),
        Video::HevcClassic => tag::write(out, VIDEO, time, &[&[0x1c, 0, 0, 0, 0], &config]),
        Video::AvcFourCc => tag::write(out, VIDEO, time, &[b"\x90avc1", &config]),
        Video::HevcFourCc => tag::write(out, VIDEO, time, &[b"\x90hvc1", &config]),
        Video::Av1 => tag::write(out, VIDEO, time, &[b"\x90av01", &config]),
        Video::None => {}
    }
    tag::write(out, AUDIO, time, &[&[0xaf, 0, 0x12, dice.below(2) as u8]]);
}

fn audio(dice: &mut Dice, out: &mut Vec<u8>, time: u32) {
    let length = dice.below(200);
    let fronts: [&[u8]; 5] = [&[0xaf, 1], &[0x2f], b"\x91Opus", b"\x95\x01Opus", &[]];
    let front = *dice.pick(&fronts);
    tag::write(out, AUDIO, time, &[front, &dice.bytes(length)]);
}

fn frame_data(dice: &mut Dice, video: Video, length_size: usize, keyframe: bool) -> Vec<u8> {
    let kind = if keyframe { 1u8 } else { 2 } << 4;
    let front = match video {
        Video::Avc => vec![kind | 7, 1, 0, 0, 0],
        Video::HevcClassic => vec![kind | 12, 1, 0, 0, 0],
        Video::AvcFourCc => fourcc(dice, kind, b"avc1"),
        Video::HevcFourCc => fourcc(dice, kind, b"hvc1"),
        Video::Av1 | Video::None => [&[0x81 | kind][..], b"av01"].concat(),
    };
    let body = match video.hevc() {
        Some(hevc) => join(&units(dice, hevc), length_size),
        None => {
            let length = dice.below(3000);
            dice.bytes(length)
        }
    };
    [front, body].concat()
}

/// Coded frames with a composition time, without one, or behind a ModEx prefix.
fn fourcc(dice: &mut Dice, kind: u8, code: &[u8; 4]) -> Vec<u8> {
    match dice.below(3) {
        0 => [&[0x81 | kind][..], code, &[0, 0, 5]].concat(),
        1 => [&[0x83 | kind][..], code].concat(),
        _ => [&[0x87 | kind, 2, 9, 9, 9, 0x03][..], code].concat(),
    }
}

/// NAL units behind lengths of `length_size` bytes; units too long for it are left out.
pub fn join(units: &[Vec<u8>], length_size: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for unit in units.iter().filter(|unit| (unit.len() as u64) < 1 << (8 * length_size)) {
        out.extend_from_slice(&(unit.len() as u64).to_be_bytes()[8 - length_size..]);
        out.extend_from_slice(unit);
    }
    out
}

/// NAL units of one frame: now and then a delimiter first, SEI units with and without marks of ours, slices.
pub fn units(dice: &mut Dice, hevc: bool) -> Vec<Vec<u8>> {
    let front = |avc: u8, of_hevc: u8| if hevc { vec![of_hevc << 1, 1] } else { vec![avc] };
    let mut units = Vec::new();
    if dice.one_in(3) {
        units.push([front(9, 35), vec![0xf0]].concat());
    }
    for _ in 0..dice.below(3) {
        let kind = *dice.pick(&[39, 40]);
        units.push([front(6, kind), sei(dice)].concat());
    }
    for _ in 0..dice.between(1, 3) {
        let length = if dice.one_in(6) { dice.below(12_000) } else { dice.below(200) };
        let slice: Vec<u8> = dice.bytes(length).iter().map(|byte| (*byte).max(1)).collect();
        units.push([front(0x65, 19), slice].concat());
    }
    if dice.one_in(20) {
        units.push(Vec::new());
    }
    units
}

/// The escaped body of an SEI unit: messages, some of them user data with our UUID, or plain noise.
fn sei(dice: &mut Dice) -> Vec<u8> {
    if dice.one_in(8) {
        let length = dice.below(60);
        return [dice.bytes(length), UUID.to_vec(), dice.bytes(length)].concat();
    }
    let mut body = Vec::new();
    for _ in 0..dice.between(1, 4) {
        let length = *dice.pick(&[0, 5, 40, 300]);
        let (kind, payload) = match dice.below(4) {
            0 => (5, [UUID.to_vec(), dice.bytes(length)].concat()),
            1 => (5, dice.bytes(16 + length)),
            2 => (4, [UUID.to_vec(), dice.bytes(length)].concat()),
            _ => (dice.below(600), dice.bytes(length)),
        };
        for mut number in [kind, payload.len()] {
            while number >= 255 {
                body.push(255);
                number -= 255;
            }
            body.push(number as u8);
        }
        body.extend(payload);
    }
    body.push(0x80);
    crate::naive_sei::escape(&body)
}

/// Breaks a source in some places, or replaces it by noise.
pub fn damage(dice: &mut Dice, bytes: &mut Vec<u8>) {
    if dice.one_in(40) {
        let length = dice.below(2000);
        *bytes = dice.bytes(length);
        return;
    }
    for _ in 0..dice.between(1, 6) {
        if bytes.len() < 2 {
            return;
        }
        // Mostly behind the file header, so that there is something to resynchronise.
        let at =
            if dice.one_in(30) { dice.below(bytes.len()) } else { dice.between(13.min(bytes.len() - 1), bytes.len()) };
        let length = dice.below_any(&[2, 20, 400]).min(bytes.len() - at);
        match dice.below(5) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let noise = dice.bytes(length);
                bytes.splice(at..at, noise);
            }
            3 => {
                let copy = bytes[at..at + length].to_vec();
                let to = dice.between(0, bytes.len());
                bytes.splice(to..to, copy);
            }
            _ if dice.one_in(4) => bytes.truncate(at),
            _ => bytes[at] = *dice.pick(&[0, 8, 9, 18, 255]),
        }
    }
}
