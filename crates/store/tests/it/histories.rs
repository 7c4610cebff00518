//! Random histories against a plain list of messages.

use crate::fixture::{Fixture, Team, at, new_message};
use proptest::prelude::*;
use protocol::{Chat, ChatRole, Message, User, UserId};
use std::collections::BTreeSet;
use store::{Appended, Joined, NewMessage, Store};

#[derive(Clone, Debug)]
enum Step {
    Append {
        author: usize,
        chat: usize,
    },
    Repeat {
        earlier: usize,
    },
    Edit {
        by: usize,
        earlier: usize,
    },
    Delete {
        by: usize,
        earlier: usize,
    },
    Read {
        reader: usize,
        chat: usize,
        part: u64,
    },
    Join {
        user: usize,
        chat: usize,
    },
    Leave {
        user: usize,
        chat: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (user, chat, earlier) = (0..3_usize, 0..2_usize, 0..64_usize);
    prop_oneof![
        8 => (user.clone(), chat.clone()).prop_map(|(author, chat)| Step::Append { author, chat }),
        1 => earlier.clone().prop_map(|earlier| Step::Repeat { earlier }),
        2 => (user.clone(), earlier.clone()).prop_map(|(by, earlier)| Step::Edit { by, earlier }),
        2 => (user.clone(), earlier).prop_map(|(by, earlier)| Step::Delete { by, earlier }),
        2 => (user.clone(), chat.clone(), 0..40_u64)
            .prop_map(|(reader, chat, part)| Step::Read { reader, chat, part }),
        1 => (user.clone(), chat.clone()).prop_map(|(user, chat)| Step::Join { user, chat }),
        1 => (user, chat).prop_map(|(user, chat)| Step::Leave { user, chat }),
    ]
}

/// What the store should hold.
struct Model {
    messages: Vec<Message>,
    sent: Vec<NewMessage>,
    offset: u64,
    /// Of each chat and user: how far they have read, if they are in it.
    read: [[Option<u64>; 3]; 2],
}

/// The real thing beside the model.
struct World {
    fixture: Fixture,
    users: [User; 3],
    chats: [Chat; 2],
    model: Model,
}

impl World {
    async fn new() -> Self {
        let team = Team::new().await;
        let bob = team.fixture.colleague("bob", &team.flowra).await;
        let design = team.fixture.chat("design", &team.flowra, &team.john).await;
        Self {
            fixture: team.fixture,
            users: [team.jane, team.john, bob],
            chats: [team.general, design],
            model: Model {
                messages: Vec::new(),
                sent: Vec::new(),
                offset: 0,
                read: [[Some(0), Some(0), None], [None, Some(0), None]],
            },
        }
    }

    const fn store(&self) -> &Store {
        &self.fixture.store
    }

    fn index_of(&self, user: UserId) -> usize {
        let mut users = self.users.iter();
        users.position(|known| known.user_id == user).unwrap()
    }

    fn newest_in(&self, chat: usize) -> u64 {
        let chat_id = self.chats[chat].chat_id;
        let of_chat = self.model.messages.iter().filter(|m| m.chat_id == chat_id);
        of_chat.map(|m| m.sequence).max().unwrap_or(0)
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Append { author, chat } => {
                let text = format!("text {}", self.model.sent.len());
                let author_id = self.users[author].user_id;
                let new = new_message(self.chats[chat].chat_id, author_id, &text);
                let outcome = self.fixture.append_one(new.clone()).await;
                if self.model.read[chat][author].is_some() {
                    self.model.offset += 1;
                    let Appended::Stored { message, .. } = outcome else {
                        panic!("{outcome:?}");
                    };
                    assert_eq!((message.id, &message.text), (new.id, &new.text));
                    assert_eq!(message.sequence, self.model.offset);
                    assert_eq!(message.offset, self.model.offset);
                    self.model.messages.push(message);
                    self.model.sent.push(new);
                } else {
                    assert_eq!(outcome, Appended::NotMember);
                }
            }
            Step::Repeat { earlier } => {
                if let Some(new) = self.model.sent.get(earlier).cloned() {
                    let expected = Appended::Duplicate(self.model.messages[earlier].clone());
                    assert_eq!(self.fixture.append_one(new).await, expected);
                }
            }
            Step::Edit { by, earlier } => {
                self.change(by, earlier, |message| {
                    message.text.push_str(" edited");
                    message.edited_at = Some(at(100));
                })
                .await;
            }
            Step::Delete { by, earlier } => {
                self.change(by, earlier, |message| {
                    message.text.clear();
                    message.deleted_at = Some(at(200));
                })
                .await;
            }
            Step::Read { reader, chat, part } => {
                let (chat_id, user_id) = (self.chats[chat].chat_id, self.users[reader].user_id);
                let written = self.model.messages.iter();
                let reached = written
                    .filter(|m| m.chat_id == chat_id && m.sequence <= part)
                    .map(|m| m.sequence)
                    .max();
                let before = &mut self.model.read[chat][reader];
                let moved = reached.filter(|reached| before.is_some_and(|read| read < *reached));
                *before = moved.or(*before);
                let read = self.store().set_read(chat_id, user_id, part).await.unwrap();
                assert_eq!(read.map(|read| read.sequence), moved);
            }
            Step::Join { user, chat } => {
                let newest = self.newest_in(chat);
                let is_new = self.model.read[chat][user].is_none();
                self.model.read[chat][user].get_or_insert(newest);
                let (chat_id, user_id) = (self.chats[chat].chat_id, self.users[user].user_id);
                let role = ChatRole::Member;
                let joined = self
                    .store()
                    .add_chat_member(chat_id, user_id, role, at(5), None);
                let expected = if is_new {
                    Joined::Added(None)
                } else {
                    Joined::Already
                };
                assert_eq!(joined.await.unwrap(), expected);
            }
            Step::Leave { user, chat } => {
                let was_in = self.model.read[chat][user].take().is_some();
                let (chat_id, user_id) = (self.chats[chat].chat_id, self.users[user].user_id);
                let left = self.store().remove_chat_member(chat_id, user_id).await;
                assert_eq!(left.unwrap().is_some(), was_in);
            }
        }
    }

