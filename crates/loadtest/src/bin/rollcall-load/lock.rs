//! What tasks share.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes a lock, also after somebody panicked who held it: what is counted here is whole all the same.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
