//! The chats of the workspace on screen, and what is unread in each.

use super::search::sort_by_name;
use crate::page::WorkspacePage;
use protocol::{Chat, ChatId, ChatKind, Message, UserId, WorkspaceId};

/// The chats of one workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sidebar {
    reader: Option<UserId>,
    workspace_id: Option<WorkspaceId>,
    chats: Vec<Chat>,
    joinable: Vec<Chat>,
    /// Changes up to this offset are in the counts.
    counted: u64,
}

impl Sidebar {
    /// The chats as a page brought them.
    #[must_use]
    pub fn new(page: &WorkspacePage) -> Self {
        let mut sidebar = Self {
            reader: Some(page.me.user_id),
            workspace_id: Some(page.workspace.workspace_id),
            chats: page.chats.clone(),
            joinable: page.joinable.clone(),
            counted: page.resume.offset,
        };
        sort(&mut sidebar.chats);
        sort(&mut sidebar.joinable);
        sidebar
    }

    /// The chats that the reader has joined, by name; of one kind.
    pub fn chats(&self, kind: ChatKind) -> impl Iterator<Item = &Chat> {
        self.chats.iter().filter(move |chat| chat.kind == kind)
    }

    /// Whether the reader has joined no chat.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chats.is_empty()
    }

    /// The chats that the reader could join, by name.
    #[must_use]
    pub fn joinable(&self) -> &[Chat] {
        &self.joinable
    }

    /// A chat that the reader has joined or could join.
    #[must_use]
    pub fn find(&self, chat_id: ChatId) -> Option<&Chat> {
        let mut all = self.chats.iter().chain(&self.joinable);
        all.find(|chat| chat.chat_id == chat_id)
    }

    /// A chat that the reader has joined.
    #[must_use]
    pub fn chat(&self, chat_id: ChatId) -> Option<&Chat> {
        self.chats.iter().find(|chat| chat.chat_id == chat_id)
    }

    /// Everything unread in this workspace, but for chats to which no attention is to be drawn.
    #[must_use]
    pub fn unread(&self) -> u64 {
        self.chats
            .iter()
            .filter(|chat| !chat.is_muted)
            .map(|chat| chat.unread)
            .sum()
    }

    /// A message was written, edited or deleted somewhere.
    pub fn message_changed(&mut self, message: &Message) {
        let is_new = message.sequence > self.counted;
        let is_known = message.offset <= self.counted;
        self.counted = self.counted.max(message.offset);
        if is_known || Some(message.author.user_id) == self.reader {
            return;
        }
        let Some(chat) = self.chat_mut(message.chat_id) else {
            return;
        };
        if message.sequence <= chat.read_offset {
            return;
        }
        match (is_new, message.deleted_at.is_some()) {
            (true, false) => chat.unread += 1,
            (false, true) => chat.unread = chat.unread.saturating_sub(1),
            _ => {}
        }
    }

    /// The reader has read a chat up to a sequence, in this tab or another.
    pub fn read(&mut self, chat_id: ChatId, sequence: u64) {
        if let Some(chat) = self.chat_mut(chat_id)
            && sequence > chat.read_offset
        {
            chat.read_offset = sequence;
            chat.unread = 0;
        }
    }

    /// A chat of the reader's is new or has changed. Chats of other workspaces are theirs to show.
    pub fn chat_updated(&mut self, chat: Chat) {
        if self.workspace_id != Some(chat.workspace_id) {
            return;
        }
        self.joinable.retain(|known| known.chat_id != chat.chat_id);
        self.chats.retain(|known| known.chat_id != chat.chat_id);
        let list = if chat.role.is_some() {
            &mut self.chats
        } else {
            &mut self.joinable
        };
        list.push(chat);
        sort(list);
    }

    /// The reader no longer belongs to a chat; a public one can be joined again.
    pub fn chat_removed(&mut self, chat_id: ChatId) {
        let Some(place) = self.chats.iter().position(|chat| chat.chat_id == chat_id) else {
            return;
        };
        let chat = self.chats.remove(place);
        if !chat.is_private {
            self.joinable.push(Chat {
                role: None,
                unread: 0,
                ..chat
            });
            sort(&mut self.joinable);
        }
    }

    fn chat_mut(&mut self, chat_id: ChatId) -> Option<&mut Chat> {
        self.chats.iter_mut().find(|chat| chat.chat_id == chat_id)
    }
}

