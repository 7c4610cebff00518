//! A store in a folder of its own, and short words for what the tests do with it.

use protocol::{
    Author, Chat, ChatId, ClientMessageId, Epoch, LastSeenAudience, Message, MessageId,
    NotificationId, SessionId, Timestamp, User, UserId, Workspace, WorkspaceId, WorkspaceRole,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{
    Appended, Direct, Joined, NewChat, NewDirect, NewMessage, NewSession, NewUser, NewWorkspace,
    Noted, OpenOptions, Person, Store, sqlite_url,
};
use tempfile::TempDir;
use uuid::Uuid;

/// An id that no other call gives.
pub(crate) fn new_uuid() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let process = u128::from(std::process::id()) << 64;
    Uuid::from_u128(process | u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// A moment, in milliseconds after an arbitrary one.
pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_800_000_000_000 + millis)
}

/// A store, and where it is for as long as the test runs.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    place: Place,
}

/// Where a test's data are.
enum Place {
    /// In a folder of their own.
    Folder(TempDir),
    /// On PostgreSQL, in a schema of their own.
    Schema(String),
}

impl Place {
    /// On the server that `ROLLCALL_TEST_POSTGRES` leads to, or in a file.
    async fn new() -> Self {
        let Ok(server) = std::env::var("ROLLCALL_TEST_POSTGRES") else {
            return Self::folder();
        };
        let schema = format!("test_{}", new_uuid().simple());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        let create = AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
        sqlx::raw_sql(create)
            .execute(&mut connection)
            .await
            .unwrap();
        Self::Schema(format!("{server}&options[search_path]={schema}"))
    }

    fn folder() -> Self {
        Self::Folder(tempfile::tempdir().unwrap())
    }

    fn url(&self) -> String {
        match self {
            Self::Folder(folder) => sqlite_url(&folder.path().join("rollcall.db")),
            Self::Schema(url) => url.clone(),
        }
    }
}

impl Fixture {
    /// An empty store.
    pub(crate) async fn new() -> Self {
        Self::with(&OpenOptions::default()).await
    }

    pub(crate) async fn with(options: &OpenOptions) -> Self {
        Self::open(Place::new().await, Epoch::from_uuid(new_uuid()), options).await
    }

    /// An empty store to copy a history into.
    pub(crate) async fn to_copy_into(epoch: Epoch) -> Self {
        Self::open(Place::new().await, epoch, &OpenOptions::to_copy()).await
    }

    /// Likewise, in a file whatever the other stores are in.
    pub(crate) async fn file_to_copy_into(epoch: Epoch) -> Self {
        Self::open(Place::folder(), epoch, &OpenOptions::to_copy()).await
    }

    /// An empty store in a file whatever the other stores are in.
    pub(crate) async fn in_a_file() -> Self {
        let epoch = Epoch::from_uuid(new_uuid());
        Self::open(Place::folder(), epoch, &OpenOptions::default()).await
    }

    async fn open(place: Place, epoch: Epoch, options: &OpenOptions) -> Self {
        let store = Store::open_with(&place.url(), epoch, options)
            .await
            .unwrap();
        Self { store, place }
    }

    /// The file, for tests of files.
    pub(crate) fn path(&self) -> PathBuf {
        match &self.place {
            Place::Folder(folder) => folder.path().join("rollcall.db"),
            Place::Schema(url) => panic!("{url} is no file"),
        }
    }

    pub(crate) fn url(&self) -> String {
        self.place.url()
    }

    /// The same data after a restart.
    pub(crate) async fn reopen(self) -> Self {
        self.store.close().await;
        let epoch = Epoch::from_uuid(new_uuid());
        let store = Store::open(&self.url(), epoch).await.unwrap();
        Self {
            store,
            place: self.place,
        }
    }

    /// An account whose display name is the username in capitals.
    pub(crate) async fn user(&self, username: &str) -> User {
        self.store.create_user(new_user(username)).await.unwrap()
    }

    pub(crate) async fn workspace(&self, name: &str, owner: &User) -> Workspace {
        let workspace = NewWorkspace {
            workspace_id: WorkspaceId::from_uuid(new_uuid()),
            name: name.to_owned(),
            created_at: at(0),
        };
        let created = self.store.create_workspace(workspace, owner.user_id).await;
        created.unwrap()
    }

    /// An account that is a member of `workspace`.
    pub(crate) async fn colleague(&self, username: &str, workspace: &Workspace) -> User {
        let user = self.user(username).await;
        let (workspace_id, role) = (workspace.workspace_id, WorkspaceRole::Member);
        let added = self
            .store
            .add_workspace_member(workspace_id, user.user_id, role, at(1));
        assert!(added.await.unwrap());
        user
    }

    pub(crate) async fn chat(&self, name: &str, workspace: &Workspace, owner: &User) -> Chat {
        let chat = new_chat(name, workspace.workspace_id);
        self.store.create_chat(chat, owner.user_id).await.unwrap()
    }

    pub(crate) async fn private_chat(
        &self,
        name: &str,
        workspace: &Workspace,
        owner: &User,
    ) -> Chat {
        let mut chat = new_chat(name, workspace.workspace_id);
        chat.is_private = true;
        self.store.create_chat(chat, owner.user_id).await.unwrap()
    }

    pub(crate) async fn join(&self, chat: &Chat, user: &User) {
        let role = protocol::ChatRole::Member;
        let joined = self
            .store
            .add_chat_member(chat.chat_id, user.user_id, role, at(2), None);
        assert_eq!(joined.await.unwrap(), Joined::Added(None));
    }

