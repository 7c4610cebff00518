//! Conditions, texts, lists, derived values and effects, of one type each. Those of Leptos have a type
//! for every use, or every kind of value, and the browser gets the code of each.
//!
//! A closure within a generic function has a type for every use of that, too: so what is generic here
//! only boxes what it is given.

use leptos::{prelude::*, tachys::reactive_graph::SharedReactiveFunction};
use std::{
    hash::{DefaultHasher, Hash, Hasher as _},
    sync::{Arc, Mutex},
};

/// A value that follows others: told on only when it has changed.
pub fn memo<T: PartialEq + Send + Sync + 'static>(
    value: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    memo_of(Box::new(value))
}

fn memo_of<T: PartialEq + Send + Sync + 'static>(
    value: Box<dyn Fn() -> T + Send + Sync>,
) -> Memo<T> {
    Memo::new(move |_| value())
}

/// Does something in the browser now, and again whenever what it has read changes.
pub fn effect(act: impl FnMut() + 'static) {
    let act: Box<dyn FnMut()> = Box::new(act);
    Effect::new(act);
}

/// Shows a view while a condition holds; it is made anew each time the condition comes true.
pub fn shown_when(
    condition: impl Fn() -> bool + Send + Sync + 'static,
    view: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    shown(memo(condition), Box::new(view))
}

fn shown(condition: Memo<bool>, view: Box<dyn Fn() -> AnyView + Send + Sync>) -> AnyView {
    optional(move || condition.get().then(&view))
}

/// Shows a view, or nothing; it is made anew whenever what it has read changes.
pub fn optional(view: impl FnMut() -> Option<AnyView> + Send + 'static) -> AnyView {
    // As `view!` has it for a closure that is written in it.
    let view: SharedReactiveFunction<Option<AnyView>> = Arc::new(Mutex::new(view));
    view.into_any()
}

/// Shows a view that is made anew whenever what it has read changes.
pub fn changing(view: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    changing_of(Box::new(view))
}

fn changing_of(mut view: Box<dyn FnMut() -> AnyView + Send>) -> AnyView {
    optional(move || Some(view()))
}

/// Shows a text that changes.
pub fn text(text: impl FnMut() -> String + Send + 'static) -> AnyView {
    text_of(Box::new(text))
}

fn text_of(mut text: Box<dyn FnMut() -> String + Send>) -> AnyView {
    optional(move || Some(text().into_any()))
}

/// One item of a [`keyed_list`].
pub struct ListItem {
    key: u64,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

impl ListItem {
    /// Keeps its view for as long as the key stays the same.
    pub fn new(key: &impl Hash, view: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Self {
            key: hasher.finish(),
            view: Box::new(view),
        }
    }
}

/// Shows a list: what has a new key is made, what is gone is removed, and the rest stays, moved at
/// most.
pub fn keyed_list(items: impl Fn() -> Vec<ListItem> + Send + Sync + 'static) -> AnyView {
    list_of(Box::new(items))
}

fn list_of(items: Box<dyn Fn() -> Vec<ListItem> + Send + Sync>) -> AnyView {
    view! { <For each=items key=|item| item.key children=|item: ListItem| (item.view)() /> }
        .into_any()
}
