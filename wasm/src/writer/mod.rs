//! Makes an FLV stream of what a browser's encoders give: H.264 with its decoder configuration, and Opus in the
//! enhanced (FourCC) form. Tags come out in the order of their time across both tracks, as far as a late track allows.

mod avc;
mod metadata;

use std::collections::VecDeque;

use crate::fault::Failure;
use crate::nal::NalForm;
use crate::tag::{self, AUDIO, DATA_MAX, OVERHEAD, VIDEO};

pub use metadata::Metadata;

/// How far, ms, one track may be ahead of the other before its tags stop waiting for it.
pub const WAIT_MS: u64 = 200;
/// Tags that may wait to be taken.
const READY_MAX: usize = 4096;
/// The largest Opus header there is: 255 channels with a mapping table.
const OPUS_HEAD_MAX: usize = 21 + 255;

const AVC_HEADER: [u8; 5] = [0x17, 0, 0, 0, 0];
const AVC_KEY: [u8; 5] = [0x17, 1, 0, 0, 0];
const AVC_INTER: [u8; 5] = [0x27, 1, 0, 0, 0];
const OPUS_HEADER: [u8; 5] = *b"\x90Opus";
const OPUS_FRAME: [u8; 5] = *b"\x91Opus";

/// One of the two tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
}

/// A tag that may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Which track it is of.
    pub track: Track,
    /// Its time since the first frame, ms.
    pub ms: u64,
    /// A picture that decoding can begin with.
    pub keyframe: bool,
    /// The whole tag.
    pub bytes: Vec<u8>,
}

#[derive(Default)]
struct Lane {
    wanted: bool,
    config: Vec<u8>,
    last_ms: Option<u64>,
    waiting: VecDeque<Written>,
}

/// The writer of one stream.
pub struct Writer {
    video: Lane,
    audio: Lane,
    form: Option<NalForm>,
    begun: bool,
    base_us: Option<f64>,
    metadata: Metadata,
    ready: VecDeque<Written>,
}

impl Writer {
    /// Of a stream with these tracks.
    pub fn new(video: bool, audio: bool) -> Result<Self, Failure> {
        if !video && !audio {
            return Err(Failure::BadArgument);
        }
        let lane = |wanted| Lane { wanted, ..Lane::default() };
        Ok(Self {
            video: lane(video),
            audio: lane(audio),
            form: None,
            begun: false,
            base_us: None,
            metadata: Metadata::default(),
            ready: VecDeque::new(),
        })
    }

    /// What the next prelude says about the stream.
    pub fn describe(&mut self, metadata: Metadata) {
        self.metadata = metadata;
    }

    /// Takes a decoder configuration: an AVCDecoderConfigurationRecord or an Opus header. True when it is a new one, so
    /// that a prelude has to go out before the next frame.
    pub fn configure(&mut self, track: Track, config: &[u8]) -> Result<bool, Failure> {
        let good = match track {
            Track::Video => avc::is_record(config),
            Track::Audio => config.starts_with(b"OpusHead") && (19..=OPUS_HEAD_MAX).contains(&config.len()),
        };
        if !good || !self.lane(track).wanted {
            return Err(Failure::BadArgument);
        }
        if track == Track::Video {
            self.form = NalForm::from_config(crate::codec::Codec::Avc, config);
        }
        let lane = self.lane(track);
        let changed = lane.config != config;
        lane.config = config.to_vec();
        Ok(changed)
    }

