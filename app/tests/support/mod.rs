//! A server with an invented team behind it, which renders pages as the real one does.

use app::{
    App,
    error::AppError,
    page::{
        ChatPage, DemoAccount, DoorPage, Features, HistoryPage, Member, NotificationsPage,
        PeoplePage, SettingsPage, StatusDraft, WorkspacePage, admin::AdminPage,
    },
    service::Service,
    shell,
};
use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use leptos::{context::provide_context, prelude::LeptosOptions};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, generate_route_list};
use protocol::{
    Author, Chat, ChatId, ChatKind, ChatRole, ClientMessageId, Epoch, ErrorCode, FriendsSnapshot,
    LastSeenAudience, Message, MessageId, NotificationId, PresenceEntry, PresenceSnapshot,
    Relations, Resume, SessionId, Status, Timers, Timestamp, UnreadNotifications, User, UserId,
    Workspace, WorkspaceId, WorkspaceRole,
};
use std::sync::{Arc, LazyLock};
use tower::ServiceExt as _;
use uuid::Uuid;

/// Once in a process, and before any page: while the list is made, no resource of any page loads.
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// What a request was answered with.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) html: String,
}

impl Page {
    /// The part of the page from the first occurrence of `start`, as long as a row is.
    pub(crate) fn after(&self, start: &str) -> &str {
        let from = self
            .html
            .find(start)
            .unwrap_or_else(|| panic!("no {start} in {}", self.html));
        let rest = &self.html[from..];
        let end = rest
            .char_indices()
            .map(|(at, _)| at)
            .nth(2_000)
            .unwrap_or(rest.len());
        &rest[..end]
    }

    /// How often a text occurs.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.html.matches(text).count()
    }

    /// Whether a text occurs.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.html.contains(text)
    }
}

/// Renders an address for `service`.
pub(crate) async fn get(service: Team, address: &str) -> Page {
    get_with_cookie(service, address, "").await
}

/// Renders an address for a reader with a `Cookie` header.
pub(crate) async fn get_with_cookie(service: Team, address: &str, cookie: &str) -> Page {
    let request = Request::get(address)
        .header(header::COOKIE, cookie)
        .body(Body::empty())
        .expect("an address and a cookie that a request can carry");
    send(service, request).await
}

/// Sends a request to a server whose service is `service`.
pub(crate) async fn send(service: Team, request: Request<Body>) -> Page {
    let options = LeptosOptions::builder().output_name("rollcall").build();
    let service: Arc<dyn Service> = Arc::new(service);
    let provide = move || provide_context(Arc::clone(&service));
    let router: Router = Router::new()
        .leptos_routes_with_context(&options, ROUTES.clone(), provide.clone(), {
            let options = options.clone();
            move || shell(options.clone())
        })
        .fallback(leptos_axum::file_and_error_handler_with_context::<
            LeptosOptions,
            _,
        >(provide, shell))
        .with_state(options);
    let response = router
        .oneshot(request)
        .await
        .expect("a router does not fail");
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX)
        .await
        .expect("the body is in memory");
    Page {
        status,
        html: String::from_utf8(body.to_vec()).expect("pages are UTF-8"),
    }
}

/// The invented team: Jane, who reads, and John are online, Bob is not; they share the chat
/// "general".
#[derive(Clone)]
pub(crate) struct Team {
    pub(crate) door: DoorPage,
    pub(crate) workspace: WorkspacePage,
    pub(crate) chat: ChatPage,
    pub(crate) people: PeoplePage,
    pub(crate) settings: SettingsPage,
    pub(crate) notifications: NotificationsPage,
    pub(crate) failure: Option<AppError>,
}

pub(crate) fn user(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().expect("an RFC 3339 time")
}

pub(crate) fn message(sequence: u64, author: (u128, &str), text: &str, sent_at: &str) -> Message {
    Message {
        chat_id: ChatId::from_uuid(Uuid::from_u128(1)),
        id: MessageId::from_uuid(Uuid::from_u128(u128::from(sequence))),
        client_id: ClientMessageId::from_uuid(Uuid::from_u128(u128::from(sequence))),
        author: Author {
            user_id: user(author.0),
            display_name: author.1.into(),
        },
        text: text.into(),
        sent_at: time(sent_at),
        edited_at: None,
        deleted_at: None,
        sequence,
        offset: sequence,
    }
}

fn chat(n: u128, name: &str) -> Chat {
    Chat {
        chat_id: ChatId::from_uuid(Uuid::from_u128(n)),
        workspace_id: WorkspaceId::from_uuid(Uuid::from_u128(1)),
        slug: name.into(),
        kind: ChatKind::Channel,
        name: name.into(),
        topic: "Task: Update documentation".into(),
        is_private: false,
        people: Vec::new(),
        role: Some(ChatRole::Member),
        read_offset: 3,
        unread: 0,
        is_muted: false,
    }
}

