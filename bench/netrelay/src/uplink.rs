//! A viewer's uplink: a queue that drains at a fixed rate and drops what would wait too long in it.

use std::time::{Duration, Instant};

/// See above. Holds no packets: it only says when each one has left.
pub struct Uplink {
    bytes_per_sec: f64,
    queue: Duration,
    idle_at: Instant,
    pub sent_bytes: u64,
    pub dropped: u64,
}

impl Uplink {
    /// A rate of 0 means no limit.
    pub fn new(bytes_per_sec: f64, queue: Duration, now: Instant) -> Self {
        Self { bytes_per_sec, queue, idle_at: now, sent_bytes: 0, dropped: 0 }
    }

    /// When a packet has left, or nothing if the queue is full.
    pub fn leaves(&mut self, bytes: usize, now: Instant) -> Option<Instant> {
        if self.bytes_per_sec > 0.0 {
            let begins = self.idle_at.max(now);
            if begins - now > self.queue {
                self.dropped += 1;
                return None;
            }
            self.idle_at = begins + Duration::from_secs_f64(bytes as f64 / self.bytes_per_sec);
        }
        self.sent_bytes += bytes as u64;
        Some(if self.bytes_per_sec > 0.0 { self.idle_at } else { now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_leave_one_after_the_other() {
        let now = Instant::now();
        let mut uplink = Uplink::new(1000.0, Duration::from_millis(150), now);
        assert_eq!(uplink.leaves(100, now), Some(now + Duration::from_millis(100)));
        assert_eq!(uplink.leaves(100, now), Some(now + Duration::from_millis(200)));
        assert_eq!(uplink.leaves(100, now), None);
        assert_eq!(uplink.leaves(100, now + Duration::from_secs(1)), Some(now + Duration::from_millis(1100)));
        assert_eq!((uplink.sent_bytes, uplink.dropped), (300, 1));
    }

    #[test]
    fn without_a_limit_they_leave_at_once() {
        let now = Instant::now();
        let mut uplink = Uplink::new(0.0, Duration::ZERO, now);
        assert_eq!(uplink.leaves(1_000_000, now), Some(now));
    }
}
