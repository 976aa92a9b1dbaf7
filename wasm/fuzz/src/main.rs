//! `fuzz [--seconds N] [--seed S] [--target NAME] [--cases N]`: runs the targets in turn from a printed seed, then lets
//! each canary prove that a flaw would be found. Exits 1 when a case fails, when one takes too long, or when a canary
//! stays silent. A case is replayed by `--target NAME --seed S --cases 1`.

use std::panic::{catch_unwind, set_hook};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use shoal_fuzz::dice::Dice;
use shoal_fuzz::targets::{TARGETS, Target};

/// A case that runs longer than this loops.
const CASE_MAX: Duration = Duration::from_secs(5);
/// Cases in which a canary must be found.
const CANARY_CASES: u64 = 2000;

static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

struct Options {
    seconds: f64,
    seed: u64,
    target: Option<String>,
    cases: Option<u64>,
}

fn options() -> Result<Options, String> {
    let clock = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos() as u64);
    let mut options = Options { seconds: 10.0, seed: clock % 1_000_000_000, target: None, cases: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} wants a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name} wants a number, not {value}"));
        match name.as_str() {
            "--seconds" => options.seconds = value.parse().map_err(|_| format!("{name} wants a number"))?,
            "--seed" => options.seed = number()?,
            "--cases" => options.cases = Some(number()?),
            "--target" if TARGETS.iter().any(|target| target.name == value) => options.target = Some(value),
            _ => return Err(format!("unknown: {name} {value}")),
        }
    }
    Ok(options)
}

/// Runs one case; what went wrong, if anything did.
fn case(target: &Target, seed: u64, flawed: bool) -> Result<(), String> {
    let started = Instant::now();
    catch_unwind(|| (target.run)(&mut Dice::new(seed), flawed))
        .map_err(|_| LAST_PANIC.lock().map_or_else(|_| String::new(), |text| text.clone()))?;
    if started.elapsed() > CASE_MAX {
        return Err(format!("took {:.1} s", started.elapsed().as_secs_f64()));
    }
    Ok(())
}

fn run(target: &Target, options: &Options, slice: Duration) -> bool {
    let started = Instant::now();
    let mut done = 0;
    while options.cases.map_or(started.elapsed() < slice, |cases| done < cases) {
        let seed = options.seed.wrapping_add(done);
        if let Err(what) = case(target, seed, false) {
            println!("{}: FAILED at case {done}: {what}", target.name);
            println!("replay: npm run fuzz -- --target {} --seed {seed} --cases 1", target.name);
            return false;
        }
        done += 1;
    }
    println!("{}: {done} cases held in {:.1} s", target.name, started.elapsed().as_secs_f64());
    true
}

fn canary(target: &Target, options: &Options) -> bool {
    let found = (0..CANARY_CASES).find(|index| case(target, options.seed.wrapping_add(*index), true).is_err());
    match found {
        Some(index) => println!("{}: canary found at case {index}", target.name),
        None => println!("{}: CANARY NOT FOUND in {CANARY_CASES} cases: this target sees nothing", target.name),
    }
    found.is_some()
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(what) => {
            eprintln!("{what}\nusage: fuzz [--seconds N] [--seed S] [--target NAME] [--cases N]");
            return ExitCode::from(2);
        }
    };
    set_hook(Box::new(|info| {
        if let Ok(mut text) = LAST_PANIC.lock() {
            *text = info.to_string().chars().take(2000).collect();
        }
    }));
    println!("seed {}", options.seed);
    let chosen = |target: &&Target| options.target.as_ref().is_none_or(|name| name == target.name);
    let targets: Vec<&Target> = TARGETS.iter().filter(chosen).collect();
    let slice = Duration::from_secs_f64(options.seconds / targets.len() as f64);
    let held = targets.iter().filter(|target| !run(target, &options, slice)).count() == 0;
    // A replay asks about one case only.
    let watched = options.cases.is_some() || targets.iter().filter(|target| !canary(target, &options)).count() == 0;
    println!("seed {}: {}", options.seed, if held && watched { "all held" } else { "FAILED" });
    if held && watched { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
