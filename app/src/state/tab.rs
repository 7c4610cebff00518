//! Everything that one tab knows.

mod news;

use super::{Bell, People, Roster, Sidebar, Timeline, Toast, ToastAction};
use crate::{
    api,
    error::AppError,
    page::{ChatPage, Features, WorkspacePage},
};
use connection::{Action, Announcement, Event, OutboxItem, Tone, TypingSet, View};
use leptos::prelude::*;
use protocol::{
    Author, Chat, ChatId, Message, Relations, Resume, Status, UnreadNotifications, User, UserId,
    Workspace, WorkspaceId,
};
use std::collections::VecDeque;

/// Pages fetched to cover what was scrolled up when messages may have been missed.
const REFRESH_PAGES: usize = 5;
/// Notes on screen at one time; a new one takes the place of the oldest.
const MAX_TOASTS: usize = 3;

/// Everything that one tab knows, as signals; a context. On the server it is inert and holds what
/// is rendered.
#[derive(Clone, Copy)]
pub struct Tab {
    /// Who is signed in.
    pub me: RwSignal<Option<User>>,
    /// The workspace on screen.
    pub workspace: RwSignal<Option<Workspace>>,
    /// The chat on screen.
    pub chat: RwSignal<Option<Chat>>,
    /// What the operator has switched on.
    pub features: RwSignal<Features>,
    /// Dot, tooltip and action of the connection.
    pub status: RwSignal<View>,
    /// What is shown of presence is known to be so; otherwise it is the last that was known.
    pub is_live: RwSignal<bool>,
    /// The theme that was chosen, once that is known.
    pub theme: RwSignal<Option<String>>,
    /// The text of the one status region.
    pub announcement: RwSignal<&'static str>,
    /// What needs attention.
    pub toasts: RwSignal<Vec<Toast>>,
    /// Pending and failed messages of this tab.
    pub outbox: RwSignal<Vec<OutboxItem>>,
    /// The chats of the workspace.
    pub sidebar: RwSignal<Sidebar>,
    /// The members of the chat on screen.
    pub roster: RwSignal<Roster>,
    /// The messages of the chat on screen.
    pub timeline: RwSignal<Timeline>,
    /// Who is typing; kept by the driver.
    pub typing: RwSignal<TypingSet>,
    /// The presence of people wherever they are shown but in the chat's roster.
    pub people: RwSignal<People>,
    /// The person's friends, as the newest snapshot names and orders them.
    pub friends: RwSignal<Vec<Author>>,
    /// Requests to be friends, and who is blocked.
    pub relations: RwSignal<Relations>,
    /// What the person has chosen to show of themselves.
    pub my_status: RwSignal<Status>,
    /// How many notifications wait to be read.
    pub unread_notifications: RwSignal<UnreadNotifications>,
    /// The notifications.
    pub notifications: RwSignal<Bell>,
    recent: StoredValue<VecDeque<Message>>,
    /// Whether the presence of people is being fetched.
    is_fetching_people: StoredValue<bool>,
    /// The page of the workspace that is shown.
    opened: StoredValue<Option<(WorkspaceId, Resume)>>,
    next_toast: StoredValue<u32>,
    #[cfg(feature = "hydrate")]
    driver: StoredValue<Driver, LocalStorage>,
}

/// Where acts of the person go.
#[cfg(feature = "hydrate")]
enum Driver {
    /// The connection has not started: acts wait for it.
    Absent(Vec<Event>),
    /// The driver takes them.
    Present(std::rc::Rc<dyn Fn(Event)>),
}

impl Tab {
    /// A tab that shows nothing yet and is about to connect.
    #[must_use]
    pub fn new() -> Self {
        Self {
            me: RwSignal::new(None),
            workspace: RwSignal::new(None),
            chat: RwSignal::new(None),
            features: RwSignal::new(Features {
                presence: true,
                typing: true,
            }),
            status: RwSignal::new(View {
                tone: Tone::Connecting,
                tooltip: "Connecting…".into(),
                action: None,
            }),
            is_live: RwSignal::new(true),
            theme: RwSignal::new(None),
            announcement: RwSignal::new(""),
            toasts: RwSignal::new(Vec::new()),
            outbox: RwSignal::new(Vec::new()),
            sidebar: RwSignal::new(Sidebar::default()),
            roster: RwSignal::new(Roster::default()),
            timeline: RwSignal::new(Timeline::default()),
            typing: RwSignal::new(TypingSet::default()),
            people: RwSignal::new(People::default()),
            friends: RwSignal::new(Vec::new()),
            relations: RwSignal::new(Relations::default()),
            my_status: RwSignal::new(Status::default()),
            unread_notifications: RwSignal::new(UnreadNotifications::default()),
            notifications: RwSignal::new(Bell::default()),
            recent: StoredValue::new(VecDeque::new()),
            is_fetching_people: StoredValue::new(false),
            opened: StoredValue::new(None),
            next_toast: StoredValue::new(0),
            #[cfg(feature = "hydrate")]
            driver: StoredValue::new_local(Driver::Absent(Vec::new())),
        }
    }

