//! Waiting for what is taken all at once.

use tokio::sync::Notify;

/// Takes what there is; waits for news of more as long as there is nothing. Nothing is lost when the
/// future is dropped.
pub(crate) async fn until_some<T>(news: &Notify, take: impl Fn() -> Vec<T>) -> Vec<T> {
    loop {
        let taken = take();
        if !taken.is_empty() {
            return taken;
        }
        news.notified().await;
    }
}
