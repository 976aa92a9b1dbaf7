//! Golden vectors: what this build says must be what `src/wire/piece-vectors.json` says. After a deliberate change of
//! the format, `SHOAL_WRITE_VECTORS=1 cargo test --test vectors` writes the file anew.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Write as _;
use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use shoal::codec::Codec;
use shoal::cutter::Cutter;
use shoal::cutting::Event;
use shoal::keys;
use shoal::mark::PreviousGroup;
use shoal::nal::NalForm;
use shoal::piece::{ENCRYPTED, Header, KEYFRAME, LAST, NO_TAG};
use shoal::seal::{Epoch, Sealer};
use shoal::sei;
use shoal::tag;

const SEED: [u8; 32] = [0x5e; 32];
const SECRET: [u8; 32] = [0x7c; 32];
const EPOCH: [u8; 10] = [0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00, 0xde, 0xad, 0xbe, 0xef];
const CUT_MS: u64 = 1_700_000_123_456;

fn stream() -> [u8; 32] {
    std::array::from_fn(|at| at as u8)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn piece_json(name: &str, wire: &[u8], clear: &[u8]) -> String {
    let header = Header::of_piece(wire).expect("a sealed piece has a possible header");
    let flag = |flag: u8| header.flags & flag != 0;
    format!(
        r#"    {{
      "name": "{name}",
      "header": {{
        "keyframe": {},
        "encrypted": {},
        "last": {},
        "length": {},
        "epochTag": {},
        "sequence": {},
        "dtsMs": {},
        "cutMs": {},
        "generation": {},
        "tagStart": {},
        "groupOffset": {}
      }},
      "clear": "{}",
      "wire": "{}"
    }}"#,
        flag(KEYFRAME),
        flag(ENCRYPTED),
        flag(LAST),
        header.length,
        header.epoch_tag,
        header.sequence,
        header.dts_ms,
        header.cut_ms,
        header.generation,
        header.tag_start,
        header.group_offset,
        hex(clear),
        hex(wire),
    )
}

/// Pieces with every flag and field at work.
fn pieces() -> String {
    let base = Header {
        flags: 0,
        length: 0,
        epoch_tag: 0,
        sequence: 0,
        dts_ms: 0,
        cut_ms: CUT_MS,
        generation: 0,
        tag_start: NO_TAG,
        group_offset: 0,
    };
    let encrypted = Some(SECRET);
    let rows = [
        ("first of the epoch", encrypted, 0, Header { tag_start: 0, ..base }, 40),
        ("keyframe", encrypted, 0, Header { flags: KEYFRAME, sequence: 1, dts_ms: 40, tag_start: 0, ..base }, 100),
        ("continuing", encrypted, 0, Header { sequence: 2, dts_ms: 40, group_offset: 1, ..base }, 63),
        (
            "a tag begins inside",
            encrypted,
            7,
            Header { sequence: 0x0102_0304, dts_ms: 0xfedc_ba98, tag_start: 17, group_offset: 0xffff, ..base },
            65,
        ),
        (
            "last",
            encrypted,
            0xffff,
            Header { flags: LAST, sequence: u32::MAX, dts_ms: u32::MAX, cut_ms: 0xffff_ffff_ffff, ..base },
            1,
        ),
        ("clear", None, 0, Header { sequence: 3, dts_ms: 80, tag_start: 0, group_offset: 2, ..base }, 32),
        (
            "clear, keyframe and last",
            None,
            0,
            Header { flags: KEYFRAME | LAST, sequence: 4, dts_ms: 120, tag_start: 0, ..base },
            20,
        ),
    ];
    let rows = rows.map(|(name, secret, generation, header, length)| {
        let sealer = Sealer::new(Epoch::new(stream(), EPOCH), &SEED, secret, generation);
        let clear: Vec<u8> = (0..length).map(|at: u32| (at * 7 + header.sequence) as u8).collect();
        let wire = sealer.seal(Header { length: clear.len() as u16, ..header }, &clear);
        piece_json(name, &wire, &clear)
    });
    rows.join(",\n")
}