fn sort(chats: &mut [Chat]) {
    sort_by_name(chats, |chat| (0, &chat.name, chat.chat_id.as_uuid()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::samples::user;
    use protocol::{Author, ChatRole, ClientMessageId, MessageId, Timestamp};
    use uuid::Uuid;

    fn chat_id(n: u128) -> ChatId {
        ChatId::from_uuid(Uuid::from_u128(n))
    }

    fn workspace(n: u128) -> WorkspaceId {
        WorkspaceId::from_uuid(Uuid::from_u128(n))
    }

    fn chat(n: u128, name: &str) -> Chat {
        Chat {
            chat_id: chat_id(n),
            workspace_id: workspace(1),
            slug: name.into(),
            kind: ChatKind::Channel,
            name: name.into(),
            topic: String::new(),
            is_private: false,
            people: Vec::new(),
            role: Some(ChatRole::Member),
            read_offset: 10,
            unread: 0,
            is_muted: false,
        }
    }

    /// Read by user 9, in the chats 1 "general" and 2 "Design", counted up to 10.
    fn sidebar() -> Sidebar {
        let mut sidebar = Sidebar {
            reader: Some(user(9)),
            workspace_id: Some(workspace(1)),
            counted: 10,
            ..Sidebar::default()
        };
        sidebar.chat_updated(chat(1, "general"));
        sidebar.chat_updated(chat(2, "Design"));
        sidebar
    }

    fn message(chat: u128, author: u128, sequence: u64) -> Message {
        Message {
            chat_id: chat_id(chat),
            id: MessageId::from_uuid(Uuid::from_u128(u128::from(sequence))),
            client_id: ClientMessageId::from_uuid(Uuid::from_u128(u128::from(sequence))),
            author: Author {
                user_id: user(author),
                display_name: "Jane".into(),
            },
            text: "hello".into(),
            sent_at: Timestamp::from_unix_millis(0),
            edited_at: None,
            deleted_at: None,
            sequence,
            offset: sequence,
        }
    }

    fn names<'a>(chats: impl IntoIterator<Item = &'a Chat>) -> Vec<&'a str> {
        chats.into_iter().map(|chat| chat.name.as_str()).collect()
    }

    fn channels(sidebar: &Sidebar) -> Vec<&str> {
        names(sidebar.chats(ChatKind::Channel))
    }

    #[test]
    fn chats_stand_by_name_whatever_their_case() {
        assert_eq!(channels(&sidebar()), ["Design", "general"]);
    }

    #[test]
    fn a_message_of_another_is_counted_once() {
        let mut sidebar = sidebar();
        sidebar.message_changed(&message(1, 1, 11));
        sidebar.message_changed(&message(1, 1, 11));
        sidebar.message_changed(&message(1, 1, 12));
        assert_eq!(sidebar.unread(), 2);
    }

    #[test]
    fn what_the_page_has_counted_is_not_counted_again() {
        let mut sidebar = sidebar();
        sidebar.message_changed(&message(1, 1, 10));
        assert_eq!(sidebar.unread(), 0);
    }

    #[test]
    fn an_edit_is_not_counted_and_a_deletion_takes_back_the_count() {
        let mut sidebar = sidebar();
        sidebar.message_changed(&message(1, 1, 11));
        sidebar.message_changed(&Message {
            offset: 12,
            ..message(1, 1, 11)
        });
        assert_eq!(sidebar.unread(), 1);
        let deleted_at = Some(Timestamp::from_unix_millis(1));
        let deleted = Message {
            offset: 13,
            deleted_at,
            ..message(1, 1, 11)
        };
        sidebar.message_changed(&deleted);
        sidebar.message_changed(&deleted);
        assert_eq!(sidebar.unread(), 0);
    }

    #[test]
    fn a_message_replayed_after_an_edit_is_counted_once() {
        let mut sidebar = sidebar();
        sidebar.message_changed(&Message {
            offset: 12,
            ..message(1, 1, 11)
        });
        assert_eq!(sidebar.unread(), 1);
    }

    #[test]
    fn ones_own_message_is_not_unread() {
        let mut sidebar = sidebar();
        sidebar.message_changed(&message(1, 9, 11));
        assert_eq!(sidebar.unread(), 0);
    }

    #[test]
    fn reading_in_another_tab_clears_the_count() {
        let mut sidebar = sidebar();
        sidebar.message_changed(&message(1, 1, 11));
        sidebar.message_changed(&message(2, 1, 12));
        sidebar.read(chat_id(1), 11);
        assert_eq!(sidebar.chat(chat_id(1)).unwrap().unread, 0);
        assert_eq!(sidebar.unread(), 1);
    }

    #[test]
    fn old_news_of_reading_changes_nothing() {
        let mut sidebar = sidebar();
        sidebar.message_changed(&message(1, 1, 11));
        sidebar.read(chat_id(1), 10);
        assert_eq!(sidebar.unread(), 1);
    }

    #[test]
    fn a_renamed_chat_moves_to_its_place() {
        let mut sidebar = sidebar();
        sidebar.chat_updated(Chat {
            name: "a new name".into(),
            ..chat(1, "general")
        });
        assert_eq!(channels(&sidebar), ["a new name", "Design"]);
    }

    #[test]
    fn joining_moves_a_chat_from_the_joinable_to_ones_own() {
        let mut sidebar = sidebar();
        sidebar.chat_updated(Chat {
            role: None,
            ..chat(3, "random")
        });
        assert_eq!(names(sidebar.joinable()), ["random"]);
        sidebar.chat_updated(chat(3, "random"));
        assert_eq!(names(sidebar.joinable()), [""; 0]);
        assert_eq!(channels(&sidebar), ["Design", "general", "random"]);
    }

    #[test]
    fn a_public_chat_can_be_joined_again_after_leaving_and_a_private_one_is_gone() {
        let mut sidebar = sidebar();
        sidebar.chat_updated(Chat {
            is_private: true,
            ..chat(3, "secret")
        });
        sidebar.chat_removed(chat_id(1));
        sidebar.chat_removed(chat_id(3));
        assert_eq!(channels(&sidebar), ["Design"]);
        assert_eq!(names(sidebar.joinable()), ["general"]);
    }

    #[test]
    fn direct_chats_stand_apart_and_are_gone_once_one_is_out_of_them() {
        let mut sidebar = sidebar();
        sidebar.chat_updated(Chat {
            kind: ChatKind::Direct,
            is_private: true,
            ..chat(3, "Bob Wilson")
        });
        assert_eq!(channels(&sidebar), ["Design", "general"]);
        assert_eq!(names(sidebar.chats(ChatKind::Direct)), ["Bob Wilson"]);
        sidebar.chat_removed(chat_id(3));
        assert_eq!(names(sidebar.chats(ChatKind::Direct)), [""; 0]);
        assert_eq!(names(sidebar.joinable()), [""; 0]);
    }

    #[test]
    fn what_is_unread_in_a_muted_chat_draws_no_attention() {
        let mut sidebar = sidebar();
        sidebar.chat_updated(Chat {
            is_muted: true,
            ..chat(1, "general")
        });
        sidebar.message_changed(&message(1, 1, 11));
        sidebar.message_changed(&message(2, 1, 12));
        assert_eq!(sidebar.unread(), 1);
        assert_eq!(sidebar.chat(chat_id(1)).unwrap().unread, 1, "it is counted");
    }

    #[test]
    fn a_chat_of_another_workspace_does_not_appear() {
        let mut sidebar = sidebar();
        sidebar.chat_updated(Chat {
            workspace_id: workspace(2),
            ..chat(3, "elsewhere")
        });
        assert_eq!(channels(&sidebar), ["Design", "general"]);
    }
}
