//! What is going on, for whoever waits.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};
use tokio::time::sleep;

/// Of a bar, in characters.
const WIDTH: usize = 30;
/// As often a bar moves that shows time.
const TICK: Duration = Duration::from_secs(1);

/// One line on a terminal, written over and over; nothing where nobody looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    is_seen: bool,
}

impl Progress {
    /// Of standard error.
    pub(crate) fn new() -> Self {
        Self {
            is_seen: io::stderr().is_terminal(),
        }
    }

    /// Says what is going on.
    pub(crate) fn say(self, what: &str) {
        if self.is_seen {
            // The rest of what stood there is erased (ECMA-48 EL). A terminal that has gone is no reason
            // to end.
            let _ = write!(io::stderr(), "\r{what}\x1b[K");
        }
    }

    /// Whether a bar differs from that of one step before.
    pub(crate) fn is_a_difference(done: usize, of: usize) -> bool {
        done == 0 || percent(done, of) != percent(done - 1, of)
    }

    /// Says what is going on, with a bar that shows how much of it is done.
    pub(crate) fn show(self, what: &str, done: usize, of: usize) {
        if self.is_seen {
            self.say(&bar(what, done, of));
        }
    }

    /// Waits for so long, in whole seconds.
    pub(crate) async fn wait(self, what: &str, span: Duration) {
        let seconds = span.as_secs() as usize;
        for second in 0..seconds {
            self.show(what, second, seconds);
            sleep(TICK).await;
        }
    }

    /// Nothing goes on any more.
    pub(crate) fn end(self) {
        self.say("");
    }
}

fn percent(done: usize, of: usize) -> usize {
    (done * 100).checked_div(of).unwrap_or(100).min(100)
}

fn bar(what: &str, done: usize, of: usize) -> String {
    let percent = percent(done, of);
    let filled = WIDTH * percent / 100;
    let (filled, left) = ("#".repeat(filled), ".".repeat(WIDTH - filled));
    format!("[{filled}{left}] {percent:3} % {what}")
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn a_bar_is_as_long_whatever_is_done_and_full_when_all_is() {
        let bar = |done, of| super::bar("idle", done, of);
        assert_eq!(bar(0, 3), "[..............................]   0 % idle");
        assert_eq!(bar(2, 3), "[###################...........]  66 % idle");
        let full = "[##############################] 100 % idle";
        assert_eq!([bar(3, 3), bar(4, 3), bar(0, 0)], [full; 3]);
    }

    #[test]
    fn a_bar_of_very_many_steps_is_drawn_a_hundred_times() {
        let drawn = (0..=10_000).filter(|done| Progress::is_a_difference(*done, 10_000));
        assert_eq!(drawn.count(), 101);
    }
}
