//! Tags of every form, one row each: what they carry and where their NAL units or configuration begin.

use shoal::codec::{Codec, Role, describe};
use shoal::tag::{self, AUDIO, SCRIPT, VIDEO};

type Row = (&'static str, u8, &'static [u8], Codec, Role, bool, Option<usize>);

const ROWS: &[Row] = &[
    ("AVC header", VIDEO, b"\x17\x00\x00\x00\x00\x01", Codec::Avc, Role::Header(5), false, None),
    ("AVC keyframe", VIDEO, b"\x17\x01\x00\x00\x00\x00", Codec::Avc, Role::Frame, true, Some(5)),
    ("AVC frame", VIDEO, b"\x27\x01\x00\x00\x00\x00", Codec::Avc, Role::Frame, false, Some(5)),
    ("AVC end of sequence", VIDEO, b"\x17\x02\x00\x00\x00", Codec::Avc, Role::Aside, false, None),
    ("AVC command", VIDEO, b"\x57\x01", Codec::Avc, Role::Aside, false, None),
    ("AVC without a packet type", VIDEO, b"\x17", Codec::Avc, Role::Aside, false, None),
    ("HEVC by codec id", VIDEO, b"\x1c\x01\x00\x00\x00", Codec::Hevc, Role::Frame, true, Some(5)),
    ("an old codec", VIDEO, b"\x12\x00", Codec::Other, Role::Frame, true, None),
    ("FourCC AVC header", VIDEO, b"\x90avc1\x01", Codec::Avc, Role::Header(5), false, None),
    ("FourCC AVC keyframe", VIDEO, b"\x91avc1\x00\x00\x00", Codec::Avc, Role::Frame, true, Some(8)),
    ("FourCC HEVC frame", VIDEO, b"\xa1hvc1\x00\x00\x00", Codec::Hevc, Role::Frame, false, Some(8)),
    ("FourCC HEVC keyframe without a time", VIDEO, b"\x93hvc1", Codec::Hevc, Role::Frame, true, Some(5)),
    ("VVC keyframe without a time", VIDEO, b"\x93vvc1", Codec::Vvc, Role::Frame, true, None),
    ("AV1 has no such form", VIDEO, b"\x93av01", Codec::Av1, Role::Aside, false, None),
    ("AV1 keyframe", VIDEO, b"\x91av01\x00", Codec::Av1, Role::Frame, true, None),
    ("AV1 header", VIDEO, b"\x90av01\x81", Codec::Av1, Role::Header(5), false, None),
    ("AV1 header of a transport stream", VIDEO, b"\x95av01", Codec::Av1, Role::Header(5), false, None),
    ("VP9 keyframe", VIDEO, b"\x91vp09", Codec::Vp9, Role::Frame, true, None),
    ("VP8 frame", VIDEO, b"\xa1vp08", Codec::Vp8, Role::Frame, false, None),
    ("colour information", VIDEO, b"\x94hvc1", Codec::Hevc, Role::Aside, false, None),
    ("end of sequence", VIDEO, b"\x92hvc1", Codec::Hevc, Role::Aside, false, None),
    ("FourCC command", VIDEO, b"\xd1avc1", Codec::Avc, Role::Aside, false, None),
    ("unknown FourCC", VIDEO, b"\x91zzzz", Codec::Other, Role::Frame, true, None),
    ("FourCC cut short", VIDEO, b"\x91av", Codec::Other, Role::Frame, true, None),
    ("ModEx", VIDEO, b"\x97\x02\x09\x09\x09\x03avc1", Codec::Avc, Role::Frame, true, Some(10)),
    ("two ModEx", VIDEO, b"\x97\x00\x09\x07\x00\x09\x01avc1\0\0\0", Codec::Avc, Role::Frame, true, Some(14)),
    ("ModEx cut short", VIDEO, b"\x97\x20\x09", Codec::Other, Role::Aside, false, None),
    ("multitrack, one codec", VIDEO, b"\x96\x01avc1\x00", Codec::Avc, Role::Frame, true, None),
    ("multitrack header", VIDEO, b"\x96\x00hvc1\x00", Codec::Hevc, Role::Header(6), false, None),
    ("multitrack cut short", VIDEO, b"\x96", Codec::Other, Role::Aside, false, None),
    ("AAC header", AUDIO, b"\xaf\x00\x12\x08", Codec::Aac, Role::Header(2), false, None),
    ("AAC frame", AUDIO, b"\xaf\x01\x21", Codec::Aac, Role::Frame, false, None),
    ("AAC without a packet type", AUDIO, b"\xaf", Codec::Aac, Role::Aside, false, None),
    ("MP3", AUDIO, b"\x2f\xff", Codec::Mp3, Role::Frame, false, None),
    ("MP3 at 8 kHz", AUDIO, b"\xef\xff", Codec::Mp3, Role::Frame, false, None),
    ("PCM", AUDIO, b"\x3f\x00", Codec::Other, Role::Frame, false, None),
    ("Opus header", AUDIO, b"\x90OpusOpusHead", Codec::Opus, Role::Header(5), false, None),
    ("Opus frame", AUDIO, b"\x91Opus\x01", Codec::Opus, Role::Frame, false, None),
    ("Opus multitrack", AUDIO, b"\x95\x01Opus", Codec::Opus, Role::Frame, false, None),
    ("Opus channel layout", AUDIO, b"\x94Opus", Codec::Opus, Role::Aside, false, None),
    ("FourCC AAC header", AUDIO, b"\x90mp4a\x12", Codec::Aac, Role::Header(5), false, None),
    ("FourCC MP3", AUDIO, b"\x91.mp3", Codec::Mp3, Role::Frame, false, None),
    ("FLAC header", AUDIO, b"\x90fLaC", Codec::Flac, Role::Header(5), false, None),
    ("AC-3", AUDIO, b"\x91ac-3", Codec::Ac3, Role::Frame, false, None),
    ("E-AC-3", AUDIO, b"\x91ec-3", Codec::Eac3, Role::Frame, false, None),
    ("metadata", SCRIPT, b"\x02\x00\x0aonMetaData\x05", Codec::Metadata, Role::Aside, false, None),
    ("another script", SCRIPT, b"\x02\x00\x0aonTextData\x05", Codec::Other, Role::Aside, false, None),
    ("nothing", VIDEO, b"", Codec::Other, Role::Aside, false, None),
];

#[test]
fn every_form_of_tag_is_told_apart() {
    for (name, kind, data, codec, role, keyframe, units_at) in ROWS {
        let mut whole = Vec::new();
        tag::write(&mut whole, *kind, 0xfedc_ba98, &[data]);
        let facts = describe(&whole);
        assert_eq!((facts.kind, facts.dts), (*kind, 0xfedc_ba98), "{name}");
        assert_eq!((facts.codec, facts.role), (*codec, *role), "{name}");
        assert_eq!((facts.keyframe, facts.units_at), (*keyframe, *units_at), "{name}");
    }
}

#[test]
fn a_long_mod_ex_has_a_longer_size() {
    let mut whole = Vec::new();
    tag::write(&mut whole, VIDEO, 0, &[b"\x97\xff\x01\x00", &[9; 257], b"\x01avc1\0\0\0"]);
    let facts = describe(&whole);
    assert_eq!((facts.codec, facts.units_at), (Codec::Avc, Some(4 + 257 + 8)));
    let mut whole = Vec::new();
    tag::write(&mut whole, VIDEO, 0, &[b"\x97\xfe", &[9; 255], b"\x01avc1\0\0\0"]);
    assert_eq!(describe(&whole).units_at, Some(2 + 255 + 8));
}
