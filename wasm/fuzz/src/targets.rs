//! The table of targets. Each has a canary: the same target against a model with a known flaw, which must be found.

mod admit;
mod cutter;
mod play;
mod scan;
mod sei;
mod store;
mod writer;

use crate::dice::Dice;

/// One target.
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Runs one case; panics on a difference. The flag plants the flaw.
    pub run: fn(&mut Dice, bool),
}

/// All targets.
pub const TARGETS: [Target; 7] = [
    Target { name: "scan", run: scan::run },
    Target { name: "cutter", run: cutter::run },
    Target { name: "sei", run: sei::run },
    Target { name: "store", run: store::run },
    Target { name: "admit", run: admit::run },
    Target { name: "play", run: play::run },
    Target { name: "writer", run: writer::run },
];
