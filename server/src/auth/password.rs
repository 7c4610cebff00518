//! Passwords, hashed with argon2id.

use crate::metrics::{FullQueue, Metrics};
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};
use tokio::sync::oneshot;

/// Memory in KiB, passes and lanes: OWASP Password Storage Cheat Sheet, argon2id.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Requests that may wait for their turn, for each that is hashed at the same time.
const WAITING: usize = 32;
/// The hash of a password that nobody has. Verifying it takes as long as a real one, so that the
/// time of an answer does not tell whether an account exists.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$YzYqqVGMG8ir7i7PlnohQg$\
                      kvWfa7/ThJoG/PbaLhXkS1sXdPZReV2A6uZ6rggto9Q";

type Job = Box<dyn FnOnce() + Send>;

/// Hashes and verifies, a bounded number at a time; cheap to clone.
///
/// The threads are its own and stay: what hashing allocates is large, and an allocator keeps some of
/// it for each thread that ever hashed.
#[derive(Clone)]
pub struct Passwords {
    jobs: SyncSender<Job>,
    metrics: Metrics,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

/// Why a password was neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many wait already.
    #[error("too many passwords are being checked")]
    Busy,
    /// The stored hash cannot be read, or the system has no memory or randomness left.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

impl Passwords {
    /// At most `parallelism` at a time. The threads end with the last clone.
    #[must_use]
    pub fn new(parallelism: usize, metrics: Metrics) -> Self {
        let (jobs, queue) = sync_channel(parallelism * WAITING);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..parallelism {
            let queue = Arc::clone(&queue);
            thread::spawn(move || work(&queue));
        }
        Self { jobs, metrics }
    }

    /// The password as the store keeps it: a PHC string with its own salt and cost.
    ///
    /// # Errors
    /// When too many wait, or hashing fails.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        self.run(move |argon2| {
            let hash: PasswordHash = argon2.hash_password(password.as_bytes())?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one that was hashed. Without a hash it is not, which takes just
    /// as long to find.
    ///
    /// # Errors
    /// When too many wait, or the hash cannot be read.
    pub async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        self.run(move |argon2| {
            let stored = hash.as_deref().unwrap_or(NOBODY);
            match argon2.verify_password(password.as_bytes(), stored) {
                Ok(()) => Ok(hash.is_some()),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Runs on one of the threads. A caller who hangs up does not make room for another while the
    /// work still runs.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(Argon2<'static>) -> argon2::password_hash::Result<T> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Nobody listens any more.
            let _ = answer.send(work(argon2()));
        });
        self.jobs.try_send(job).map_err(|_| {
            self.metrics.refused(FullQueue::Passwords);
            PasswordError::Busy
        })?;
        answered
            .await
            .map_err(|error| PasswordError::Failed(error.to_string()))?
            .map_err(|error| PasswordError::Failed(error.to_string()))
    }
}

/// Does one job after the other, until nobody can send any more.
fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // Whoever asked learns of it, since no answer comes; the thread goes on.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

fn argon2() -> Argon2<'static> {
    let (memory, passes, lanes) = COST;
    let params =
        Params::new(memory, passes, lanes, None).expect("the cost is within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Readings;
    use futures::future::join_all;
    use std::future::ready;

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let passwords = Passwords::new(1, Metrics::new());
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify = async |password: &str| {
            passwords
                .verify(password.to_owned(), Some(hash.clone()))
                .await
                .unwrap()
        };
        assert!(verify("correct horse").await);
        assert!(!verify("correct horse ").await);
        assert!(!verify("").await);
    }

    #[tokio::test]
    async fn the_same_password_is_never_hashed_alike() {
        let passwords = Passwords::new(2, Metrics::new());
        let hash = || passwords.hash("correct horse".to_owned());
        assert_ne!(hash().await.unwrap(), hash().await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_account_costs_as_much_as_a_known_one_and_never_matches() {
        assert!(NOBODY.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let passwords = Passwords::new(1, Metrics::new());
        assert!(!passwords.verify("anything".to_owned(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_that_cannot_be_read_is_an_error_and_not_a_match() {
        let result = Passwords::new(1, Metrics::new())
            .verify("anything".to_owned(), Some("plain".to_owned()))
            .await;
        assert!(matches!(result, Err(PasswordError::Failed(_))));
    }

    #[tokio::test]
    async fn whoever_comes_when_too_many_wait_is_told_so_and_those_who_wait_are_served() {
        let metrics = Metrics::new();
        let passwords = Passwords::new(1, metrics.clone());
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (started, has_started) = oneshot::channel();
        let mut first = Box::pin(passwords.run(move |_| {
            started.send(()).unwrap();
            held.recv().unwrap();
            Ok(())
        }));
        tokio::select! {
            done = &mut first => panic!("{done:?} before it was let go"),
            started = has_started => started.unwrap(),
        }
        let mut waiting = Box::pin(join_all((0..WAITING).map(|_| passwords.run(|_| Ok(())))));
        tokio::select! {
            biased;
            done = &mut waiting => panic!("{done:?} before their turn"),
            () = ready(()) => {}
        }
        let refused = passwords.hash("correct horse".to_owned()).await;
        assert!(matches!(refused, Err(PasswordError::Busy)));
        let counted = "rollcall_queue_refused_total{queue=\"passwords\"} 1";
        assert!(metrics.encode(&Readings::default()).contains(counted));
        release.send(()).unwrap();
        first.await.unwrap();
        for served in waiting.await {
            served.unwrap();
        }
    }

    #[tokio::test]
    async fn work_that_breaks_is_an_error_and_the_next_is_done() {
        let passwords = Passwords::new(1, Metrics::new());
        let broken = passwords.run(|_| -> argon2::password_hash::Result<()> { panic!("broken") });
        assert!(matches!(broken.await, Err(PasswordError::Failed(_))));
        assert!(passwords.hash("correct horse".to_owned()).await.is_ok());
    }
}
