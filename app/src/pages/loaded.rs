use super::ErrorPage;
use crate::{codec::JsonText, error::AppError};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, pin::Pin};

/// What pages wait for.
pub(super) trait Page: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Page for T {}

/// What a page waits for, on its way from the server, or why it has not come.
pub(super) type Loading<T> = Resource<Result<T, AppError>, JsonText>;

/// Loads what a page is made of, and again whenever the source of it is another.
pub(super) fn load<S, T, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S) -> F + Send + Sync + 'static,
) -> Loading<T>
where
    S: Clone + PartialEq + Send + Sync + 'static,
    T: Page,
    F: Future<Output = Result<T, AppError>> + Send + 'static,
{
    type Fetching<T> = Pin<Box<dyn Future<Output = Result<T, AppError>> + Send>>;
    let fetch = move |source| -> Fetching<T> { Box::pin(fetch(source)) };
    Loading::new_with_options(source, fetch, false)
}

/// A page once it has been loaded, or why it has not. The browser shows the one before while the
/// next is on its way; `fallback` stands where there was none before.
pub(super) fn when_loaded<T: Page>(
    page: Loading<T>,
    fallback: fn() -> AnyView,
    show: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    when_settled(page, fallback, move |page| match page {
        Ok(page) => show(page),
        Err(error) => view! { <ErrorPage error /> }.into_any(),
    })
}

/// Like [`when_loaded`], for what shows an error in another way.
#[cfg(not(feature = "ssr"))]
pub(super) fn when_settled<T: Page>(
    page: Loading<T>,
    fallback: fn() -> AnyView,
    show: impl Fn(Result<T, AppError>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    view! { <Transition fallback>{move || page.get().map(&show)}</Transition> }.into_any()
}

/// Like [`when_loaded`], for what shows an error in another way.
///
/// The server makes a page in one go, in the one task that answers the request, and once.
/// `<Transition>` looks through what it shows in a task of its own, and makes it anew each time: two
/// threads would work on one page, and reading a signal while the other thread writes it panics.
#[cfg(feature = "ssr")]
pub(super) fn when_settled<T: Page>(
    page: Loading<T>,
    _fallback: fn() -> AnyView,
    show: impl Fn(Result<T, AppError>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    use leptos::tachys::reactive_graph::OwnedView;

    let owner = Owner::new();
    // What `<Transition>` takes in the browser: the next resource's data bears the next number.
    if let Some(context) = Owner::current_shared_context() {
        context.next_id();
    }
    let screen_owner = owner.clone();
    owner.with(|| {
        Suspend::new(async move {
            let screen = show(page.await).resolve().await;
            OwnedView::new_with_owner(screen, screen_owner)
        })
        .into_any()
    })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use any_spawner::Executor;
    use futures::StreamExt as _;
    use std::sync::{Arc, Mutex};
    use tokio::task;

    #[tokio::test]
    async fn the_server_makes_a_page_once_in_the_task_that_answers() {
        Executor::init_tokio().unwrap();
        let made = Arc::new(Mutex::new(Vec::new()));
        let owner = Owner::new_root(None);
        let html = owner.with(|| {
            let page = load(
                || (),
                |()| async {
                    task::yield_now().await;
                    Ok("Hello".to_owned())
                },
            );
            let made = Arc::clone(&made);
            let show = move |text: String| {
                made.lock().unwrap().push(task::try_id());
                text.into_any()
            };
            when_loaded(page, || ().into_any(), show).to_html_stream_in_order()
        });
        assert_eq!(html.collect::<String>().await, "Hello");
        assert_eq!(*made.lock().unwrap(), [task::try_id()]);
    }
}
