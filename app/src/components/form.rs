//! A form that asks the server something, shows that it waits, and says what was refused.

use super::alert;
use crate::{error::AppError, flow::optional};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use std::{future::Future, pin::Pin};

/// A request, and what follows when it succeeds.
type Exchange = Pin<Box<dyn Future<Output = Result<Box<dyn FnOnce()>, AppError>>>>;

/// The state of a form between pressing its button and the answer.
#[derive(Clone, Copy)]
pub struct Submission {
    is_pending: RwSignal<bool>,
    error: RwSignal<Option<String>>,
}

impl Submission {
    /// Nothing asked yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            is_pending: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }

    /// Asks, and when it was granted does `then`. While one question waits, no second is asked.
    pub fn send<T: 'static>(
        self,
        request: impl Future<Output = Result<T, AppError>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        self.run(Box::pin(async move {
            let value = request.await?;
            Ok(Box::new(move || then(value)) as Box<dyn FnOnce()>)
        }));
    }

    /// As [`Self::send`], from a form's submit event.
    pub fn submit<T: 'static>(
        self,
        event: &SubmitEvent,
        request: impl Future<Output = Result<T, AppError>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        event.prevent_default();
        self.send(request, then);
    }

    /// The same for every request, whatever it asks: the browser gets it once.
    fn run(self, exchange: Exchange) {
        if self.is_pending.get_untracked() {
            return;
        }
        self.is_pending.set(true);
        self.error.set(None);
        spawn_local(async move {
            let answer = exchange.await;
            // The form may have been closed meanwhile.
            self.is_pending.try_set(false);
            match answer {
                Ok(then) => then(),
                Err(error) => {
                    self.error.try_set(Some(error.message));
                }
            }
        });
    }

    /// Shows why it was refused, as the server told a page without script.
    pub fn refuse(self, why: &str) {
        self.error.set(Some(why.to_owned()));
    }

    /// Whether an answer is awaited.
    #[must_use]
    pub fn is_pending(self) -> bool {
        self.is_pending.get()
    }

    /// What was refused, for the form to show.
    pub fn alert(self) -> AnyView {
        optional(move || self.error.get().map(alert))
    }
}

impl Default for Submission {
    fn default() -> Self {
        Self::new()
    }
}