fn mark() -> String {
    let sealer = Sealer::new(Epoch::new(stream(), EPOCH), &SEED, Some(SECRET), 0);
    let previous = PreviousGroup { first: 100, count: 23, digest: [0xd1; 32] };
    let mark = sealer.mark(123, previous);
    let unit = |codec, at| {
        let form = NalForm::from_config(codec, &[3; 22][..at]).expect("a configuration of this length is read");
        hex(&sei::unit(form, &mark))
    };
    format!(
        r#"  "mark": {{
    "sequence": 123,
    "previousFirst": {},
    "previousCount": {},
    "digest": "{}",
    "signature": "{}",
    "avcUnit": "{}",
    "hevcUnit": "{}"
  }}"#,
        previous.first,
        previous.count,
        hex(&previous.digest),
        hex(&mark.signature),
        unit(Codec::Avc, 5),
        unit(Codec::Hevc, 22),
    )
}

/// A whole small source: header, AVC configuration, two groups of two frames.
fn source() -> Vec<u8> {
    let mut flv = b"FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00".to_vec();
    tag::write(&mut flv, tag::VIDEO, 0, &[b"\x17\x00\x00\x00\x00\x01\x42\xc0\x1e\xff\xe0\x00"]);
    for frame in 0..4u8 {
        let keyframe = frame % 2 == 0;
        let front: [u8; 5] = [if keyframe { 0x17 } else { 0x27 }, 1, 0, 0, 0];
        let unit = [0, 0, 0, 9, if keyframe { 0x65 } else { 0x41 }, frame, 0, 0, 3, 1, 0xaa, 0xbb, 0xcc];
        tag::write(&mut flv, tag::VIDEO, u32::from(frame) * 40, &[&front, &unit]);
    }
    flv
}

fn cut() -> String {
    let sealer = Sealer::new(Epoch::new(stream(), EPOCH), &SEED, Some(SECRET), 3);
    let mut cutter = Cutter::new(sealer, true, 1 << 20);
    cutter.push(&source(), CUT_MS as f64).expect("a running cutter takes bytes");
    cutter.finish(CUT_MS as f64 + 50.0);
    let mut prelude = String::new();
    let mut pieces = Vec::new();
    while let Some(event) = cutter.next_event() {
        match event {
            Event::Prelude(bytes) => prelude = hex(&bytes),
            Event::Piece { wire, clear } => pieces.push(piece_json("cut", &wire, &clear)),
            Event::Fault(fault, _) => panic!("the source has a fault: {fault:?}"),
        }
    }
    format!(
        r#"  "cut": {{
    "source": "{}",
    "prelude": "{prelude}",
    "pieces": [
{}
    ]
  }}"#,
        hex(&source()),
        pieces.join(",\n").replace("\n", "\n  ").replacen("    {", "      {", 1),
    )
}

fn vectors() -> String {
    let code_key = b"a code's key of any length";
    let context = b"stream|code";
    let nonce: [u8; 24] = std::array::from_fn(|at| 0x40 + at as u8);
    let key = keys::content_key(&SECRET, &EPOCH, 3);
    let wrapped = keys::wrap(code_key, &nonce, context, &key).expect("short inputs are accepted");
    format!(
        r#"{{
  "stream": "{}",
  "epoch": "{}",
  "epochTag": {},
  "signingSeed": "{}",
  "publicKey": "{}",
  "contentSecret": "{}",
  "generation": 3,
  "contentKey": "{}",
  "wrap": {{
    "codeKey": "{}",
    "nonce": "{}",
    "context": "{}",
    "wrapped": "{}"
  }},
{},
  "pieces": [
{}
  ],
{}
}}
"#,
        hex(&stream()),
        hex(&EPOCH),
        keys::epoch_tag(&stream(), &EPOCH),
        hex(&SEED),
        hex(SigningKey::from_bytes(&SEED).verifying_key().as_bytes()),
        hex(&SECRET),
        hex(&key),
        hex(code_key),
        hex(&nonce),
        hex(context),
        hex(&wrapped),
        mark(),
        pieces(),
        cut(),
    )
}

#[test]
fn this_build_says_what_the_golden_vectors_say() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../src/wire/piece-vectors.json");
    let found = vectors();
    if std::env::var_os("SHOAL_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &found).expect("the vectors can be written");
    }
    let wanted = std::fs::read_to_string(&path).expect("the vectors are there");
    assert!(found.len() < 40_000);
    for (found, wanted) in found.lines().zip(wanted.lines()) {
        assert_eq!(found, wanted);
    }
    assert_eq!(found.len(), wanted.len());
}
