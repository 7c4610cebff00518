//! Lets newcomers in one after the other, in the order in which they came.
//!
//! When thousands come back at once, each asks the database who it is and what it has missed. All at
//! once they would be in each other's way, and in that of whoever loads a page meanwhile: so a few at a
//! time are served, and the others wait where waiting costs nothing. A newcomer has two turns, one to be
//! let in and one to be answered when `hello` has arrived: nobody waits for what is on its way to
//! somebody else, and nobody who was let in is sent away. Nobody is let in before those who wait for an
//! answer have had it: a tab that was let in and then not answered for long would give up, come again,
//! and be served twice.

use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// When somebody may try again who found too many waiting.
pub(super) const BUSY_DELAY: Duration = Duration::from_secs(10);

/// So long those who were let in come first: when what they ask is answered slowly, whoever comes back must
/// not be kept out until their grace is over.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many are told at the same time why they may not stay.
const GOODBYES: usize = 256;

/// Lets newcomers in; clones are the same.
#[derive(Clone, Debug)]
pub struct Admissions {
    /// Those who are being served.
    served: Arc<Semaphore>,
    /// Those, and all who wait.
    present: Arc<Semaphore>,
    /// Those whose `hello` is being answered.
    answered: Arc<Semaphore>,
    /// Those who are told why they may not stay.
    turned_away: Arc<Semaphore>,
    at_once: usize,
    all: usize,
}

/// A newcomer's turn; the next one's begins when it is dropped.
#[derive(Debug)]
pub struct Turn {
    _served: OwnedSemaphorePermit,
    _present: OwnedSemaphorePermit,
}

impl Admissions {
    /// Serves `at_once` newcomers at the same time, while at most `waiting` more wait.
    #[must_use]
    pub fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            served: Arc::new(Semaphore::new(at_once)),
            present: Arc::new(Semaphore::new(at_once + waiting)),
            answered: Arc::new(Semaphore::new(at_once)),
            turned_away: Arc::new(Semaphore::new(GOODBYES)),
            at_once,
            all: at_once + waiting,
        }
    }

    /// How many wait to be let in.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let present = self.all - self.present.available_permits();
        present.saturating_sub(self.at_once - self.served.available_permits())
    }

    /// Waits for a turn to be let in; nothing, when too many wait already.
    pub async fn turn(&self) -> Option<Turn> {
        let present = Arc::clone(&self.present).try_acquire_owned().ok()?;
        // A semaphore of tokio is fair: first come, first served.
        let served = Arc::clone(&self.served).acquire_owned().await.ok()?;
        drop(timeout(PATIENCE, self.answer()).await);
        Some(Turn {
            _served: served,
            _present: present,
        })
    }

    /// Waits for a turn to be answered, which lasts until what this gives is dropped.
    pub(super) async fn answer(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.answered).acquire_owned().await.ok()
    }

    /// Leave to tell somebody why they may not stay, until what this gives is dropped; nothing, when
    /// too many are being told.
    pub fn goodbye(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turned_away).try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt as _, poll};
    use std::pin::pin;
    use tokio::time::Instant;

    #[tokio::test]
    async fn newcomers_are_served_in_order_and_too_many_are_sent_away() {
        let admissions = Admissions::new(1, 2);
        let first = admissions.turn().await.unwrap();
        let (mut second, mut third) = (pin!(admissions.turn()), pin!(admissions.turn()));
        assert!(poll!(&mut second).is_pending() && poll!(&mut third).is_pending());
        assert_eq!(admissions.waiting(), 2);
        assert!(
            admissions.turn().now_or_never().unwrap().is_none(),
            "nobody more may wait"
        );

        drop(first);
        assert!(poll!(&mut third).is_pending(), "it is not their turn yet");
        let second = second.await.unwrap();
        drop(second);
        assert!(third.await.is_some());
    }

    #[tokio::test]
    async fn nobody_is_let_in_before_those_who_were_let_in_are_answered() {
        let admissions = Admissions::new(1, 2);
        let answered = admissions.answer().await.unwrap();
        let (mut waits, mut newcomer) = (pin!(admissions.answer()), pin!(admissions.turn()));
        assert!(poll!(&mut waits).is_pending() && poll!(&mut newcomer).is_pending());

        drop(answered);
        assert!(poll!(&mut newcomer).is_pending(), "somebody waits longer");
        drop(waits.await.unwrap());
        assert!(newcomer.await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn answers_that_hang_keep_nobody_out_for_long() {
        let admissions = Admissions::new(1, 2);
        let _hangs = admissions.answer().await.unwrap();
        let start = Instant::now();
        assert!(admissions.turn().await.is_some());
        assert_eq!(start.elapsed(), PATIENCE);
    }

    #[tokio::test]
    async fn whoever_takes_their_time_to_say_hello_keeps_nobody_from_being_let_in() {
        let admissions = Admissions::new(1, 0);
        drop(admissions.turn().await.unwrap());
        let next = admissions.turn().now_or_never().unwrap();
        assert!(next.is_some(), "nobody waits for an answer");
    }
}
