use super::{Ago, Icon, Loader, Submission, alert, avatar, close_panel};
use crate::{
    api, browser,
    flow::{ListItem, effect, keyed_list, memo, shown_when, text},
    state::{Permission, Sentence, Tab},
};
use leptos::{prelude::*, task::spawn_local};
use protocol::{Notification, NotificationId, NotificationKind, UserId};

const HEADING_ID: &str = "notifications-heading";
const PERMISSION_ID: &str = "notification-permission";

/// The person's notifications, newest first; fetched whenever the panel opens.
pub fn notification_panel(tab: Tab, loader: Loader) -> AnyView {
    effect(move || loader.load_newest());
    let bell = tab.notifications;
    let has_unread = memo(move || tab.unread_notifications.read().unread != 0);
    let has_more = memo(move || bell.read().has_more());
    let is_loaded = memo(move || bell.read().is_loaded());
    let is_empty = memo(move || bell.read().notifications().is_empty());
    let read_all = move |_| {
        read(tab, None);
        // The button goes, and would take the focus with it.
        browser::focus(HEADING_ID);
    };
    let items = move || {
        if !is_loaded.get() {
            return Vec::new();
        }
        let item = |notification: &Notification| {
            let notification = notification.clone();
            ListItem::new(
                &(
                    notification.id,
                    notification.version,
                    notification.text.clone(),
                ),
                move || notification_item(tab, notification),
            )
        };
        bell.read().notifications().iter().map(item).collect()
    };
    view! {
        <header class="notifications-head">
            <h2 id=HEADING_ID tabindex="-1">
                "Notifications"
            </h2>
            {shown_when(
                move || is_loaded.get() && has_unread.get(),
                move || {
                    view! {
                        <button type="button" class="link-button" on:click=read_all>
                            "Mark all as read"
                        </button>
                    }
                        .into_any()
                },
            )}
        </header>
        {move || {
            loader
                .error
                .get()
                .map(|error| {
                    view! {
                        {alert(error)}
                        <button
                            type="button"
                            class="button small"
                            on:click=move |_| loader.retry()
                        >
                            "Retry"
                        </button>
                    }
                        .into_any()
                })
        }}
        {shown_when(move || !is_loaded.get() && loader.is_loading.get(), skeleton)}
        {shown_when(
            move || is_loaded.get() && is_empty.get(),
            || {
                view! {
                    <p class="hint">
                        "Nothing yet. Mentions, direct messages and requests to be friends come here."
                    </p>
                }
                    .into_any()
            },
        )}
        <ul class="notification-list">{keyed_list(items)}</ul>
        {shown_when(
            move || is_loaded.get() && has_more.get(),
            move || {
                view! {
                    <button
                        type="button"
                        class="button small"
                        disabled=move || loader.is_loading.get()
                        on:click=move |_| loader.load_older()
                    >
                        "Show more"
                    </button>
                }
                    .into_any()
            },
        )}
    }
    .into_any()
}

/// What stands where notifications are about to.
fn skeleton() -> AnyView {
    view! {
        <div class="notification-skeleton" aria-busy="true">
            <span class="visually-hidden" role="status">
                "Loading"
            </span>
            <span></span>
            <span></span>
            <span></span>
        </div>
    }
    .into_any()
}

