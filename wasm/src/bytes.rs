//! Big-endian reads that answer `None` past the end.

/// A 16-bit number at `at`.
#[inline]
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(array_at(bytes, at)?))
}

/// A 24-bit number at `at`.
#[inline]
pub fn u24_at(bytes: &[u8], at: usize) -> Option<u32> {
    let [a, b, c] = array_at(bytes, at)?;
    Some(u32::from_be_bytes([0, a, b, c]))
}

/// A 32-bit number at `at`.
#[inline]
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(array_at(bytes, at)?))
}

/// `N` bytes at `at`.
#[inline]
pub fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}