    /// Hands an act of the person to the connection; nothing on the server. Acts before the
    /// connection has started wait for it.
    pub fn dispatch(&self, event: Event) {
        #[cfg(feature = "hydrate")]
        {
            let present = self.driver.try_update_value(|driver| match driver {
                Driver::Absent(waiting) => {
                    waiting.push(event);
                    None
                }
                Driver::Present(dispatch) => Some((std::rc::Rc::clone(dispatch), event)),
            });
            // Outside the update: what the driver does may dispatch again.
            if let Some((dispatch, event)) = present.flatten() {
                dispatch(event);
            }
        }
        #[cfg(not(feature = "hydrate"))]
        drop(event);
    }

    /// Whether the connection has started.
    #[cfg(feature = "hydrate")]
    #[must_use]
    pub fn has_dispatcher(&self) -> bool {
        self.driver
            .with_value(|driver| matches!(driver, Driver::Present(_)))
    }

    /// The connection has started: acts go to it from now on, beginning with those that waited.
    #[cfg(feature = "hydrate")]
    pub fn set_dispatcher(&self, dispatch: impl Fn(Event) + 'static) {
        let dispatch: std::rc::Rc<dyn Fn(Event)> = std::rc::Rc::new(dispatch);
        let before = self.driver.try_update_value(|driver| {
            std::mem::replace(driver, Driver::Present(std::rc::Rc::clone(&dispatch)))
        });
        if let Some(Driver::Absent(waiting)) = before {
            waiting.into_iter().for_each(&*dispatch);
        }
    }

    /// Shows a workspace. Each page of it counts once: what has changed since is kept when a chat
    /// within it is chosen.
    pub fn open_workspace(&self, page: &WorkspacePage) {
        let opening = Some((page.workspace.workspace_id, page.resume));
        if self.opened.get_value() == opening {
            return;
        }
        self.opened.set_value(opening);
        self.me.set(Some(page.me.clone()));
        self.workspace.set(Some(page.workspace.clone()));
        self.features.set(page.features);
        self.learn(page);
    }

    /// Shows a chat, with what has changed since its page was made.
    pub fn open_chat(&self, page: ChatPage) {
        let Some(me) = self.my_id() else {
            return;
        };
        let mut timeline = Timeline::open(me, &page.chat, page.history);
        self.recent.with_value(|recent| {
            for change in recent
                .iter()
                .filter(|change| change.chat_id == page.chat.chat_id)
            {
                timeline.upsert(change.clone());
            }
        });
        self.timeline.set(timeline);
        self.roster
            .set(Roster::new(me, &page.members, &page.presence));
        self.chat.set(Some(page.chat));
    }

