//! Killed at any call of AWS or of the container engine, a second run of the same command arrives at the same end.
//!
//! A few accounts go a [`Way`] side by side, such as that of [`STEPS`]. Each command runs once undisturbed; then, for every case of this
//! account's share, it is taken back, run and killed, run again, and what there is in the account is compared. A case is a
//! call that AWS never hears of, or a call that changes something and whose answer never arrives, or a call of the engine.
//! (A call that only reads and whose answer never arrives leaves what the next call's case leaves.)
//!
//! `WHARF_CRASH=all` tries every case, else every so-manieth of the way ([`Way::every`]), beginning at `WHARF_CRASH_SEED`.
#![expect(clippy::print_stderr, reason = "what a case came to is worth knowing before the last one is over")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::inventory::{Stored, difference};
use crate::played::{Played, STEPS, Step};
use crate::proxy::Act;

/// Accounts that work side by side.
const ACCOUNTS: usize = 3;

/// Commands that are killed one after the other.
pub struct Way {
    /// The commands.
    pub steps: &'static [Step],
    /// How many of the first ones are only done, as their cases are those of another way.
    pub done: usize,
    /// One of so many cases is tried when not all are.
    pub every: usize,
    /// What there is before the first command.
    pub prepare: fn(&Played),
    /// Writes the files that a step, by its place, is run with; with `true`, those that what takes it back is run with.
    pub write: fn(&Played, usize, bool),
}

impl Way {
    /// Takes a step back.
    fn undo(&self, played: &Played, at: usize, before: &Stored) -> Result<(), String> {
        (self.write)(played, at, true);
        played.undo(&self.steps[at], before)
    }

