//! The network between viewers. Each viewer has one public socket here. A link has two sides, each known by the real
//! addresses of a viewer's peer connection; what comes from one side's real address to the other viewer's public socket
//! leaves from the sender's public socket to the other side's real address, later, or never.

use std::collections::{BinaryHeap, HashMap};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use crate::epoll::Epoll;
use crate::uplink::Uplink;

/// What holds for every packet.
pub struct Conditions {
    pub ip: IpAddr,
    pub one_way: Duration,
    /// Packets lost per million, besides those a full uplink drops.
    pub loss_ppm: u64,
    /// Longest wait in an uplink.
    pub queue: Duration,
    pub seed: u64,
}

struct Viewer {
    socket: UdpSocket,
    uplink: Uplink,
}

#[derive(Clone, Copy)]
struct Side {
    viewer: u32,
    address: SocketAddr,
}

struct Packet {
    due: Instant,
    order: u64,
    from: u32,
    to: SocketAddr,
    bytes: Vec<u8>,
}

impl Ord for Packet {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.due, other.order).cmp(&(self.due, self.order))
    }
}
impl PartialOrd for Packet {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Packet {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}
impl Eq for Packet {}

/// Counts since the start.
#[derive(Default)]
pub struct Counts {
    pub packets: u64,
    pub bytes: u64,
    pub lost: u64,
    pub unrouted: u64,
}

/// The whole network.
pub struct Network {
    conditions: Conditions,
    viewers: HashMap<u32, Viewer>,
    links: HashMap<u64, [Option<Side>; 2]>,
    routes: HashMap<SocketAddr, (u64, usize)>,
    under_way: BinaryHeap<Packet>,
    spare: Vec<Vec<u8>>,
    order: u64,
    dice: u64,
    pub counts: Counts,
}

const PACKET_MAX: usize = 2048;
/// Timers of the kernel are as coarse as a millisecond: half of it early, half of it late.
const EARLY: Duration = Duration::from_micros(500);

impl Network {
    pub fn new(conditions: Conditions) -> Self {
        Self {
            dice: conditions.seed | 1,
            conditions,
            viewers: HashMap::new(),
            links: HashMap::new(),
            routes: HashMap::new(),
            under_way: BinaryHeap::new(),
            spare: Vec::new(),
            order: 0,
            counts: Counts::default(),
        }
    }

    /// Gives a viewer its public socket and says its port.
    pub fn add_viewer(&mut self, viewer: u32, bytes_per_sec: f64, epoll: &Epoll) -> io::Result<u16> {
        let socket = UdpSocket::bind((self.conditions.ip, 0))?;
        socket.set_nonblocking(true)?;
        epoll.add(socket.as_raw_fd(), u64::from(viewer))?;
        let port = socket.local_addr()?.port();
        let uplink = Uplink::new(bytes_per_sec, self.conditions.queue, Instant::now());
        self.viewers.insert(viewer, Viewer { socket, uplink });
        Ok(port)
    }

    /// Forgets a viewer and all its links.
    pub fn remove_viewer(&mut self, viewer: u32, epoll: &Epoll) {
        if let Some(gone) = self.viewers.remove(&viewer) {
            // The descriptor is closed next, which takes it out of the set in any case.
            let _ = epoll.remove(gone.socket.as_raw_fd());
        }
        self.links.retain(|_, sides| sides.iter().flatten().all(|side| side.viewer != viewer));
        let links = &self.links;
        self.routes.retain(|_, (link, _)| links.contains_key(link));
    }

    /// Learns a real address of one side of a link.
    pub fn add_address(&mut self, link: u64, viewer: u32, address: SocketAddr) {
        let sides = self.links.entry(link).or_default();
        let at = usize::from(sides[0].is_some_and(|side| side.viewer != viewer));
        sides[at].get_or_insert(Side { viewer, address });
        self.routes.insert(address, (link, at));
    }

    /// Takes everything that waits in a viewer's public socket.
    pub fn receive(&mut self, viewer: u32, now: Instant) {
        loop {
            let Some(Viewer { socket, .. }) = self.viewers.get(&viewer) else { return };
            let mut bytes = self.spare.pop().unwrap_or_default();
            bytes.resize(PACKET_MAX, 0);
            // An ICMP answer to an earlier packet reads as an error: the far end is gone, which is its own affair.
            match socket.recv_from(&mut bytes) {
                Ok((length, from)) => {
                    bytes.truncate(length);
                    self.accept(viewer, from, bytes, now);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return self.spare.push(bytes),
                Err(_) => self.spare.push(bytes),
            }
        }
    }

    fn accept(&mut self, to: u32, from: SocketAddr, bytes: Vec<u8>, now: Instant) {
        let Some((sender, receiver)) = self.route(to, from) else {
            self.counts.unrouted += 1;
            return self.spare.push(bytes);
        };
        let leaves = self.viewers.get_mut(&sender).and_then(|viewer| viewer.uplink.leaves(bytes.len(), now));
        let lost = self.roll() % 1_000_000 < self.conditions.loss_ppm;
        self.counts.lost += u64::from(lost);
        match leaves.filter(|_| !lost) {
            None => self.spare.push(bytes),
            Some(leaves) => {
                self.order += 1;
                let due = leaves + self.conditions.one_way;
                self.under_way.push(Packet { due, order: self.order, from: sender, to: receiver, bytes });
            }
        }
    }

    /// The sender of a packet that arrived at a public socket from a real address, and the real address it is meant for.
    fn route(&mut self, to: u32, from: SocketAddr) -> Option<(u32, SocketAddr)> {
        let (link, at) = *self.routes.get(&from)?;
        let sides = self.links.get_mut(&link)?;
        let receiver = sides[1 - at].filter(|side| side.viewer == to)?;
        let sender = sides[at].as_mut()?;
        // The address that speaks is the one to answer.
        sender.address = from;
        Some((sender.viewer, receiver.address))
    }

    /// Delivers what is due and says how many milliseconds there are until the next packet is; -1 if none is.
    pub fn deliver(&mut self, now: Instant) -> i32 {
        while let Some(first) = self.under_way.peek() {
            if first.due > now + EARLY {
                return (first.due - now).as_millis().clamp(1, 1000) as i32;
            }
            let Some(Packet { from, to, bytes, .. }) = self.under_way.pop() else { break };
            // A full receiver drops packets, as everywhere.
            if self.viewers.get(&from).is_some_and(|viewer| viewer.socket.send_to(&bytes, to).is_ok()) {
                self.counts.packets += 1;
                self.counts.bytes += bytes.len() as u64;
            }
            self.spare.push(bytes);
        }
        -1
    }

    /// Each viewer's bytes sent and packets dropped by its uplink.
    pub fn uplinks(&self) -> impl Iterator<Item = (u32, u64, u64)> + '_ {
        self.viewers.iter().map(|(&id, viewer)| (id, viewer.uplink.sent_bytes, viewer.uplink.dropped))
    }

    fn roll(&mut self) -> u64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        self.dice
    }
}
