//! onMetaData: what a stream says of itself before its first frame.

const NUMBER: u8 = 0;
const STRING: u8 = 2;
const ECMA_ARRAY: u8 = 8;
const END: [u8; 3] = [0, 0, 9];
const AVC_ID: f64 = 7.0;
/// Codecs without a number of their own are named by their FourCC.
const OPUS_ID: f64 = 0x4f70_7573 as f64;
const KBPS: f64 = 1000.0;

/// Numbers of a stream; what is not known is 0 and left out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metadata {
    /// Pixels.
    pub width: f64,
    /// Pixels.
    pub height: f64,
    /// Pictures a second.
    pub frame_rate: f64,
    /// Bits a second the encoder was asked for.
    pub video_bits_per_sec: f64,
    /// Samples a second.
    pub sample_rate: f64,
    /// Bits a second the encoder was asked for.
    pub audio_bits_per_sec: f64,
}

impl Metadata {
    /// The data of its script tag.
    pub fn to_script(self, video: bool, audio: bool) -> Vec<u8> {
        let mut values: Vec<(&str, f64)> = Vec::new();
        if video {
            values.extend([
                ("width", self.width),
                ("height", self.height),
                ("framerate", self.frame_rate),
                ("videodatarate", self.video_bits_per_sec / KBPS),
                ("videocodecid", AVC_ID),
            ]);
        }
        if audio {
            values.extend([
                ("audiosamplerate", self.sample_rate),
                ("audiodatarate", self.audio_bits_per_sec / KBPS),
                ("audiocodecid", OPUS_ID),
            ]);
        }
        values.retain(|(_, value)| *value > 0.0 && value.is_finite());
        let mut script = vec![STRING];
        name(&mut script, "onMetaData");
        script.push(ECMA_ARRAY);
        script.extend_from_slice(&(values.len() as u32 + 1).to_be_bytes());
        for (key, value) in values {
            name(&mut script, key);
            script.push(NUMBER);
            script.extend_from_slice(&value.to_be_bytes());
        }
        name(&mut script, "encoder");
        script.push(STRING);
        name(&mut script, "Shoal");
        script.extend_from_slice(&END);
        script
    }
}

fn name(into: &mut Vec<u8>, text: &str) {
    into.extend_from_slice(&(text.len() as u16).to_be_bytes());
    into.extend_from_slice(text.as_bytes());
}
