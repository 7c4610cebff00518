//! The scripts that run in Redis. What each wants and answers stands in its own file.

use redis_link::redis::{Pipeline, Script};
use std::sync::LazyLock;

pub(super) static READ: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("read.lua")));
pub(super) static WRITE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("write.lua")));
pub(super) static DUE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("due.lua")));
pub(super) static ABSENT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("absent.lua")));

/// All of them.
pub(super) fn all() -> Vec<Script> {
    [&READ, &WRITE, &DUE, &ABSENT]
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
