//! Broken places made by hand, where random damage rarely hits.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use shoal::fault::SourceFault;
use shoal::tag::{self, AUDIO, HEADER, OVERHEAD, VIDEO};
use shoal::tag_stream::{Step, TagStream};

const MAX_DATA: usize = 5000;

fn tag_of(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    tag::write(&mut out, VIDEO, 7, &[data]);
    out
}

/// Steps of a stream of tags that gets its bytes one by one; tags as (offset, length).
fn steps(bytes: &[u8]) -> Vec<Result<(u64, usize), (SourceFault, u64)>> {
    let mut stream = TagStream::tags(MAX_DATA);
    let mut out = Vec::new();
    for byte in bytes {
        stream.push(&[*byte]).unwrap();
        loop {
            match stream.step() {
                Step::Tag(range) => out.push(Ok((stream.offset_of(&range), range.len()))),
                Step::Fault(fault, skipped) => out.push(Err((fault, skipped))),
                Step::More | Step::Stopped => break,
            }
        }
        assert!(stream.held() <= MAX_DATA + OVERHEAD);
    }
    out
}

#[test]
fn an_empty_tag_right_behind_the_broken_byte_is_found() {
    let bytes = [&[0][..], &tag_of(b"")].concat();
    assert_eq!(steps(&bytes), [Err((SourceFault::BadTag, 1)), Ok((1, 15))]);
}

#[test]
fn the_largest_tag_is_found_behind_any_amount_of_noise() {
    let bytes = [&[0x55; 20_000][..], &tag_of(&[1; MAX_DATA])].concat();
    assert_eq!(steps(&bytes), [Err((SourceFault::BadTag, 20_000)), Ok((20_000, MAX_DATA + OVERHEAD))]);
}

#[test]
fn a_tag_above_the_limit_is_skipped_and_the_next_one_found() {
    let large = tag_of(&[1; MAX_DATA + 1]);
    let bytes = [&large[..], &tag_of(b"next")].concat();
    let skipped = large.len() as u64;
    assert_eq!(steps(&bytes), [Err((SourceFault::TagTooLarge, skipped)), Ok((skipped, 19))]);
}

#[test]
fn a_tag_that_began_before_the_broken_place_is_not_believed() {
    // The first tag's data holds a header whose trailing size stands behind the broken place.
    let inner = tag_of(&[1; 40]);
    let kept = &inner[..45];
    let mut bytes = [&tag_of(kept)[..], &[0; 20]].concat();
    let reach = (bytes.len() - 2 * HEADER) as u32;
    bytes[HEADER + 1..HEADER + 4].copy_from_slice(&reach.to_be_bytes()[1..]);
    bytes.extend((HEADER as u32 + reach).to_be_bytes());
    let first = OVERHEAD + kept.len();
    let good = tag_of(b"good");
    let begins = bytes.len();
    bytes.extend(&good);
    let skipped = (begins - first) as u64;
    assert_eq!(steps(&bytes), [Ok((0, first)), Err((SourceFault::BadTag, skipped)), Ok((begins as u64, good.len()))]);
}

#[test]
fn every_kind_of_damage_to_a_header_is_noticed() {
    let good = tag_of(b"good");
    for at in [0, 1, 2, 3, 8, 9, 10, 15, 16, 17, 18] {
        let mut broken = good.clone();
        broken[at] ^= 0x40;
        // Enough good tags behind it to fill the largest size that the limit lets pass.
        let found = steps(&[&broken[..], &good.repeat(300)].concat());
        assert_eq!(found.len(), 301, "byte {at}");
        assert!(found[0].is_err_and(|(_, skipped)| skipped == 19), "byte {at}");
        assert_eq!(found[1], Ok((19, 19)), "byte {at}");
    }
}

#[test]
fn what_is_no_flv_stops_the_stream() {
    for front in [&b"FLW"[..], b"FLV\x02", b"FLV\x01\x05\x00\x00\x00\x08", b"FLV\x01\x05\x00\x00\x01\x00", b"\x09"] {
        let mut stream = TagStream::file(MAX_DATA);
        stream.push(front).unwrap();
        assert_eq!(stream.step(), Step::Fault(SourceFault::BadSignature, 0));
        stream.push(&tag_of(b"late")).unwrap();
        assert_eq!(stream.step(), Step::Stopped);
    }
}

#[test]
fn a_stopped_stream_holds_nothing() {
    // The whole of a large source that is no FLV comes in one chunk.
    let mut refused = TagStream::file(MAX_DATA);
    refused.push(&[&b"FLV\x02"[..], &[1; 10 * MAX_DATA]].concat()).unwrap();
    assert_eq!(refused.step(), Step::Fault(SourceFault::BadSignature, 0));
    assert_eq!(refused.held(), 0);
    refused.push(&[1; MAX_DATA]).unwrap();
    assert_eq!((refused.step(), refused.held()), (Step::Stopped, 0));

    let mut ended = TagStream::tags(MAX_DATA);
    let cut = &tag_of(b"cut off")[..20];
    ended.push(&[&tag_of(b"whole")[..], cut].concat()).unwrap();
    assert_eq!((ended.step(), ended.step()), (Step::Tag(0..20), Step::More));
    ended.keep(0..20);
    assert_eq!(ended.finish(), Some((SourceFault::BadTag, 20)));
    // What was kept before the end can still be taken.
    let run = ended.take_run();
    assert_eq!(ended.slice(run), tag_of(b"whole"));
    assert_eq!(ended.held(), 0);
}

#[test]
fn a_longer_file_header_is_skipped() {
    let mut stream = TagStream::file(MAX_DATA);
    stream.push(b"FLV\x01\x04\x00\x00\x00\x0cabc\0\0\0\0").unwrap();
    let mut sound = Vec::new();
    tag::write(&mut sound, AUDIO, 0, &[b"x"]);
    stream.push(&sound).unwrap();
    assert_eq!(stream.step(), Step::Tag(16..32));
    assert_eq!(stream.flags(), 4);
}
