//! Waiting for many sockets at once: the three Linux calls that the standard library does not wrap.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

const ADD: i32 = 1;
const REMOVE: i32 = 2;
const READABLE: u32 = 1;
const CLOSE_ON_EXEC: i32 = 0o2_000_000;
const BATCH: usize = 64;

/// The kernel's `epoll_event`, which is packed on x86-64 only.
#[derive(Clone, Copy)]
#[cfg_attr(target_arch = "x86_64", repr(C, packed))]
#[cfg_attr(not(target_arch = "x86_64"), repr(C))]
struct Event {
    events: u32,
    token: u64,
}

unsafe extern "C" {
    fn epoll_create1(flags: i32) -> i32;
    fn epoll_ctl(epoll: i32, operation: i32, fd: i32, event: *mut Event) -> i32;
    fn epoll_wait(epoll: i32, events: *mut Event, most: i32, timeout: i32) -> i32;
}

/// A set of descriptors, each with a token.
pub struct Epoll {
    fd: OwnedFd,
    events: [Event; BATCH],
}

impl Epoll {
    pub fn new() -> io::Result<Self> {
        // SAFETY: takes no pointers; a non-negative answer is a descriptor that nobody else owns.
        let fd = unsafe { epoll_create1(CLOSE_ON_EXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: see above.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self { fd, events: [Event { events: 0, token: 0 }; BATCH] })
    }

    /// Watches a descriptor for something to read.
    pub fn add(&self, fd: RawFd, token: u64) -> io::Result<()> {
        self.control(ADD, fd, token)
    }

    pub fn remove(&self, fd: RawFd) -> io::Result<()> {
        self.control(REMOVE, fd, 0)
    }

    /// Collects the tokens of what is readable, waiting at most this many milliseconds (-1: for ever).
    pub fn wait(&mut self, timeout_ms: i32, tokens: &mut Vec<u64>) -> io::Result<()> {
        tokens.clear();
        // SAFETY: the buffer outlives the call and holds BATCH events.
        let ready = unsafe { epoll_wait(self.fd.as_raw_fd(), self.events.as_mut_ptr(), BATCH as i32, timeout_ms) };
        if ready < 0 {
            let error = io::Error::last_os_error();
            return if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) };
        }
        tokens.extend(self.events.iter().take(ready as usize).map(|event| event.token));
        Ok(())
    }

    fn control(&self, operation: i32, fd: RawFd, token: u64) -> io::Result<()> {
        let mut event = Event { events: READABLE, token };
        // SAFETY: the event outlives the call; a bad descriptor is an error, not undefined.
        match unsafe { epoll_ctl(self.fd.as_raw_fd(), operation, fd, &mut event) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
