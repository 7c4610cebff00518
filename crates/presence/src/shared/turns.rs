//! One decision about a user at a time. Two of one node would only be in each other's way: the slower
//! one finds the state changed that it was made on, and so do all of many.

use protocol::UserId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Whose turn it is to decide about whom.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<UserId, Arc<Semaphore>>>);

/// A turn, over when dropped.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    of: UserId,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits for a turn; first come, first served.
    pub(super) async fn take(&self, of: UserId) -> Turn<'_> {
        let one = || Arc::new(Semaphore::new(1));
        let free = Arc::clone(self.all().entry(of).or_insert_with(one));
        // Made before it waits: whoever stops waiting leaves nothing behind either.
        let mut turn = Turn {
            turns: self,
            of,
            permit: None,
        };
        turn.permit = free.acquire_owned().await.ok();
        turn
    }

    fn all(&self) -> MutexGuard<'_, HashMap<UserId, Arc<Semaphore>>> {
        self.0
            .lock()
            .expect("nothing that runs under this lock panics")
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.permit = None;
        let mut all = self.turns.all();
        let is_last = |free: &Arc<Semaphore>| Arc::strong_count(free) == 1;
        if all.get(&self.of).is_some_and(is_last) {
            all.remove(&self.of);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt as _, poll};
    use std::pin::pin;
    use uuid::Uuid;

    #[tokio::test]
    async fn each_waits_for_the_one_before_and_nothing_is_left_behind() {
        let turns = Turns::default();
        let [one, other] = [1, 2].map(|n| UserId::from_uuid(Uuid::from_u128(n)));
        let first = turns.take(one).await;
        let mut second = pin!(turns.take(one));
        assert!(poll!(&mut second).is_pending());
        assert!(
            turns.take(other).now_or_never().is_some(),
            "others do not wait"
        );
        {
            let mut impatient = pin!(turns.take(one));
            assert!(poll!(&mut impatient).is_pending());
        }
        drop(first);
        drop(second.await);
        assert!(turns.all().is_empty());
    }
}
