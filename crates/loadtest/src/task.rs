//! A task that ends with its owner.

use tokio::task::JoinHandle;

/// A spawned task. Dropping this ends it.
#[derive(Debug)]
pub(crate) struct Task(Option<JoinHandle<()>>);

impl Task {
    pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Some(tokio::spawn(future)))
    }

    /// Lets the task come to its own end, which must be bounded.
    pub(crate) fn detach(mut self) {
        self.0 = None;
    }

    /// Waits for the task's own end.
    pub(crate) async fn ended(mut self) {
        if let Some(handle) = &mut self.0 {
            // A panic in it was reported by the runtime.
            let _ = handle.await;
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.abort();
        }
    }
}
