//! What can go wrong: with a source (reported, then scanning goes on) and with a call (answered by a negative number).

/// A broken place in an FLV source. The numbers cross the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum SourceFault {
    /// The stream does not begin with an FLV file header; nothing follows.
    BadSignature = 0,
    /// A tag header or its trailing size is wrong.
    BadTag = 1,
    /// A tag is above the size limit.
    TagTooLarge = 2,
    /// A NAL unit does not fit its tag; the tag was passed on as it is.
    BadNal = 3,
}

/// Why a call is refused. The numbers cross the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Failure {
    /// The object was freed or never existed.
    BadHandle = -1,
    /// An argument has an impossible value or size.
    BadArgument = -2,
    /// Memory, or a limit on what may wait to be taken, is used up.
    OutOfMemory = -3,
    /// An earlier call ended in a trap.
    Poisoned = -4,
}