pub(crate) fn author(n: u128, name: &str) -> Author {
    Author {
        user_id: user(n),
        display_name: name.into(),
    }
}

/// A direct chat with these people.
pub(crate) fn direct(n: u128, people: &[Author]) -> Chat {
    let names: Vec<_> = people.iter().map(|it| it.display_name.as_str()).collect();
    Chat {
        kind: ChatKind::Direct,
        name: names.join(", "),
        slug: ChatId::from_uuid(Uuid::from_u128(n)).to_string(),
        topic: String::new(),
        is_private: true,
        people: people.to_vec(),
        ..chat(n, "")
    }
}

impl Team {
    pub(crate) fn new() -> Self {
        let people = [
            (1, "jane", "Jane Doe"),
            (2, "john", "John Smith"),
            (3, "bob", "Bob Wilson"),
        ];
        let workspace = Workspace {
            workspace_id: WorkspaceId::from_uuid(Uuid::from_u128(1)),
            slug: "flowra".into(),
            name: "Flowra".into(),
            role: WorkspaceRole::Owner,
        };
        let epoch = Epoch::from_uuid(Uuid::from_u128(9));
        let page = WorkspacePage {
            me: User {
                user_id: user(1),
                username: "jane".into(),
                display_name: "Jane Doe".into(),
                is_admin: true,
            },
            workspace: workspace.clone(),
            workspaces: vec![workspace],
            chats: vec![
                Chat {
                    unread: 3,
                    ..chat(2, "design")
                },
                chat(1, "general"),
            ],
            joinable: vec![Chat {
                role: None,
                ..chat(3, "random")
            }],
            direct_users: PresenceSnapshot {
                users: Vec::new(),
                epoch,
                version: 0,
            },
            relations: Relations::default(),
            status: Status::default(),
            unread_notifications: UnreadNotifications::default(),
            resume: Resume {
                session: SessionId::from_uuid(Uuid::from_u128(1)),
                epoch,
                offset: 3,
            },
            connection: connection::Settings::default(),
            timers: Timers {
                ping_ms: 1,
                pong_timeout_ms: 1,
                typing_timeout_ms: 1,
                input_interval_ms: 1,
            },
            features: Features {
                presence: true,
                typing: true,
            },
        };
        let members = people
            .map(|(n, username, name)| Member {
                user_id: user(n),
                username: username.into(),
                display_name: name.into(),
                role: Some(ChatRole::Member),
            })
            .to_vec();
        let users = people
            .map(|(n, _, name)| PresenceEntry {
                user_id: user(n),
                display_name: name.into(),
                is_online: n != 3,
                availability: None,
                status_text: String::new(),
                last_seen: (n == 3).then(|| time("2026-11-21T10:00:00Z")),
                is_hidden: false,
                as_of: None,
                version: 1,
            })
            .to_vec();
        let messages = vec![
            message(
                1,
                (1, "Jane Doe"),
                "The chapter is ready.",
                "2026-11-20T16:42:00Z",
            ),
            message(
                2,
                (3, "Bob Wilson"),
                "Looking at it now.",
                "2026-11-21T09:03:00Z",
            ),
            message(3, (3, "Bob Wilson"), "It is good.", "2026-11-21T09:05:00Z"),
        ];
        let presence = PresenceSnapshot {
            users,
            epoch,
            version: 1,
        };
        let people_page = PeoplePage {
            friends: FriendsSnapshot {
                friends: Vec::new(),
                epoch,
                version: 0,
            },
            relations: Relations::default(),
            members: members.clone(),
            presence: presence.clone(),
        };
        let settings = SettingsPage {
            me: page.me.clone(),
            status: Status::default(),
            last_seen_audience: LastSeenAudience::Everyone,
        };
        Self {
            door: DoorPage::default(),
            workspace: page,
            chat: ChatPage {
                chat: chat(1, "general"),
                history: HistoryPage {
                    messages,
                    has_more: false,
                },
                members,
                presence,
            },
            people: people_page,
            settings,
            notifications: NotificationsPage::default(),
            failure: None,
        }
    }

    /// A team of whom nothing can be had.
    pub(crate) fn failing(code: ErrorCode, message: &str) -> Self {
        Self {
            failure: Some(AppError::new(code, message)),
            ..Self::new()
        }
    }

    pub(crate) fn demo() -> Self {
        let mut team = Self::new();
        team.door.sign_up_open = true;
        team.door.demo_accounts = vec![DemoAccount {
            username: "jane".into(),
            display_name: "Jane Doe".into(),
            user_id: user(1),
        }];
        team
    }

    fn answer<T>(&self, value: T) -> Result<T, AppError> {
        self.failure.clone().map_or(Ok(value), Err)
    }
}

