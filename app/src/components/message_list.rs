use super::{Icon, MessageRow, OutgoingRow, chat_label};
use crate::{
    api, browser,
    flow::{ListItem, changing, effect, keyed_list, memo, shown_when, text},
    state::{Clock, Outgoing, Row, Tab, Timeline, outgoing},
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use protocol::{ChatId, ChatKind, MessageId};

/// This close to an end of the list, in CSS pixels, one is at it.
const AT_END: i32 = 40;
/// This close to the oldest message, in CSS pixels, the page before it is fetched.
const NEAR_OLDEST: i32 = 600;

/// The messages of the chat on screen, oldest first.
///
/// The list is laid out from its end upwards, so that without any script it opens at the newest
/// message, stays there when one is added, and keeps its place when older ones are put on top.
#[component]
pub fn MessageList(
    /// Which chat.
    chat_id: ChatId,
    /// One's own message that is being edited.
    editing: RwSignal<Option<MessageId>>,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let clock = expect_context::<Clock>();
    let list = NodeRef::<html::Div>::new();
    let is_at_end = RwSignal::new(true);
    let is_visible = RwSignal::new(true);
    // The newest message that has been on screen.
    let seen = RwSignal::new(None::<u64>);
    let newest = memo(move || tab.timeline.read().newest());

    let older = Older::new(tab, chat_id, list);
    let scrolled = move || {
        let Some(list) = list.get_untracked() else {
            return;
        };
        // Counted from the end: 0 there, and negative above.
        let above_end = -list.scroll_top();
        is_at_end.set(above_end < AT_END);
        if list.scroll_height() - list.client_height() - above_end < NEAR_OLDEST {
            older.load();
        }
    };
    let to_end = move || {
        if let Some(list) = list.get_untracked() {
            list.set_scroll_top(0);
        }
    };

    effect(move || {
        if tab.is_connected() && older.has_failed.get_untracked() {
            older.has_failed.set(false);
            older.load();
        }
    });
    // The element of the chat before is taken over, with its place.
    effect(move || {
        list.track();
        to_end();
    });
    // A short page may leave room above: then there is no scrolling that would ask for more.
    effect(move || {
        newest.track();
        scrolled();
    });
    effect(move || {
        // It may have been opened in the background.
        is_visible.set(browser::is_visible());
        let listener = window_event_listener_untyped("visibilitychange", move |_| {
            let is_seen = browser::is_visible();
            if !is_seen && is_at_end.get_untracked() {
                tab.timeline.update(Timeline::draw_line);
            }
            is_visible.set(is_seen);
        });
        on_cleanup(move || listener.remove());
    });
    effect(move || {
        if is_at_end.get()
            && is_visible.get()
            && let Some(newest) = newest.get()
        {
            seen.set(Some(newest));
            tab.mark_read(chat_id, newest);
        }
    });

    let rows = memo(move || tab.timeline.read().rows(clock.zone()));
    let sending = Memo::new(move |before: Option<&Vec<_>>| {
        let before = before.map_or(&[][..], Vec::as_slice);
        let timeline = tab.timeline.read();
        outgoing(before, &tab.outbox.read(), chat_id, |id| {
            timeline.has_arrived(id)
        })
    });
    let sending_count = memo(move || sending.read().len());
    let stored_items = move || {
        let item = |row: Row| {
            ListItem::new(&row.key(), move || {
                view! { <MessageRow row editing /> }.into_any()
            })
        };
        rows.get().into_iter().map(item).collect()
    };
    let sending_items = move || {
        let mut continues = !sending.read().is_empty()
            && tab.timeline.read_untracked().continues_own(browser::now());
        let item = |message: Outgoing| {
            let is_continuation = std::mem::replace(&mut continues, true);
            let key = (message.client_id, message.state.clone(), is_continuation);
            ListItem::new(&key, move || {
                view! { <OutgoingRow message is_continuation /> }.into_any()
            })
        };
        sending.get().into_iter().map(item).collect()
    };
    Effect::new(move |before: Option<usize>| {
        let count = sending_count.get();
        if before.is_some_and(|before| count > before) {
            to_end();
        }
        count
    });
    let below = memo(move || {
        let seen = seen.get().filter(|_| !is_at_end.get());
        seen.map_or(0, |seen| tab.timeline.read().count_after(seen))
    });

    view! {
        <div class="message-area">
            <div
                class="messages"
                node_ref=list
                role="log"
                aria-label="Messages"
                tabindex="0"
                on:scroll=move |_: ev::Event| scrolled()
            >
                <div class="messages-end-up">
                    <Beginning older />
                    {keyed_list(stored_items)}
                    {keyed_list(sending_items)}
                </div>
            </div>
            {shown_when(
                move || below.get() != 0,
                move || {
                    view! {
                        <button type="button" class="to-end" on:click=move |_| to_end()>
                            {Icon::DOWN}
                            {text(move || match below.get() {
                                1 => "1 new message".to_owned(),
                                count => format!("{count} new messages"),
                            })}
                        </button>
                    }
                        .into_any()
                },
            )}
        </div>
    }
    .into_any()
}

/// Fetches older messages, one page at a time.
#[derive(Clone, Copy)]
struct Older {
    tab: Tab,
    chat_id: ChatId,
    list: NodeRef<html::Div>,
    is_loading: RwSignal<bool>,
    has_failed: RwSignal<bool>,
}

impl Older {
    fn new(tab: Tab, chat_id: ChatId, list: NodeRef<html::Div>) -> Self {
        let (is_loading, has_failed) = (RwSignal::new(false), RwSignal::new(false));
        Self {
            tab,
            chat_id,
            list,
            is_loading,
            has_failed,
        }
    }

    /// Fetches the page before the oldest message, unless that is under way, has just failed, or
    /// there is none.
    fn load(self) {
        let (oldest, has_more) = self
            .tab
            .timeline
            .with_untracked(|timeline| (timeline.oldest(), timeline.has_more()));
        if self.is_loading.get_untracked() || self.has_failed.get_untracked() || !has_more {
            return;
        }
        self.is_loading.set(true);
        spawn_local(async move {
            let page = api::load_history(self.chat_id, oldest).await;
            // The chat may have left the screen meanwhile, and its signals with it.
            if self.is_loading.try_set(false).is_some() {
                return;
            }
            match page {
                Ok(page) => {
                    self.without_anchor();
                    self.tab.timeline.update(|timeline| timeline.prepend(page));
                }
                Err(_) => self.has_failed.set(true),
            }
        });
    }

    /// Keeps the browser from following the text that is read until the older messages are there.
    /// The list keeps its distance from the end, so what is put on top moves nothing; browsers that
    /// anchor scrolling nevertheless add its height. What is added at the end they are right about.
    fn without_anchor(self) {
        const CLASS: &str = "prepending";
        let Some(list) = self.list.get_untracked() else {
            return;
        };
        // A fixed name is a valid class.
        let _ = list.class_list().add_1(CLASS);
        // The first frame lays them out, and the second finds them there.
        request_animation_frame(move || {
            request_animation_frame(move || {
                let _ = list.class_list().remove_1(CLASS);
            });
        });
    }
}

/// What stands above the oldest message.
#[component]
fn Beginning(older: Older) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let has_more = memo(move || tab.timeline.read().has_more());
    let is_empty = memo(move || tab.timeline.read().is_empty());
    let retry = move |_| {
        older.has_failed.set(false);
        older.load();
    };
    view! {
        <div class="beginning">
            {changing(move || {
                if older.has_failed.get() {
                    view! {
                        <p>"Older messages could not be loaded."</p>
                        <button type="button" class="button" on:click=retry>
                            "Try again"
                        </button>
                    }
                        .into_any()
                } else if has_more.get() {
                    let address = format!(
                        "?before={}",
                        tab.timeline.read_untracked().oldest().unwrap_or_default(),
                    );
                    view! {
                        <p class="loading needs-script">"Older messages…"</p>
                        <a class="without-script" href=address rel="external">
                            "Older messages"
                        </a>
                    }
                        .into_any()
                } else {
                    let chat = tab.chat.read();
                    let label = chat.as_ref().map(chat_label);
                    let is_direct = chat.as_ref().is_some_and(|it| it.kind == ChatKind::Direct);
                    let of = if is_direct { "your messages with " } else { "" };
                    view! {
                        <p>
                            <strong>
                                "This is the beginning of " {of} <bdi>{label}</bdi> "."
                            </strong>
                        </p>
                        {is_empty
                            .get()
                            .then(|| {
                                view! { <p>"Nobody has written anything yet: say hello."</p> }.into_any()
                            })}
                    }
                        .into_any()
                }
            })}
        </div>
    }
    .into_any()
}
