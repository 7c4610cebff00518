//! Which channels are wanted, and which are there.

use std::collections::{HashSet, VecDeque};

/// Wanted and present subscriptions, and where the two may differ.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    wanted: HashSet<String>,
    present: HashSet<String>,
    /// Where the two may differ, and by which wish; nothing without a connection, on which all is asked.
    open: VecDeque<(Wish, String)>,
    is_connected: bool,
    last: Wish,
    /// All up to here were taken, and all up to there are confirmed.
    asked: Wish,
    fulfilled: Wish,
}

/// Which wish it was; a later one is larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wish(u64);

const FIRST: Wish = Wish(1);

/// What is to be asked for so that what is there is what is wanted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) subscribe: Vec<String>,
    pub(crate) unsubscribe: Vec<String>,
}

impl Wishes {
    pub(crate) fn want(&mut self, channels: &[String]) {
        let new = |channel: &&String| self.wanted.insert((*channel).clone());
        let new = channels.iter().filter(new).cloned().collect();
        self.ask(new);
    }

    pub(crate) fn want_no_more(&mut self, channels: &[String]) {
        let channels = channels.iter().filter(|it| self.wanted.remove(*it));
        let unwanted = channels.cloned().collect();
        self.ask(unwanted);
    }

    /// A new connection has no subscriptions.
    pub(crate) fn start_over(&mut self) {
        self.lose();
        self.is_connected = true;
        // Before all others: none of these is fulfilled before all are.
        self.last = self.last.max(FIRST);
        let wanted = self.wanted.iter().cloned();
        self.open.extend(wanted.map(|channel| (FIRST, channel)));
    }

    /// Without a connection there is nothing to ask for.
    pub(crate) fn lose(&mut self) {
        self.is_connected = false;
        self.present.clear();
        self.open.clear();
        self.fulfilled = Wish::default();
    }

    /// At most so many changes, to be confirmed; a connection on which they fail is given up.
    pub(crate) fn take_changes(&mut self, at_most: usize) -> Changes {
        let mut changes = Changes::default();
        for (_, channel) in self.open.drain(..at_most.min(self.open.len())) {
            if self.wanted.contains(&channel) {
                if self.present.insert(channel.clone()) {
                    changes.subscribe.push(channel);
                }
            } else if self.present.remove(&channel) {
                changes.unsubscribe.push(channel);
            }
        }
        self.asked = match self.open.front() {
            Some((Wish(next), _)) => Wish(next - 1),
            None => self.last,
        };
        changes
    }

    /// What was taken is there.
    pub(crate) fn confirm(&mut self) {
        self.fulfilled = self.asked;
    }

    /// The last wish that was made.
    pub(crate) fn last(&self) -> Wish {
        self.last
    }

    /// Whether this wish, and all before it, are fulfilled.
    pub(crate) fn is_fulfilled(&self, wish: Wish) -> bool {
        self.fulfilled >= wish
    }

    fn ask(&mut self, channels: Vec<String>) {
        self.last.0 += 1;
        if self.is_connected {
            let wish = self.last;
            self.open
                .extend(channels.into_iter().map(|channel| (wish, channel)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn connected() -> Wishes {
        let mut wishes = Wishes::default();
        wishes.start_over();
        wishes
    }

    fn changes(wishes: &mut Wishes) -> (Vec<String>, Vec<String>) {
        let mut changes = wishes.take_changes(usize::MAX);
        changes.subscribe.sort();
        (changes.subscribe, changes.unsubscribe)
    }

    #[test]
    fn only_what_differs_is_asked_for() {
        let mut wishes = connected();
        wishes.want(&names(&["a", "b"]));
        assert_eq!(changes(&mut wishes), (names(&["a", "b"]), names(&[])));
        wishes.want(&names(&["b"]));
        wishes.want_no_more(&names(&["a", "never"]));
        assert_eq!(changes(&mut wishes), (names(&[]), names(&["a"])));
        assert!(!wishes.is_fulfilled(wishes.last()));
        wishes.confirm();
        assert!(wishes.is_fulfilled(wishes.last()));
    }

    #[test]
    fn a_wish_that_is_taken_back_and_made_again_costs_nothing() {
        let mut wishes = connected();
        wishes.want(&names(&["a"]));
        wishes.take_changes(1);
        wishes.want_no_more(&names(&["a"]));
        wishes.want(&names(&["a"]));
        assert_eq!(changes(&mut wishes), (names(&[]), names(&[])));
    }

    #[test]
    fn a_new_connection_is_asked_for_all_that_is_still_wanted() {
        let mut wishes = connected();
        wishes.want(&names(&["a", "b", "c"]));
        wishes.take_changes(usize::MAX);
        wishes.want_no_more(&names(&["c"]));
        wishes.start_over();
        assert_eq!(changes(&mut wishes), (names(&["a", "b"]), names(&[])));
    }

    /// Among thousands who come at once nobody waits for those who come later.
    #[test]
    fn a_wish_does_not_wait_for_those_after_it() {
        let mut wishes = connected();
        wishes.want(&names(&["a", "b"]));
        let first = wishes.last();
        wishes.want(&names(&["c", "d"]));
        wishes.take_changes(1);
        wishes.confirm();
        assert!(!wishes.is_fulfilled(first), "a part of it is");
        wishes.take_changes(2);
        assert!(!wishes.is_fulfilled(first), "asked for, not confirmed");
        wishes.confirm();
        assert!(wishes.is_fulfilled(first));
        assert!(!wishes.is_fulfilled(wishes.last()));
    }

    #[test]
    fn on_a_new_connection_what_was_fulfilled_is_to_be_fulfilled_again() {
        let mut wishes = connected();
        wishes.want(&names(&["a"]));
        let wish = wishes.last();
        wishes.take_changes(1);
        wishes.confirm();
        wishes.start_over();
        assert!(!wishes.is_fulfilled(wish));
        wishes.take_changes(1);
        wishes.confirm();
        assert!(wishes.is_fulfilled(wish));
    }

    /// While Redis was away for hours, all that anybody wanted was noted again and again.
    #[test]
    fn without_a_connection_nothing_piles_up() {
        let mut wishes = connected();
        wishes.want(&names(&["a"]));
        wishes.lose();
        for _ in 0..1_000 {
            wishes.want(&names(&["a", "b"]));
        }
        assert!(wishes.open.is_empty());
        wishes.start_over();
        assert_eq!(changes(&mut wishes), (names(&["a", "b"]), names(&[])));
    }

    #[test]
    fn after_a_loss_no_wish_is_fulfilled_before_all_are() {
        let mut wishes = connected();
        wishes.want(&names(&["a", "b"]));
        let wish = wishes.last();
        wishes.want(&names(&["c"]));
        wishes.start_over();
        wishes.take_changes(1);
        wishes.confirm();
        assert!(!wishes.is_fulfilled(wish));
        wishes.take_changes(2);
        wishes.confirm();
        assert!(wishes.is_fulfilled(wish) && wishes.is_fulfilled(wishes.last()));
    }
}
