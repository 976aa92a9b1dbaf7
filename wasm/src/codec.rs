//! What a tag carries, read from the first bytes of its data: classic FLV and enhanced RTMP (FourCC) forms, including
//! its ModEx prefix and multitrack packets. Unknown codecs are passed through as `Other`.

use crate::bytes::{array_at, u16_at};
use crate::tag::{self, AUDIO, VIDEO};

/// Packet type of a multitrack packet, which audio and video number differently.
const MULTITRACK_AUDIO: u8 = 5;
const MULTITRACK_VIDEO: u8 = 6;

/// Codecs by name. The numbers cross the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Codec {
    /// Anything not listed.
    Other = 0,
    /// H.264.
    Avc = 1,
    /// H.265.
    Hevc = 2,
    /// AV1.
    Av1 = 3,
    /// VP9.
    Vp9 = 4,
    /// VP8.
    Vp8 = 5,
    /// H.266.
    Vvc = 6,
    /// AAC.
    Aac = 7,
    /// MP3.
    Mp3 = 8,
    /// Opus.
    Opus = 9,
    /// FLAC.
    Flac = 10,
    /// AC-3.
    Ac3 = 11,
    /// E-AC-3.
    Eac3 = 12,
    /// An onMetaData script tag.
    Metadata = 13,
}

/// What a tag's data is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Coded sound or pictures.
    Frame,
    /// Decoder configuration; the number is where it begins in the data.
    Header(usize),
    /// End of sequence, commands, colour information, scripts: anything else.
    Aside,
}

/// What is known of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Tag type.
    pub kind: u8,
    /// Timestamp, ms.
    pub dts: u32,
    /// Codec.
    pub codec: Codec,
    /// Frame, header or neither.
    pub role: Role,
    /// A random access point: an intra frame of video.
    pub keyframe: bool,
    /// Where length-prefixed NAL units begin in the data, for single-track AVC and HEVC frames.
    pub units_at: Option<usize>,
}

/// Reads a whole tag.
pub fn describe(whole: &[u8]) -> Facts {
    let data = tag::data(whole);
    let kind = whole.first().copied().unwrap_or(0);
    let blank = Facts {
        kind,
        dts: tag::timestamp(whole),
        codec: Codec::Other,
        role: Role::Aside,
        keyframe: false,
        units_at: None,
    };
    let Some(&first) = data.first() else { return blank };
    match kind {
        VIDEO if first & 0x80 != 0 => enhanced_video(blank, data, first),
        VIDEO => classic_video(blank, data, first),
        AUDIO if first >> 4 == 9 => enhanced_audio(blank, data),
        AUDIO => classic_audio(blank, data, first),
        _ if data.starts_with(b"\x02\x00\x0aonMetaData") => Facts { codec: Codec::Metadata, ..blank },
        _ => blank,
    }
}

fn classic_video(facts: Facts, data: &[u8], first: u8) -> Facts {
    let codec = match first & 15 {
        7 => Codec::Avc,
        12 => Codec::Hevc,
        _ => Codec::Other,
    };
    let intra = first >> 4 == 1;
    if first >> 4 == 5 {
        return Facts { codec, ..facts };
    }
    match (codec, data.get(1)) {
        (Codec::Other, _) => Facts { role: Role::Frame, keyframe: intra, ..facts },
        (_, Some(0)) => Facts { codec, role: Role::Header(5), ..facts },
        (_, Some(1)) => Facts { codec, role: Role::Frame, keyframe: intra, units_at: Some(5), ..facts },
        _ => Facts { codec, ..facts },
    }
}

fn enhanced_video(facts: Facts, data: &[u8], first: u8) -> Facts {
    let Some((packet, at, multitrack)) = packet_type(data, MULTITRACK_VIDEO) else { return facts };
    let codec = video_codec(array_at(data, at));
    let at = at + 4;
    let frame_type = first >> 4 & 7;
    if frame_type == 5 {
        return Facts { codec, ..facts };
    }
    // Coded frames of these three carry a composition time; packet type 3 says that it is zero and left out.
    let timed = matches!(codec, Codec::Avc | Codec::Hevc | Codec::Vvc);
    let units_at = match (codec, packet, multitrack) {
        (Codec::Avc | Codec::Hevc, 1, false) => Some(at + 3),
        (Codec::Avc | Codec::Hevc, 3, false) => Some(at),
        _ => None,
    };
    match packet {
        0 | 5 => Facts { codec, role: Role::Header(at), ..facts },
        1 => Facts { codec, role: Role::Frame, keyframe: frame_type == 1, units_at, ..facts },
        3 if timed => Facts { codec, role: Role::Frame, keyframe: frame_type == 1, units_at, ..facts },
        _ => Facts { codec, ..facts },
    }
}

fn enhanced_audio(facts: Facts, data: &[u8]) -> Facts {
    let Some((packet, at, _)) = packet_type(data, MULTITRACK_AUDIO) else { return facts };
    let codec = match array_at(data, at).as_ref() {
        Some(b"mp4a") => Codec::Aac,
        Some(b".mp3") => Codec::Mp3,
        Some(b"Opus") => Codec::Opus,
        Some(b"fLaC") => Codec::Flac,
        Some(b"ac-3") => Codec::Ac3,
        Some(b"ec-3") => Codec::Eac3,
        _ => Codec::Other,
    };
    match packet {
        0 => Facts { codec, role: Role::Header(at + 4), ..facts },
        1 => Facts { codec, role: Role::Frame, ..facts },
        _ => Facts { codec, ..facts },
    }
}

fn classic_audio(facts: Facts, data: &[u8], first: u8) -> Facts {
    match (first >> 4, data.get(1)) {
        (10, Some(0)) => Facts { codec: Codec::Aac, role: Role::Header(2), ..facts },
        (10, Some(1)) => Facts { codec: Codec::Aac, role: Role::Frame, ..facts },
        (10, _) => Facts { codec: Codec::Aac, ..facts },
        (2 | 14, _) => Facts { codec: Codec::Mp3, role: Role::Frame, ..facts },
        _ => Facts { role: Role::Frame, ..facts },
    }
}

fn video_codec(code: Option<[u8; 4]>) -> Codec {
    match code.as_ref() {
        Some(b"avc1") => Codec::Avc,
        Some(b"hvc1") => Codec::Hevc,
        Some(b"av01") => Codec::Av1,
        Some(b"vp09") => Codec::Vp9,
        Some(b"vp08") => Codec::Vp8,
        Some(b"vvc1") => Codec::Vvc,
        _ => Codec::Other,
    }
}

/// Packet type, place of the FourCC, and whether this is a multitrack packet, whose packet type has number `multitrack`.
fn packet_type(data: &[u8], multitrack: u8) -> Option<(u8, usize, bool)> {
    const MOD_EX: u8 = 7;
    let mut packet = data.first()? & 15;
    let mut at = 1;
    while packet == MOD_EX {
        let mut size = usize::from(*data.get(at)?) + 1;
        at += 1;
        if size == 256 {
            size = usize::from(u16_at(data, at)?) + 1;
            at += 2;
        }
        at += size;
        packet = data.get(at)? & 15;
        at += 1;
    }
    if packet != multitrack {
        return Some((packet, at, false));
    }
    // Of several tracks with a codec each, the first one speaks for the packet: its FourCC follows in the same place.
    Some((data.get(at)? & 15, at + 1, true))
}
