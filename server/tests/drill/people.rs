//! People with accounts, a chat, and connections.

use crate::numbers::Numbers;
use connection::{Backoff, Settings};
use http::{
    HeaderValue, Request,
    header::{COOKIE, ORIGIN},
};
use loadtest::{Authorization, Client, ClientOptions, Server};
use protocol::{ChatId, ChatRole, Epoch, SessionId, Timestamp, UserId, WorkspaceId, WorkspaceRole};
use server::{auth::Secret, clock::Clock};
use std::net::SocketAddr;
use store::{NewChat, NewSession, NewUser, NewWorkspace, Store};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use uuid::Uuid;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) authorization: Authorization,
    cookie: HeaderValue,
}

/// Makes so many people who are all in one chat. Straight in the database: nobody types passwords.
pub(crate) async fn make(database: &str, count: usize) -> (Vec<Person>, ChatId) {
    let epoch = Epoch::from_uuid(Uuid::now_v7());
    let store = Store::open(database, epoch).await.unwrap();
    let now = Clock::system().now();
    let later = Timestamp::from_unix_millis(now.unix_millis() + 24 * 60 * 60 * 1_000);
    let workspace_id = WorkspaceId::from_uuid(Uuid::now_v7());
    let chat_id = ChatId::from_uuid(Uuid::now_v7());
    let mut people = Vec::new();
    for n in 0..count {
        let id = UserId::from_uuid(Uuid::now_v7());
        let user = NewUser {
            user_id: id,
            username: format!("person-{n}"),
            display_name: format!("Person {n}"),
            password_hash: "none".to_owned(),
            created_at: now,
        };
        store.create_user(user).await.unwrap();
        if n == 0 {
            let workspace = NewWorkspace {
                workspace_id,
                name: "Drill".to_owned(),
                created_at: now,
            };
            store.create_workspace(workspace, id).await.unwrap();
            let chat = NewChat {
                chat_id,
                workspace_id,
                name: "general".to_owned(),
                topic: String::new(),
                is_private: false,
                created_at: now,
            };
            store.create_chat(chat, id).await.unwrap();
        } else {
            let member = WorkspaceRole::Member;
            let joined = store.add_workspace_member(workspace_id, id, member, now);
            joined.await.unwrap();
            let joined = store.add_chat_member(chat_id, id, ChatRole::Member, now, None);
            joined.await.unwrap();
        }
        let secret = Secret::generate();
        let session = NewSession {
            session_id: SessionId::from_uuid(Uuid::now_v7()),
            user_id: id,
            token_hash: secret.hash(),
            user_agent: String::new(),
            created_at: now,
            expires_at: later,
        };
        store.create_session(session, None).await.unwrap();
        let cookie = format!("rollcall_session={}", secret.to_text());
        people.push(Person {
            id,
            authorization: Authorization::cookie(&cookie).unwrap(),
            cookie: cookie.parse().unwrap(),
        });
    }
    store.close().await;
    (people, chat_id)
}

impl Person {
    /// What it takes to connect there, and to stay so.
    pub(crate) fn at(&self, address: SocketAddr, numbers: &Numbers) -> ClientOptions {
        let wait = u64::try_from(numbers.client_wait.as_millis()).unwrap();
        ClientOptions {
            server: Server::new(&format!("http://{address}")).unwrap(),
            authorization: self.authorization.clone(),
            settings: Settings {
                backoff: Backoff::Exponential {
                    base_ms: wait,
                    max_ms: 5 * wait,
                    jitter_ms: wait,
                },
                attempts: 1_000,
                ..Settings::default()
            },
            resume: None,
        }
    }

    /// Connects, and drops whatever comes.
    pub(crate) fn connect(&self, address: SocketAddr, numbers: &Numbers) -> Client {
        Client::start(self.at(address, numbers)).0
    }

    /// The request by which their browser opens a socket there.
    pub(crate) fn upgrade(&self, address: SocketAddr) -> Request<()> {
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        let origin = format!("http://{address}").parse().unwrap();
        let headers = request.headers_mut();
        headers.insert(COOKIE, self.cookie.clone());
        headers.insert(ORIGIN, origin);
        request
    }
}