    /// The direct chat of these people, as the first of them sees it.
    pub(crate) async fn direct(&self, workspace: &Workspace, people: &[&User]) -> Chat {
        let direct = new_direct(workspace.workspace_id, people);
        match self.store.open_direct(direct).await.unwrap() {
            Direct::Created(chat) | Direct::Existing(chat) => chat,
            Direct::Blocked => panic!("one has blocked the other"),
        }
    }

    pub(crate) async fn append_one(&self, message: NewMessage) -> Appended {
        let appended = self.store.append(vec![message], new_notification).await;
        let [only] = <[Appended; 1]>::try_from(appended.unwrap()).unwrap();
        only
    }

    /// Stores one message and gives it as stored.
    pub(crate) async fn say(&self, chat: &Chat, author: &User, text: &str) -> Message {
        let message = new_message(chat.chat_id, author.user_id, text);
        stored(self.append_one(message).await)
    }

    pub(crate) async fn unread(&self, reader: &User, chat: &Chat) -> u64 {
        let key = store::ChatKey::Id(chat.chat_id);
        let chat = self.store.chat(reader.user_id, key).await.unwrap();
        chat.unwrap().unread
    }
}

/// Jane, who owns the workspace Flowra and its chat "general", and John, who is in both.
pub(crate) struct Team {
    pub(crate) fixture: Fixture,
    pub(crate) jane: User,
    pub(crate) john: User,
    pub(crate) flowra: Workspace,
    pub(crate) general: Chat,
}

impl Team {
    pub(crate) async fn new() -> Self {
        Self::with(&OpenOptions::default()).await
    }

    pub(crate) async fn with(options: &OpenOptions) -> Self {
        Self::of(Fixture::with(options).await).await
    }

    /// In a file whatever the other stores are in.
    pub(crate) async fn in_a_file() -> Self {
        Self::of(Fixture::in_a_file().await).await
    }

    async fn of(fixture: Fixture) -> Self {
        let jane = fixture.user("jane").await;
        let flowra = fixture.workspace("Flowra", &jane).await;
        let john = fixture.colleague("john", &flowra).await;
        let general = fixture.chat("general", &flowra, &jane).await;
        fixture.join(&general, &john).await;
        Self {
            fixture,
            jane,
            john,
            flowra,
            general,
        }
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.fixture.store
    }
}

pub(crate) fn new_user(username: &str) -> NewUser {
    NewUser {
        user_id: UserId::from_uuid(new_uuid()),
        username: username.to_owned(),
        display_name: username.to_uppercase(),
        password_hash: format!("hash of {username}'s password"),
        created_at: at(0),
    }
}

pub(crate) fn new_chat(name: &str, workspace_id: WorkspaceId) -> NewChat {
    NewChat {
        chat_id: ChatId::from_uuid(new_uuid()),
        workspace_id,
        name: name.to_owned(),
        topic: String::new(),
        is_private: false,
        created_at: at(0),
    }
}

/// A person who has chosen nothing yet.
pub(crate) fn person(user: &User) -> Person {
    Person {
        user_id: user.user_id,
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        last_seen: None,
        status_text: String::new(),
        status_version: 0,
        audience: LastSeenAudience::Everyone,
    }
}

pub(crate) fn author(user: &User) -> Author {
    Author {
        user_id: user.user_id,
        display_name: user.display_name.clone(),
    }
}

/// Makes friends of two people, whichever of them had asked.
pub(crate) async fn befriend(fixture: &Fixture, one: &User, other: &User) {
    let (store, one, other) = (&fixture.store, one.user_id, other.user_id);
    for (asker, asked) in [(one, other), (other, one)] {
        let asked = store.ask_friend(asker, asked, at(3), new_notification());
        asked.await.unwrap();
    }
}

/// A direct chat that the first of `people` opens with the others.
pub(crate) fn new_direct(workspace_id: WorkspaceId, people: &[&User]) -> NewDirect {
    NewDirect {
        chat_id: ChatId::from_uuid(new_uuid()),
        workspace_id,
        founder: people[0].user_id,
        others: people[1..].iter().map(|user| user.user_id).collect(),
        created_at: at(0),
    }
}

pub(crate) fn new_notification() -> NotificationId {
    NotificationId::from_uuid(new_uuid())
}

pub(crate) fn new_message(chat_id: ChatId, author_id: UserId, text: &str) -> NewMessage {
    NewMessage {
        chat_id,
        id: MessageId::from_uuid(new_uuid()),
        client_id: ClientMessageId::from_uuid(new_uuid()),
        author_id,
        text: text.to_owned(),
        mentions: Vec::new(),
        sent_at: at(10),
    }
}

/// A message that names these usernames, and nothing else.
pub(crate) fn new_mention(chat: &Chat, author: &User, usernames: &[&str]) -> NewMessage {
    let names: Vec<_> = usernames.iter().map(|name| format!("@{name}")).collect();
    NewMessage {
        mentions: usernames.iter().map(|&name| name.to_owned()).collect(),
        ..new_message(chat.chat_id, author.user_id, &names.join(" "))
    }
}

/// A session that lasts from 0 to `expires_at`, proved by 32 times `token`.
pub(crate) fn new_session(user: &User, token: u8, expires_at: i64) -> NewSession {
    NewSession {
        session_id: SessionId::from_uuid(new_uuid()),
        user_id: user.user_id,
        token_hash: [token; 32],
        user_agent: "Mozilla/5.0".to_owned(),
        created_at: at(0),
        expires_at: at(expires_at),
    }
}

pub(crate) fn stored(outcome: Appended) -> Message {
    match outcome {
        Appended::Stored { message, .. } => message,
        other => panic!("not stored: {other:?}"),
    }
}

/// Who is told of a stored message, and how.
pub(crate) fn noted(outcome: Appended) -> Vec<Noted> {
    match outcome {
        Appended::Stored { noted, .. } => noted,
        other => panic!("not stored: {other:?}"),
    }
}
