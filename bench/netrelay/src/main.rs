//! A user-space network between viewers, for benchmarks: delay, loss, thin uplinks, without root or kernel modules.
//! It takes orders as lines on standard input and answers on standard output; it ends when its input does.
//!
//! Orders: `viewer ID BYTES_PER_SEC` (answered by `viewer ID PORT`), `address LINK VIEWER IP:PORT`, `gone ID`,
//! `stats` (answered by `stats {...}`).

mod epoll;
mod network;
mod uplink;

use std::error::Error;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use epoll::Epoll;
use network::{Conditions, Network};

/// No viewer has this number.
const INPUT: u64 = u64::MAX;

fn main() -> Result<(), Box<dyn Error>> {
    let mut network = Network::new(conditions()?);
    let mut epoll = Epoll::new()?;
    epoll.add(0, INPUT)?;
    // Unbuffered: what a buffer holds back, epoll does not announce.
    let mut orders = Orders { input: File::from(io::stdin().as_fd().try_clone_to_owned()?), begun: Vec::new() };
    let mut ready = Vec::new();
    loop {
        let wait = network.deliver(Instant::now());
        epoll.wait(wait, &mut ready)?;
        let now = Instant::now();
        for token in ready.iter().copied() {
            match u32::try_from(token) {
                Ok(viewer) => network.receive(viewer, now),
                Err(_) if !orders.read(&mut network, &epoll)? => return Ok(()),
                Err(_) => (),
            }
        }
    }
}

/// Arguments: IP, one-way delay in microseconds, loss in packets per million, longest uplink queue in ms, seed.
fn conditions() -> Result<Conditions, Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [ip, one_way_us, loss_ppm, queue_ms, seed] = args.as_slice() else {
        return Err("usage: shoal-netrelay IP ONE_WAY_US LOSS_PPM QUEUE_MS SEED".into());
    };
    Ok(Conditions {
        ip: ip.parse::<IpAddr>()?,
        one_way: Duration::from_micros(one_way_us.parse()?),
        loss_ppm: loss_ppm.parse()?,
        queue: Duration::from_millis(queue_ms.parse()?),
        seed: seed.parse()?,
    })
}

/// Lines of the input.
struct Orders {
    input: File,
    begun: Vec<u8>,
}

impl Orders {
    /// Obeys what has arrived; false at the end of the input.
    fn read(&mut self, network: &mut Network, epoll: &Epoll) -> Result<bool, Box<dyn Error>> {
        let mut bytes = [0; 4096];
        let length = self.input.read(&mut bytes)?;
        self.begun.extend_from_slice(&bytes[..length]);
        while let Some(end) = self.begun.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.begun.drain(..=end).collect();
            obey(std::str::from_utf8(&line)?.trim(), network, epoll)?;
        }
        Ok(length > 0)
    }
}

fn obey(line: &str, network: &mut Network, epoll: &Epoll) -> Result<(), Box<dyn Error>> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["viewer", id, rate] => {
            let port = network.add_viewer(id.parse()?, rate.parse()?, epoll)?;
            say(&format!("viewer {id} {port}"))
        }
        ["address", link, viewer, address] => {
            network.add_address(link.parse()?, viewer.parse()?, address.parse()?);
            Ok(())
        }
        ["gone", id] => {
            network.remove_viewer(id.parse()?, epoll);
            Ok(())
        }
        ["stats"] => say(&format!("stats {}", stats(network))),
        _ => Err(format!("no such order: {line}").into()),
    }
}

fn stats(network: &Network) -> String {
    let counts = &network.counts;
    let uplinks: Vec<String> = network
        .uplinks()
        .map(|(id, sent, dropped)| format!("{{\"viewer\":{id},\"sent\":{sent},\"dropped\":{dropped}}}"))
        .collect();
    format!(
        "{{\"packets\":{},\"bytes\":{},\"lost\":{},\"unrouted\":{},\"uplinks\":[{}]}}",
        counts.packets,
        counts.bytes,
        counts.lost,
        counts.unrouted,
        uplinks.join(",")
    )
}

fn say(text: &str) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}