    /// Edits or deletes the earlier message as `change` says, whichever of them that is.
    async fn change(&mut self, by: usize, earlier: usize, change: impl FnOnce(&mut Message)) {
        let Some(old) = self.model.messages.get(earlier).cloned() else {
            return;
        };
        let user_id = self.users[by].user_id;
        let mut new = old.clone();
        change(&mut new);
        new.offset = self.model.offset + 1;
        let chat = self
            .chats
            .iter()
            .position(|chat| chat.chat_id == old.chat_id);
        let is_member = self.model.read[chat.unwrap()][by].is_some();
        let is_own = self.index_of(old.author.user_id) == by;
        let is_allowed = is_member && is_own && old.deleted_at.is_none();
        let changed = if new.deleted_at > old.deleted_at {
            self.store()
                .delete_message(old.chat_id, old.id, user_id, at(200))
                .await
        } else {
            let (text, time) = (&new.text, at(100));
            self.store()
                .edit_message(old.chat_id, old.id, user_id, text, time)
                .await
        };
        if is_allowed {
            assert_eq!(changed.unwrap().as_ref(), Some(&new));
            self.model.offset += 1;
            self.model.messages[earlier] = new;
        } else {
            assert_eq!(changed.unwrap(), None);
        }
    }

    async fn check(&self, page: u32, from: u64) {
        assert_eq!(
            self.store().newest_offset().await.unwrap(),
            self.model.offset
        );
        for (index, chat) in self.chats.iter().enumerate() {
            let written = self.model.messages.iter();
            let expected: Vec<_> = written
                .filter(|m| m.chat_id == chat.chat_id)
                .cloned()
                .collect();
            assert_eq!(self.read_back(chat, page).await, expected);
            for (user, read) in self.users.iter().zip(self.model.read[index]) {
                let unread = expected.iter().filter(|m| {
                    read.is_some_and(|read| m.sequence > read)
                        && m.author.user_id != user.user_id
                        && m.deleted_at.is_none()
                });
                let unread = u64::try_from(unread.count()).unwrap();
                assert_eq!(self.fixture.unread(user, chat).await, unread);
            }
        }
        for (index, user) in self.users.iter().enumerate() {
            let joined: BTreeSet<_> = (0..2)
                .filter(|&chat| self.model.read[chat][index].is_some())
                .map(|chat| self.chats[chat].chat_id)
                .collect();
            let mut expected: Vec<_> = self.model.messages.clone();
            expected.retain(|m| joined.contains(&m.chat_id) && m.offset > from);
            expected.sort_by_key(|m| m.offset);
            assert_eq!(self.catch_up(user, from, page).await, expected);
        }
    }

    /// The whole chat, by pages from the newest back.
    async fn read_back(&self, chat: &Chat, page: u32) -> Vec<Message> {
        let mut whole: Vec<Message> = Vec::new();
        loop {
            let before = whole.first().map(|message| message.sequence);
            let older = self
                .store()
                .history(chat.chat_id, before, page)
                .await
                .unwrap();
            let is_full = older.messages.len() == usize::try_from(page).unwrap();
            assert!(is_full || !older.has_more);
            whole.splice(0..0, older.messages);
            if !older.has_more {
                return whole;
            }
        }
    }

    /// All changes after `offset`, some at a time.
    async fn catch_up(&self, user: &User, mut offset: u64, page: u32) -> Vec<Message> {
        let limit = usize::try_from(page).unwrap();
        let mut all = Vec::new();
        loop {
            let some = self
                .store()
                .changes_since(user.user_id, offset, limit)
                .await
                .unwrap();
            assert!(some.len() <= limit);
            let Some(last) = some.last() else {
                return all;
            };
            offset = last.offset;
            all.extend(some);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_history_reads_back_as_it_was_written(
        steps in prop::collection::vec(step(), 1..40),
        page in 1..7_u32,
        from in 0..30_u64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in steps {
                world.take(step).await;
            }
            world.check(page, from).await;
            world.fixture = world.fixture.reopen().await;
            world.check(page, from).await;
        });
    }
}
