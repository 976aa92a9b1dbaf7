//! What a late joiner must see before the first piece of a group: FLV header, newest metadata, newest codec headers.

use crate::codec::{Codec, Facts, Role};
use crate::tag::{self, AUDIO, SCRIPT, VIDEO};

/// Largest tag kept in each of the three places; together they fit the head of a stream.
const TAG_MAX: usize = 19 * 1024;

/// The newest header tags of a stream.
#[derive(Default)]
pub struct Prelude {
    script: Vec<u8>,
    video: Vec<u8>,
    audio: Vec<u8>,
    changed: bool,
}

impl Prelude {
    /// Looks at a tag; false when it belongs here but is too large to be kept.
    pub fn see(&mut self, facts: &Facts, whole: &[u8]) -> bool {
        let place = match (facts.kind, facts.role) {
            (SCRIPT, _) if facts.codec == Codec::Metadata => &mut self.script,
            (VIDEO, Role::Header(_)) => &mut self.video,
            (AUDIO, Role::Header(_)) => &mut self.audio,
            _ => return true,
        };
        if whole.len() > TAG_MAX {
            return false;
        }
        // The same data with another timestamp is no change.
        if tag::data(place) != tag::data(whole) {
            *place = whole.to_vec();
            self.changed = true;
        }
        true
    }

    /// The bytes, once after each change. `flags` are those of the source's file header.
    pub fn take_changed(&mut self, flags: u8) -> Option<Vec<u8>> {
        if !std::mem::take(&mut self.changed) {
            return None;
        }
        let header = [b'F', b'L', b'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0];
        Some([&header, &self.script[..], &self.video, &self.audio].concat())
    }
}
