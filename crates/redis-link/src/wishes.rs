//! Which channels are wanted, and which are there.

use std::collections::HashSet;

/// Wanted and present subscriptions, and where the two may differ.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    wanted: HashSet<String>,
    present: HashSet<String>,
    /// Where the two may differ.
    open: HashSet<String>,
    /// Changes were taken and are not confirmed yet.
    is_asking: bool,
}

/// What is to be asked for so that what is there is what is wanted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) subscribe: Vec<String>,
    pub(crate) unsubscribe: Vec<String>,
}

impl Wishes {
    pub(crate) fn want(&mut self, channels: &[String]) {
        self.wanted.extend(channels.iter().cloned());
        self.open.extend(channels.iter().cloned());
    }

    pub(crate) fn want_no_more(&mut self, channels: &[String]) {
        for channel in channels {
            if self.wanted.remove(channel) {
                self.open.insert(channel.clone());
            }
        }
    }

    /// A new connection has no subscriptions.
    pub(crate) fn start_over(&mut self) {
        self.present.clear();
        self.open = self.wanted.clone();
        self.is_asking = false;
    }

    /// At most so many changes, to be confirmed; a connection on which they fail is given up.
    pub(crate) fn take_changes(&mut self, at_most: usize) -> Changes {
        let mut changes = Changes::default();
        let taken: Vec<_> = self.open.iter().take(at_most).cloned().collect();
        for channel in taken {
            self.open.remove(&channel);
            if self.wanted.contains(&channel) {
                if self.present.insert(channel.clone()) {
                    changes.subscribe.push(channel);
                }
            } else if self.present.remove(&channel) {
                changes.unsubscribe.push(channel);
            }
        }
        self.is_asking = true;
        changes
    }

    /// What was taken is there.
    pub(crate) fn confirm(&mut self) {
        self.is_asking = false;
    }

    pub(crate) fn are_fulfilled(&self) -> bool {
        self.open.is_empty() && !self.is_asking
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn changes(wishes: &mut Wishes) -> (Vec<String>, Vec<String>) {
        let mut changes = wishes.take_changes(usize::MAX);
        changes.subscribe.sort();
        (changes.subscribe, changes.unsubscribe)
    }

    #[test]
    fn only_what_differs_is_asked_for() {
        let mut wishes = Wishes::default();
        wishes.want(&names(&["a", "b"]));
        assert_eq!(changes(&mut wishes), (names(&["a", "b"]), names(&[])));
        wishes.want(&names(&["b"]));
        wishes.want_no_more(&names(&["a", "never"]));
        assert_eq!(changes(&mut wishes), (names(&[]), names(&["a"])));
        assert!(!wishes.are_fulfilled());
        wishes.confirm();
        assert!(wishes.are_fulfilled());
    }

    #[test]
    fn a_wish_that_is_taken_back_and_made_again_costs_nothing() {
        let mut wishes = Wishes::default();
        wishes.want(&names(&["a"]));
        wishes.take_changes(1);
        wishes.want_no_more(&names(&["a"]));
        wishes.want(&names(&["a"]));
        assert_eq!(changes(&mut wishes), (names(&[]), names(&[])));
    }

    #[test]
    fn a_new_connection_is_asked_for_all_that_is_still_wanted() {
        let mut wishes = Wishes::default();
        wishes.want(&names(&["a", "b", "c"]));
        wishes.take_changes(usize::MAX);
        wishes.want_no_more(&names(&["c"]));
        wishes.start_over();
        assert_eq!(changes(&mut wishes), (names(&["a", "b"]), names(&[])));
    }
}
