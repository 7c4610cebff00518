//! A second process: this test binary again, told to run the test that started it.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const FOLDER: &str = "ROLLCALL_TEST_CHILD_FOLDER";

/// Marks what a child tells its parent, among what the test runner prints.
const MARK: &str = "child: ";

/// In a child, the folder that its parent gave it; nothing in the parent.
pub(crate) fn folder() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

/// The command that runs `test` as a child with `folder`; `arguments` come after `program`.
pub(crate) fn command(program: &Path, arguments: &[&str], test: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// In a child: tells the parent. Ends the child when the parent is gone.
pub(crate) fn tell(line: &str) {
    let mut stdout = stdout().lock();
    write!(stdout, "\n{MARK}{line}\n").unwrap();
    stdout.flush().unwrap();
}

/// In the parent: what the child tells, until it ends.
pub(crate) fn told(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let stdout = child.stdout.take().unwrap();
    BufReader::new(stdout)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix(MARK).map(str::to_owned))
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}