    /// Whether what is shown of presence is only the last that was known. Where none is shown,
    /// nothing can be stale.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        !self.is_live.get() && self.features.read().presence && self.is_member()
    }

    /// Who is signed in; not tracked, since a tab is one person's.
    #[must_use]
    pub fn my_id(&self) -> Option<UserId> {
        self.me
            .with_untracked(|me| me.as_ref().map(|me| me.user_id))
    }

    /// Whether the person is a member of the chat on screen.
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.chat
            .read()
            .as_ref()
            .is_some_and(|chat| chat.role.is_some())
    }

    /// Whether only members see the chat on screen.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.chat
            .read()
            .as_ref()
            .is_some_and(|chat| chat.is_private)
    }

    /// Whether messages can be sent at once.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.status.read().tone == Tone::Connected
    }

    /// What is shown of presence is from now on the last that is known, until the next snapshot.
    pub fn presence_stale(&self) {
        self.is_live.set(false);
        self.people.update(People::lose);
    }

    /// Fetches what is on screen afresh, after messages were missed, then tells the connection.
    pub fn resync(&self) {
        let tab = *self;
        leptos::task::spawn_local(async move {
            // After a failure nothing is said: the connection asks again.
            match tab.refresh().await {
                Ok(()) => tab.dispatch(Event::Resynced),
                Err(error) => tab.refused(&error),
            }
        });
    }

    /// Fetches the list of chats afresh, after a break: what was read, muted, opened or renamed
    /// meanwhile is not replayed.
    pub fn reload_chats(&self) {
        let tab = *self;
        let Some(slug) = tab.slug() else { return };
        leptos::task::spawn_local(async move {
            // After a failure the list stays as it was; the next break ends in another try.
            if let Ok(page) = api::load_workspace(slug).await {
                tab.catch_up(&page);
            }
        });
    }

    /// Tells people who cannot see the indicator.
    pub fn announce(&self, announcement: Announcement) {
        self.announcement.set(announcement.text());
        if announcement == Announcement::Restored {
            self.dismiss_retry();
        }
    }

    /// The connection wants attention.
    pub fn connection_toast(&self, toast: connection::Toast) {
        match toast {
            connection::Toast::GaveUp => {
                self.toast(toast.text().to_owned(), Some(ToastAction::Retry));
            }
        }
    }

    /// A request of the person's was refused.
    pub fn refused(&self, error: &AppError) {
        self.toast(error.message.clone(), None);
    }

    /// Shows a note. The same text is not shown twice.
    pub fn toast(&self, text: String, action: Option<ToastAction>) {
        if self
            .toasts
            .with_untracked(|toasts| toasts.iter().any(|toast| toast.text == text))
        {
            return;
        }
        let id = self.next_toast.get_value();
        self.next_toast.set_value(id.wrapping_add(1));
        self.toasts.update(|toasts| {
            if toasts.len() >= MAX_TOASTS {
                toasts.remove(0);
            }
            toasts.push(Toast { id, text, action });
        });
    }

    /// Takes a note away.
    pub fn dismiss(&self, id: u32) {
        self.toasts
            .update(|toasts| toasts.retain(|toast| toast.id != id));
    }

    /// Does what a click on the indicator does.
    pub fn act(&self, action: Action) {
        match action {
            Action::Retry => {
                self.dismiss_retry();
                self.dispatch(Event::Click);
            }
            Action::SignIn => crate::browser::sign_in(),
            Action::Reload => crate::browser::reload(),
        }
    }

    /// The reader has seen a chat up to a sequence: their counts, and those of their other tabs,
    /// follow.
    pub fn mark_read(&self, chat_id: ChatId, sequence: u64) {
        let is_news = self.sidebar.with_untracked(|sidebar| {
            sidebar
                .chat(chat_id)
                .is_some_and(|chat| sequence > chat.read_offset)
        });
        if is_news {
            self.sidebar
                .update(|sidebar| sidebar.read(chat_id, sequence));
            self.dispatch(Event::MarkRead { chat_id, sequence });
        }
    }

    fn dismiss_retry(&self) {
        self.toasts.update(|toasts| {
            toasts.retain(|toast| toast.action != Some(ToastAction::Retry));
        });
    }

    async fn refresh(&self) -> Result<(), AppError> {
        let Some(slug) = self.slug() else {
            return Ok(());
        };
        let page = api::load_workspace(slug).await?;
        self.catch_up(&page);
        let Some(chat_id) = self.chat_id() else {
            return Ok(());
        };
        let oldest = self.timeline.with_untracked(Timeline::oldest);
        let mut fresh = api::load_history(chat_id, None).await?;
        for _ in 1..REFRESH_PAGES {
            let reached = fresh.messages.first().map(|message| message.sequence);
            if !fresh.has_more || reached <= oldest {
                break;
            }
            let mut older = api::load_history(chat_id, reached).await?;
            older.messages.append(&mut fresh.messages);
            fresh = older;
        }
        if self.is_on_screen(chat_id) {
            self.timeline.update(|timeline| timeline.refresh(fresh));
        }
        Ok(())
    }

    fn slug(&self) -> Option<String> {
        self.workspace
            .with_untracked(|it| it.as_ref().map(|it| it.slug.clone()))
    }

    fn chat_id(&self) -> Option<ChatId> {
        self.chat
            .with_untracked(|chat| chat.as_ref().map(|chat| chat.chat_id))
    }

    fn is_on_screen(&self, chat_id: ChatId) -> bool {
        self.chat_id() == Some(chat_id)
    }
}

impl Default for Tab {
    fn default() -> Self {
        Self::new()
    }
}
