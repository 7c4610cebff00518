//! A server with moods: it stores each message once, and tells whoever is welcome.

use crate::frames::{acknowledged, author, epoch, message, pong, refused, welcome};
use connection::Generation;
use protocol::{ChatId, ClientFrame, ClientMessageId, CloseCode, ErrorCode, ServerFrame};
use std::collections::{BTreeMap, BTreeSet};

/// Missed messages that are replayed; past it the client has to fetch.
const MAX_REPLAY: u64 = 4;

/// How the server treats who comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    /// Nobody listens.
    Refuses,
    /// It hangs: what reaches it waits until it goes on.
    Hangs,
    /// It opens sockets and then says nothing on them.
    IsDeaf,
    /// It answers `hello` by closing.
    Closes(u16),
}

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) chat: ChatId,
    pub(crate) client_id: ClientMessageId,
    pub(crate) offset: u64,
    pub(crate) is_mine: bool,
}

/// What the server says, to one socket.
pub(crate) enum Said {
    Frame(ServerFrame),
    Close(CloseCode),
}

pub(crate) struct Server {
    pub(crate) mood: Mood,
    /// It refuses every message for now.
    pub(crate) is_busy: bool,
    /// In the order of their offsets.
    pub(crate) history: Vec<Stored>,
    /// Messages that it will never store.
    pub(crate) unwanted: BTreeSet<ClientMessageId>,
    /// Messages that came again although they were stored.
    pub(crate) repeated: usize,
    epochs: u64,
    links: BTreeMap<Generation, Link>,
}

#[derive(Default)]
struct Link {
    is_welcome: bool,
    /// Messages that wait for no further word from the server.
    answered: BTreeSet<ClientMessageId>,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            mood: Mood::Good,
            is_busy: false,
            history: Vec::new(),
            unwanted: BTreeSet::new(),
            repeated: 0,
            epochs: 0,
            links: BTreeMap::new(),
        }
    }

    pub(crate) fn accept(&mut self, generation: Generation) {
        self.links.insert(generation, Link::default());
    }

    pub(crate) fn forget(&mut self, generation: Generation) {
        self.links.remove(&generation);
    }

    pub(crate) fn forget_all(&mut self) -> Vec<Generation> {
        std::mem::take(&mut self.links).into_keys().collect()
    }

    /// Begins another history: offsets count anew.
    pub(crate) fn new_epoch(&mut self) {
        self.epochs += 1;
        for (offset, stored) in (1..).zip(&mut self.history) {
            stored.offset = offset;
        }
    }

    pub(crate) fn newest(&self) -> u64 {
        self.history.last().map_or(0, |stored| stored.offset)
    }

    /// What the server answers to a frame, and to whom.
    pub(crate) fn take(&mut self, from: Generation, frame: ClientFrame) -> Vec<(Generation, Said)> {
        let mood = self.mood;
        let (current, newest) = (epoch(self.epochs), self.newest());
        let Some(link) = self.links.get_mut(&from) else {
            return Vec::new();
        };
        match frame {
            ClientFrame::Hello { .. } if mood == Mood::IsDeaf => Vec::new(),
            ClientFrame::Hello { resume, .. } => {
                if let Mood::Closes(code) = mood {
                    self.forget(from);
                    return vec![(from, Said::Close(CloseCode(code)))];
                }
                link.is_welcome = true;
                let missed = resume
                    .filter(|resume| resume.epoch == current && resume.offset <= newest)
                    .filter(|resume| newest - resume.offset <= MAX_REPLAY);
                let start = missed.map_or(newest, |resume| resume.offset);
                let hello = welcome(current, start, missed.is_some());
                let missed = self.history.iter().filter(|stored| stored.offset > start);
                let frames = std::iter::once(hello).chain(missed.map(told));
                frames.map(|frame| (from, Said::Frame(frame))).collect()
            }
            frame => {
                assert!(link.is_welcome, "{frame:?} before the welcome");
                match frame {
                    ClientFrame::Ping { .. } => vec![(from, Said::Frame(pong()))],
                    ClientFrame::Send {
                        chat_id, client_id, ..
                    } => self.receive(from, chat_id, client_id),
                    _ => Vec::new(),
                }
            }
        }
    }

    /// Stores a message of somebody else, and tells of it.
    pub(crate) fn others_write(
        &mut self,
        chat: ChatId,
        client_id: ClientMessageId,
    ) -> Vec<(Generation, Said)> {
        self.store(chat, client_id, false)
    }

    fn receive(
        &mut self,
        from: Generation,
        chat: ChatId,
        client_id: ClientMessageId,
    ) -> Vec<(Generation, Said)> {
        if self.is_busy {
            let frame = refused(client_id, ErrorCode::Unavailable);
            return vec![(from, Said::Frame(frame))];
        }
        if let Some(link) = self.links.get_mut(&from) {
            assert!(
                link.answered.insert(client_id),
                "{client_id:?} was sent twice on one connection"
            );
        }
        if self.unwanted.contains(&client_id) {
            return vec![(from, Said::Frame(refused(client_id, ErrorCode::TooLarge)))];
        }
        let is_known = self.history.iter().any(|it| it.client_id == client_id);
        let mut said = Vec::new();
        if is_known {
            self.repeated += 1;
        } else {
            said = self.store(chat, client_id, true);
        }
        said.push((from, Said::Frame(acknowledged(client_id))));
        said
    }

    fn store(
        &mut self,
        chat: ChatId,
        client_id: ClientMessageId,
        is_mine: bool,
    ) -> Vec<(Generation, Said)> {
        let stored = Stored {
            chat,
            client_id,
            offset: self.newest() + 1,
            is_mine,
        };
        let frame = told(&stored);
        self.history.push(stored);
        let welcome = self.links.iter().filter(|(_, link)| link.is_welcome);
        welcome
            .map(|(generation, _)| (*generation, Said::Frame(frame.clone())))
            .collect()
    }
}

fn told(stored: &Stored) -> ServerFrame {
    let by = author(u8::from(!stored.is_mine));
    message(stored.chat, stored.client_id, by, stored.offset)
}