/// One notification: a link to what it is about, and what can be done at once.
fn notification_item(tab: Tab, notification: Notification) -> AnyView {
    let id = notification.id;
    let link_id = format!("notification-{id}");
    let link = link_id.clone();
    let is_unread = memo(move || tab.notifications.read().is_unread(id));
    let sentence = Sentence::of(&notification);
    let read_label = format!("Mark as read: {} {}", sentence.who, sentence.what);
    let user_id = notification.actor.user_id;
    let path = tab.path_here(notification.path);
    // What the router does not know the way to, the browser does.
    let rel = (!path.starts_with("/w/")).then_some("external");
    let text = Some(notification.text).filter(|text| !text.is_empty());
    let open = move |_| {
        if is_unread.get_untracked() {
            read(tab, Some(id));
        }
        close_panel();
    };
    let answer = (notification.kind == NotificationKind::FriendRequest).then(|| {
        let is_asked = memo(move || {
            let relations = tab.relations.read();
            relations.incoming.iter().any(|it| it.user_id == user_id)
        });
        shown_when(
            move || is_asked.get(),
            move || answer_buttons(tab, user_id, id),
        )
    });
    view! {
        <li class="notification" class:unread=move || is_unread.get()>
            <a id=link_id class="notification-link" href=path rel=rel on:click=open>
                {avatar(user_id, &sentence.who)}
                <span class="notification-words">
                    {shown_when(
                        move || is_unread.get(),
                        || view! { <span class="visually-hidden">"Unread: "</span> }.into_any(),
                    )}
                    <span class="notification-sentence">
                        <bdi>{sentence.who}</bdi>
                        " "
                        {sentence.what}
                        {sentence.place.map(|place| view! { " " <bdi>{place}</bdi> }.into_any())}
                    </span>
                    {text
                        .map(|text| {
                            view! { <bdi class="notification-text">{text}</bdi> }.into_any()
                        })}
                    <span class="secondary">
                        <Ago at=notification.at />
                    </span>
                </span>
            </a>
            {shown_when(
                move || is_unread.get(),
                move || {
                    let link = link.clone();
                    view! {
                        <button
                            type="button"
                            class="icon-button"
                            aria-label=read_label.clone()
                            title="Mark as read"
                            on:click=move |_| {
                                read(tab, Some(id));
                                // The button goes, and would take the focus with it.
                                browser::focus(&link);
                            }
                        >
                            {Icon::CHECK}
                        </button>
                    }
                        .into_any()
                },
            )}
            {answer}
        </li>
    }
    .into_any()
}

/// Accepts or declines a request to be friends.
fn answer_buttons(tab: Tab, user_id: UserId, id: NotificationId) -> AnyView {
    let submission = Submission::new();
    let answer = move |is_accepted| {
        submission.send(api::answer_friend(user_id, is_accepted), move |()| {
            tab.relations.update(|relations| {
                relations.incoming.retain(|it| it.user_id != user_id);
            });
            read(tab, Some(id));
            browser::focus(&format!("notification-{id}"));
        });
    };
    let button = move |label: &'static str, class: &'static str, is_accepted| {
        view! {
            <button
                type="button"
                class=class
                disabled=move || submission.is_pending()
                on:click=move |_| answer(is_accepted)
            >
                {label}
            </button>
        }
        .into_any()
    };
    view! {
        <div class="notification-answer">
            {button("Accept", "button small primary", true)}
            {button("Decline", "button small", false)}
            {submission.alert()}
        </div>
    }
    .into_any()
}

/// Marks a notification, or all of them, as read: on the server, and then here, also while the
/// connection that would tell is not there.
fn read(tab: Tab, id: Option<NotificationId>) {
    let ids: Vec<_> = match id {
        Some(id) => vec![id],
        None => tab.notifications.read_untracked().unread(None).collect(),
    };
    spawn_local(async move {
        match api::read_notifications(id.map(|id| vec![id])).await {
            Ok(()) => tab.notifications.update(|bell| bell.apply_read(&ids)),
            Err(error) => tab.refused(&error),
        }
    });
}

/// Says whether the browser shows notifications while the page is in the background, and lets the
/// person allow it.
#[component]
pub fn NotificationPermission() -> impl IntoView {
    let permission = RwSignal::new(None);
    let look = move || {
        permission.try_set(Some(browser::notification_permission()));
    };
    effect(look);
    let words = move || match permission.get() {
        None => "",
        Some(Permission::Granted) => {
            "Allowed. Notifications are shown while Rollcall is in the background, \
             but not for muted chats, and not while you do not want to be disturbed."
        }
        Some(Permission::Unasked) => {
            "Rollcall can tell you of mentions, direct messages and requests while it is in the \
             background."
        }
        Some(Permission::Denied) => {
            "The browser blocks them. Allow notifications for this site in the browser's own \
             settings, usually behind the icon beside the address, then load this page again."
        }
        Some(Permission::Unsupported) => {
            "This browser cannot show notifications here. It may need an encrypted connection."
        }
    };
    view! {
        <div class="notification-permission needs-script">
            <p role="status" id=PERMISSION_ID tabindex="-1">
                {text(move || words().to_owned())}
            </p>
            {shown_when(
                move || permission.get() == Some(Permission::Unasked),
                move || {
                    view! {
                        <button
                            type="button"
                            class="button"
                            on:click=move |_| {
                                browser::ask_for_notifications(move || {
                                    look();
                                    // The button is gone, and would take the focus with it.
                                    browser::focus(PERMISSION_ID);
                                });
                            }
                        >
                            "Allow notifications"
                        </button>
                    }
                        .into_any()
                },
            )}
        </div>
    }
    .into_any()
}