    /// The tags a reader needs before the frames: metadata and both configurations, after the file header if this is the
    /// beginning of a connection. None while a configuration is missing.
    pub fn prelude(&self, file_header: bool, ms: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        if file_header {
            let flags = u8::from(self.video.wanted) | u8::from(self.audio.wanted) << 2;
            bytes.extend_from_slice(&[b'F', b'L', b'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0]);
        }
        let metadata = self.metadata.to_script(self.video.wanted, self.audio.wanted);
        tag::write(&mut bytes, tag::SCRIPT, ms as u32, &[&metadata]);
        for (lane, kind, header) in [(&self.video, VIDEO, AVC_HEADER), (&self.audio, AUDIO, OPUS_HEADER)] {
            if lane.wanted && lane.config.is_empty() {
                return None;
            }
            if lane.wanted {
                tag::write(&mut bytes, kind, ms as u32, &[&header, &lane.config]);
            }
        }
        Some(bytes)
    }

    /// Takes an encoded frame. False for what cannot be used: frames before the first picture that decoding can begin
    /// with, and frames of a track whose configuration is not known.
    pub fn frame(&mut self, track: Track, keyframe: bool, time_us: f64, data: &[u8]) -> Result<bool, Failure> {
        if !time_us.is_finite() || data.is_empty() || data.len() > DATA_MAX - OVERHEAD {
            return Err(Failure::BadArgument);
        }
        if !self.lane(track).wanted {
            return Err(Failure::BadArgument);
        }
        if self.lane(track).config.is_empty() {
            return Ok(false);
        }
        if track == Track::Video && !self.form.is_some_and(|form| avc::units_fit(form, data)) {
            return Err(Failure::BadArgument);
        }
        self.begun |= track == Track::Video && keyframe || !self.video.wanted;
        // What was captured before the first frame that is sent belongs to no picture.
        let early = self.lane(track).last_ms.is_none() && self.base_us.is_some_and(|base| time_us < base);
        if !self.begun || early {
            return Ok(false);
        }
        if self.ready.len() + self.video.waiting.len() + self.audio.waiting.len() >= READY_MAX {
            return Err(Failure::OutOfMemory);
        }
        let ms = self.stamp(track, time_us);
        let (kind, header) = match (track, keyframe) {
            (Track::Video, true) => (VIDEO, AVC_KEY),
            (Track::Video, false) => (VIDEO, AVC_INTER),
            (Track::Audio, _) => (AUDIO, OPUS_FRAME),
        };
        let mut bytes = Vec::with_capacity(OVERHEAD + header.len() + data.len());
        tag::write(&mut bytes, kind, ms as u32, &[&header, data]);
        let keyframe = keyframe && track == Track::Video;
        self.lane(track).waiting.push_back(Written { track, ms, keyframe, bytes });
        self.interleave();
        Ok(true)
    }

    /// Goes on without a track that never came.
    pub fn give_up(&mut self, track: Track) {
        self.lane(track).wanted = false;
        self.interleave();
    }

    /// Lets every tag out that waits for the other track: nothing more is coming.
    pub fn finish(&mut self) {
        while let Some(written) = self.earliest() {
            self.ready.push_back(written);
        }
    }

    /// The next tag.
    pub fn take(&mut self) -> Option<Written> {
        self.ready.pop_front()
    }

    fn lane(&mut self, track: Track) -> &mut Lane {
        match track {
            Track::Video => &mut self.video,
            Track::Audio => &mut self.audio,
        }
    }

    /// Milliseconds since the first frame. A track's own time always rises, whatever a capture clock does.
    fn stamp(&mut self, track: Track, time_us: f64) -> u64 {
        let base = *self.base_us.get_or_insert(time_us);
        let since = ((time_us - base) / 1000.0).round().max(0.0) as u64;
        let lane = self.lane(track);
        let ms = lane.last_ms.map_or(since, |last| since.max(last + 1));
        lane.last_ms = Some(ms);
        ms
    }

    /// Lets out what no frame of the other track can precede any more, or what has waited long enough for one.
    fn interleave(&mut self) {
        loop {
            let both = self.video.wanted && self.audio.wanted;
            let heads = (self.video.waiting.front(), self.audio.waiting.front());
            let span = |lane: &Lane| lane.last_ms.zip(lane.waiting.front()).map_or(0, |(last, head)| last - head.ms);
            let settled = !both || matches!(heads, (Some(_), Some(_)));
            let overdue = span(&self.video).max(span(&self.audio)) >= WAIT_MS;
            if !settled && !overdue {
                return;
            }
            let Some(written) = self.earliest() else { return };
            self.ready.push_back(written);
        }
    }

    fn earliest(&mut self) -> Option<Written> {
        let audio_first = match (self.video.waiting.front(), self.audio.waiting.front()) {
            (Some(video), Some(audio)) => audio.ms < video.ms,
            (video, _) => video.is_none(),
        };
        if audio_first { self.audio.waiting.pop_front() } else { self.video.waiting.pop_front() }
    }
}
