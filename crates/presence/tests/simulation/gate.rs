//! What stops a node as SIGSTOP stops a process: nothing of it runs, while time goes on.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Poll, Waker},
};

/// All that a node does passes here; clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_shut: bool,
    waiting: Vec<Waker>,
}

impl Gate {
    pub(crate) fn shut(&self) {
        self.0.lock().unwrap().is_shut = true;
    }

    pub(crate) fn open(&self) {
        let waiting = {
            let mut state = self.0.lock().unwrap();
            state.is_shut = false;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.0.lock().unwrap().is_shut
    }

    /// Does something, but not while this is shut.
    pub(crate) async fn pass<T>(&self, what: impl Future<Output = T>) -> T {
        let mut what = pin!(what);
        poll_fn(|cx| {
            {
                let mut state = self.0.lock().unwrap();
                if state.is_shut {
                    if !state.waiting.iter().any(|it| it.will_wake(cx.waker())) {
                        state.waiting.push(cx.waker().clone());
                    }
                    return Poll::Pending;
                }
            }
            what.as_mut().poll(cx)
        })
        .await
    }
}
