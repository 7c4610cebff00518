//! Conditions, lists, derived values and effects, of one type each. Those of Leptos have a type for
//! every use, and the browser gets the code of each.

use leptos::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher as _};

/// A value that follows others: told on only when it has changed.
pub fn memo<T: PartialEq + Send + Sync + 'static>(
    value: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    let value: Box<dyn Fn() -> T + Send + Sync> = Box::new(value);
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
    let condition = memo(condition);
    let view: Box<dyn Fn() -> AnyView + Send + Sync> = Box::new(view);
    (move || condition.get().then(&view)).into_any()
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
    let items: Box<dyn Fn() -> Vec<ListItem> + Send + Sync> = Box::new(items);
    view! { <For each=items key=|item| item.key children=|item: ListItem| (item.view)() /> }
        .into_any()
}
