//! Groups: the run of pieces from one random access point to the next, its place in the sequence and its digest.

use blake3::Hasher;

use crate::codec::{Facts, Role};
use crate::mark::PreviousGroup;
use crate::tag::{AUDIO, VIDEO};

/// Where there are no pictures, a group starts at the first sound this long after the last start, ms of media.
const AUDIO_GROUP_MS: u32 = 2000;
/// Flag of the file header: the stream says it has pictures.
const SAYS_VIDEO: u8 = 1;

/// The group that is being cut.
pub struct Group {
    /// False before the first random access point: such pieces count from 0 but belong to no group.
    started: bool,
    first: u32,
    count: u32,
    hasher: Hasher,
}

impl Group {
    /// Before anything was cut.
    pub fn before_first() -> Self {
        Self { started: false, first: 0, count: 0, hasher: Hasher::new() }
    }

    /// Starts the next group at a sequence.
    pub fn start(&mut self, first: u32) {
        *self = Self { started: true, first, ..Self::before_first() };
    }

    /// Whether the piece that is closed next is the first of a group.
    pub fn at_start(&self) -> bool {
        self.started && self.count == 0
    }

    /// Pieces since the first of the group, for the piece that is closed next.
    pub fn offset(&self) -> u16 {
        u16::try_from(self.count).unwrap_or(u16::MAX)
    }

    /// Counts a closed piece in.
    pub fn add(&mut self, clear: &[u8]) {
        self.count = self.count.saturating_add(1);
        if self.started {
            self.hasher.update(clear);
        }
    }

    /// What the mark at the next group's start says of this one.
    pub fn as_previous(&self) -> PreviousGroup {
        if !self.started {
            return PreviousGroup::NONE;
        }
        PreviousGroup { first: self.first, count: self.count, digest: *self.hasher.finalize().as_bytes() }
    }
}

/// Finds random access points: keyframes, or with no pictures in the stream, sound at regular distances.
pub struct AccessPoints {
    video: bool,
    /// Timestamp of the last start among sound, or of the first sound while pictures may still come.
    audio_from: Option<u32>,
}

impl AccessPoints {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self { video: false, audio_from: None }
    }

    /// Whether a group starts at this tag. `flags` are those of the file header.
    pub fn starts_at(&mut self, facts: &Facts, flags: u8) -> bool {
        if facts.kind == VIDEO {
            self.video |= facts.role != Role::Aside;
            return facts.keyframe;
        }
        if self.video || facts.kind != AUDIO || facts.role != Role::Frame {
            return false;
        }
        let Some(from) = self.audio_from else {
            self.audio_from = Some(facts.dts);
            return flags & SAYS_VIDEO == 0;
        };
        // A jump back by as much starts a group as well.
        let starts = (facts.dts.wrapping_sub(from) as i32).unsigned_abs() >= AUDIO_GROUP_MS;
        if starts {
            self.audio_from = Some(facts.dts);
        }
        starts
    }
}

impl Default for AccessPoints {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Codec;

    fn sound(dts: u32) -> Facts {
        Facts { kind: AUDIO, dts, codec: Codec::Aac, role: Role::Frame, keyframe: false, units_at: None }
    }

    #[test]
    fn sound_alone_starts_a_group_every_two_seconds() {
        let mut points = AccessPoints::new();
        let starts: Vec<u32> = [100, 2099, 2100, 2101, 4099, 4100, 2099]
            .into_iter()
            .filter(|dts| points.starts_at(&sound(*dts), 4))
            .collect();
        assert_eq!(starts, [100, 2100, 4100, 2099]);
    }

    #[test]
    fn where_pictures_are_announced_sound_waits_for_them() {
        let mut points = AccessPoints::new();
        assert!(!points.starts_at(&sound(0), 5));
        assert!(!points.starts_at(&sound(1999), 5));
        assert!(points.starts_at(&sound(2000), 5));
        let picture = Facts { kind: VIDEO, keyframe: true, ..sound(2001) };
        assert!(points.starts_at(&picture, 5));
        assert!(!points.starts_at(&sound(9000), 5));
    }
}
