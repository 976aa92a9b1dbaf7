//! Seeded dice (splitmix64): one seed is one case, on every machine.

/// A generator.
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number of 0 to `limit` - 1.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.word() % limit.max(1) as u64) as usize
    }

    /// A number of `from` to `to` - 1.
    pub fn between(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from)
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A number below one of several limits.
    pub fn below_any(&mut self, limits: &[usize]) -> usize {
        let limit = *self.pick(limits);
        self.below(limit)
    }

    /// Random bytes; half the time from a tiny alphabet, where zeros, threes and tag types are frequent.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let tiny = self.one_in(2);
        (0..length)
            .map(|_| if tiny { *self.pick(&[0, 0, 0, 1, 2, 3, 8, 9, 11, 255]) } else { self.word() as u8 })
            .collect()
    }

    /// Cuts bytes into chunks: mostly mid-sized, sometimes single bytes.
    pub fn chunks<'a>(&mut self, bytes: &'a [u8]) -> Vec<&'a [u8]> {
        let most = *self.pick(&[1, 7, 300, 5000, 100_000]);
        let mut rest = bytes;
        let mut chunks = Vec::new();
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(self.between(1, most + 1).min(rest.len()));
            chunks.push(chunk);
            rest = after;
        }
        chunks
    }
}
