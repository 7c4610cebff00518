//! The scripts that run in Redis. What each wants and answers stands in its own file.

use redis_link::redis::{Pipeline, Script};
use std::sync::LazyLock;

/// A script that tells the time.
macro_rules! timed {
    ($file:literal) => {
        LazyLock::new(|| Script::new(concat!(include_str!("times.lua"), include_str!($file))))
    };
}

pub(super) static READ: LazyLock<Script> = timed!("read.lua");
pub(super) static WRITE: LazyLock<Script> = timed!("write.lua");
pub(super) static DUE: LazyLock<Script> = timed!("due.lua");
pub(super) static ABSENT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("absent.lua")));
pub(super) static DISCARD: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("discard.lua")));

/// All of them.
pub(super) fn all() -> Vec<Script> {
    [&READ, &WRITE, &DUE, &ABSENT, &DISCARD]
        .map(|script| Script::clone(script))
        .into()
}

/// Adds a call of a script to what is asked.
pub(super) fn call(
    questions: &mut Pipeline,
    script: &Script,
    keys: &[String],
    arguments: &[String],
) {
    questions
        .cmd("EVALSHA")
        .arg(script.get_hash())
        .arg(keys.len())
        .arg(keys)
        .arg(arguments);
}