fn not_found<T>() -> Result<T, AppError> {
    Err(AppError::new(
        ErrorCode::NotFound,
        "There is no such thing.",
    ))
}

#[async_trait]
impl Service for Team {
    async fn admin_page(&self, _: String, _: Option<UserId>) -> Result<AdminPage, AppError> {
        not_found()
    }

    async fn door_page(&self, _: Option<String>) -> Result<DoorPage, AppError> {
        self.answer(self.door.clone())
    }

    async fn workspace_page(&self, workspace: String) -> Result<WorkspacePage, AppError> {
        if workspace == "flowra" {
            self.answer(self.workspace.clone())
        } else {
            not_found()
        }
    }

    async fn chat_page(
        &self,
        _: String,
        chat: String,
        _: Option<u64>,
    ) -> Result<ChatPage, AppError> {
        if chat == self.chat.chat.slug {
            self.answer(self.chat.clone())
        } else {
            not_found()
        }
    }

    async fn history(&self, _: ChatId, _: Option<u64>) -> Result<HistoryPage, AppError> {
        self.answer(self.chat.history.clone())
    }

    async fn chat_presence(&self, _: ChatId) -> Result<PresenceSnapshot, AppError> {
        self.answer(self.chat.presence.clone())
    }

    async fn create_invitation(&self, _: WorkspaceId) -> Result<String, AppError> {
        self.answer("/sign-up?invitation=abc".into())
    }

    async fn workspace_members(&self, _: WorkspaceId) -> Result<Vec<Member>, AppError> {
        self.answer(self.chat.members.clone())
    }

    async fn create_chat(
        &self,
        _: WorkspaceId,
        name: String,
        topic: String,
        is_private: bool,
    ) -> Result<Chat, AppError> {
        self.answer(Chat {
            name,
            topic,
            is_private,
            ..chat(4, "new")
        })
    }

    async fn update_chat(&self, _: ChatId, name: String, topic: String) -> Result<Chat, AppError> {
        self.answer(Chat {
            name,
            topic,
            ..self.chat.chat.clone()
        })
    }

    async fn join_chat(&self, _: ChatId) -> Result<Chat, AppError> {
        self.answer(self.chat.chat.clone())
    }

    async fn leave_chat(&self, _: ChatId) -> Result<(), AppError> {
        self.answer(())
    }

    async fn chat_members(&self, _: ChatId) -> Result<Vec<Member>, AppError> {
        self.answer(self.chat.members.clone())
    }

    async fn add_chat_member(&self, _: ChatId, _: String) -> Result<(), AppError> {
        self.answer(())
    }

    async fn remove_chat_member(&self, _: ChatId, _: UserId) -> Result<(), AppError> {
        self.answer(())
    }

    async fn edit_message(
        &self,
        _: ChatId,
        _: MessageId,
        text: String,
    ) -> Result<Message, AppError> {
        self.answer(Message {
            text,
            ..self.chat.history.messages[0].clone()
        })
    }

    async fn delete_message(&self, _: ChatId, _: MessageId) -> Result<Message, AppError> {
        self.answer(self.chat.history.messages[0].clone())
    }

    async fn people_page(&self, workspace: String) -> Result<PeoplePage, AppError> {
        if workspace == "flowra" {
            self.answer(self.people.clone())
        } else {
            not_found()
        }
    }

    async fn settings_page(&self) -> Result<SettingsPage, AppError> {
        self.answer(self.settings.clone())
    }

    async fn notifications(
        &self,
        _: Option<NotificationId>,
    ) -> Result<NotificationsPage, AppError> {
        self.answer(self.notifications.clone())
    }

    async fn read_notifications(&self, _: Option<Vec<NotificationId>>) -> Result<(), AppError> {
        self.answer(())
    }

    async fn ask_friend(&self, _: String) -> Result<(), AppError> {
        self.answer(())
    }

    async fn answer_friend(&self, _: UserId, _: bool) -> Result<(), AppError> {
        self.answer(())
    }

    async fn end_friendship(&self, _: UserId) -> Result<(), AppError> {
        self.answer(())
    }

    async fn block_user(&self, _: UserId) -> Result<(), AppError> {
        self.answer(())
    }

    async fn unblock_user(&self, _: UserId) -> Result<(), AppError> {
        self.answer(())
    }

    async fn open_direct(&self, _: WorkspaceId, _: Vec<UserId>) -> Result<Chat, AppError> {
        self.answer(self.chat.chat.clone())
    }

    async fn set_muted(&self, _: ChatId, _: bool) -> Result<(), AppError> {
        self.answer(())
    }

    async fn set_status(&self, _: StatusDraft) -> Result<Status, AppError> {
        self.answer(self.settings.status.clone())
    }

    async fn set_last_seen_audience(&self, _: LastSeenAudience) -> Result<(), AppError> {
        self.answer(())
    }
}