    /// An account with the first steps behind it; none without the emulators.
    fn after(&self, steps: usize) -> Option<Played> {
        let played = Played::new()?;
        (self.prepare)(&played);
        for (at, step) in self.steps[..steps].iter().enumerate() {
            (self.write)(&played, at, false);
            played.run(step.command, |_, _| Act::Pass).ends(0);
        }
        Some(played)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Call(usize, Act),
    Engine(usize),
}

/// Whether an action only reads.
pub fn reads(action: &str) -> bool {
    let operation = action.split_once(':').map_or(action, |(_, operation)| operation);
    ["Describe", "List", "Get", "GET", "HEAD", "AssumeRole"].iter().any(|start| operation.starts_with(start))
}

fn cases(seen: &[String], engine: usize) -> Vec<Case> {
    let mut cases = vec![];
    for (index, action) in seen.iter().enumerate() {
        cases.push(Case::Call(index + 1, Act::KillBefore));
        if !reads(action) {
            cases.push(Case::Call(index + 1, Act::KillAfter));
        }
    }
    cases.extend((1..=engine).map(Case::Engine));
    cases
}

#[derive(Default)]
struct Tally {
    calls: AtomicUsize,
    killed: AtomicUsize,
    finished: AtomicUsize,
    problems: Mutex<Vec<String>>,
}

/// Runs the command with the case's mishap; whether it was killed, or what else went wrong.
fn mishap(played: &Played, step: &Step, case: Case) -> Result<bool, String> {
    let ran = match case {
        Case::Call(at, act) => {
            played.run(step.command, move |number, _| if number == at { act } else { Act::Pass })
        }
        Case::Engine(at) => played.poked(step.command, at, |_, _| Act::Pass, |_| played.is_held()),
    };
    match ran.code {
        None => Ok(true),
        Some(0) => Ok(false),
        Some(_) => Err(ran.text),
    }
}

/// The undisturbed run of a step: its calls, its calls of the engine, what there is after it.
struct Undisturbed {
    cases: Vec<Case>,
    before: Stored,
    end: String,
    /// What there is once it was taken back.
    undone: String,
}

fn undisturbed(way: &Way, at: usize, played: &Played, tally: &Tally) -> Result<Undisturbed, String> {
    let step = &way.steps[at];
    (way.write)(played, at, false);
    let before = played.account.stored();
    let ran = played.run(step.command, |_, _| Act::Pass);
    if ran.code != Some(0) {
        return Err(ran.text);
    }
    let seen = played.proxy.seen();
    tally.calls.fetch_max(seen.len(), Ordering::Relaxed);
    let engine = std::fs::read_to_string(played.engine("calls")).map_or(0, |text| text.lines().count());
    let end = played.inventory();
    way.undo(played, at, &before)?;
    Ok(Undisturbed { cases: cases(&seen, engine), before, end, undone: played.inventory() })
}

fn one(
    (way, at): (&Way, usize),
    played: &Played,
    case: Case,
    known: &Undisturbed,
    tally: &Tally,
) -> Result<(), String> {
    let step = &way.steps[at];
    (way.write)(played, at, false);
    if mishap(played, step, case)? {
        tally.killed.fetch_add(1, Ordering::Relaxed);
    } else {
        tally.finished.fetch_add(1, Ordering::Relaxed);
    }
    let again = played.run(step.command, |_, _| Act::Pass);
    // Killed after its last call, or not at all, an environment's deletion has nothing left to do, and says so.
    let is_gone = step.command.starts_with("env delete") && again.text.contains("has no environment");
    if again.code != Some(0) && !is_gone {
        return Err(format!("the second run failed\n{}", again.text));
    }
    let end = played.inventory();
    if end != known.end {
        return Err(format!("another end\n{}\n{}", difference(&known.end, &end), again.text));
    }
    way.undo(played, at, &known.before).map_err(|text| format!("can't be taken back\n{text}"))?;
    let undone = played.inventory();
    if undone != known.undone {
        return Err(format!("something is left behind\n{}", difference(&known.undone, &undone)));
    }
    Ok(())
}

fn work(way: &Way, share: usize, all: bool, seed: usize, only: Option<usize>, tally: &Tally) {
    let Some(mut played) = way.after(0) else { return };
    for (at, step) in way.steps.iter().enumerate() {
        if at >= way.done && only.is_none_or(|only| only == at) {
            let mut known = match undisturbed(way, at, &played, tally) {
                Ok(known) => known,
                Err(text) => {
                    tally.problems.lock().unwrap().push(format!("undisturbed: {text}"));
                    return;
                }
            };
            let began = std::time::Instant::now();
            let mut tried = 0;
            for (index, case) in known.cases.clone().into_iter().enumerate() {
                let mine = if all {
                    index % ACCOUNTS == share
                } else {
                    (index + at + seed) % (way.every * ACCOUNTS) == way.every * share
                };
                if !mine {
                    continue;
                }
                tried += 1;
                if let Err(text) = one((way, at), &played, case, &known, tally) {
                    eprintln!("{} {case:?}: {text}", step.command);
                    tally.problems.lock().unwrap().push(format!("{} {case:?}: {text}", step.command));
                    // What is there now is nobody's business any more.
                    played = way.after(at).unwrap();
                    known.before = played.account.stored();
                }
            }
            eprintln!("{}: {tried} of {} cases in {:?}", step.command, known.cases.len(), began.elapsed());
        }
        if at + 1 < way.steps.len() {
            (way.write)(&played, at, false);
            played.run(step.command, |_, _| Act::Pass).ends(0);
        }
    }
}

#[test]
fn a_killed_command_is_finished_by_its_second_run() {
    crash(&Way { steps: &STEPS, done: 0, every: 12, prepare: |_| {}, write: |_, _, _| {} });
}

/// Kills the commands of a way.
pub fn crash(way: &Way) {
    let variable = |name: &str| std::env::var(name).ok();
    let all = variable("WHARF_CRASH").is_some_and(|value| value == "all");
    let number = |name: &str| variable(name).and_then(|value| value.parse::<usize>().ok());
    let (seed, only) = (number("WHARF_CRASH_SEED").unwrap_or(0), number("WHARF_CRASH_STEP"));
    let tally = Tally::default();
    std::thread::scope(|scope| {
        for share in 0..ACCOUNTS {
            let tally = &tally;
            scope.spawn(move || work(way, share, all, seed, only, tally));
        }
    });
    let problems = tally.problems.into_inner().unwrap();
    let (killed, finished) = (tally.killed.into_inner(), tally.finished.into_inner());
    eprintln!("killed {killed} times; {finished} runs were over before; {} problems", problems.len());
    assert!(problems.is_empty(), "{}", problems.join("\n----\n"));
    // A case hits nearly always: the runs of a command hardly differ in their calls. One command may have too few of them to say.
    let ran = tally.calls.into_inner() > 0 && only.is_none();
    assert!(!ran || killed > finished, "most runs were over before anything killed them");
}
