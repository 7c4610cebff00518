//! Feeds the machine and carries out its effects.

use super::{page_events, socket::Socket};
use crate::{browser, page::WorkspacePage, state::Tab};
use connection::{Effect, Event, Generation, Now, Phase, Settings, State, step};
use gloo_timers::callback::Timeout;
use leptos::prelude::{GetUntracked, ReadUntracked, Set, WithUntracked};
use leptos::task::spawn_local;
use protocol::ServerFrame;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};

/// How often a countdown on screen moves, in milliseconds.
const COUNTDOWN_MS: u64 = 1_000;

/// Starts the tab's one connection, from where its page was rendered; later calls change nothing.
pub fn start(tab: Tab, page: &WorkspacePage) {
    if tab.has_dispatcher() {
        return;
    }
    let driver = Rc::new(Driver {
        tab,
        settings: page.connection.clone(),
        typing_timeout_ms: page.timers.typing_timeout_ms,
        state: RefCell::new(State::new(page_events::environment(), Some(page.resume))),
        waiting: RefCell::default(),
        is_stepping: Cell::new(false),
        sockets: RefCell::default(),
        timer: RefCell::default(),
    });
    let dispatch = {
        let driver = Rc::clone(&driver);
        move |event| driver.dispatch(event)
    };
    page_events::listen(&dispatch);
    page_events::warn_of_loss(move || !tab.outbox.read_untracked().is_empty());
    driver.dispatch(Event::Start);
    tab.set_dispatcher(dispatch);
}

struct Driver {
    tab: Tab,
    settings: Settings,
    typing_timeout_ms: u64,
    state: RefCell<State>,
    waiting: RefCell<VecDeque<Event>>,
    is_stepping: Cell<bool>,
    sockets: RefCell<Vec<(Generation, Socket)>>,
    timer: RefCell<Option<Timeout>>,
}

impl Driver {
    /// Takes a step, and those that its effects lead to.
    fn dispatch(self: &Rc<Self>, event: Event) {
        self.waiting.borrow_mut().push_back(event);
        if self.is_stepping.replace(true) {
            return;
        }
        while let Some(event) = self.next_event() {
            let state = self.state.borrow().clone();
            let (state, effects) = step(
                state,
                event,
                page_events::now(),
                js_sys::Math::random(),
                &self.settings,
            );
            self.state.replace(state);
            for effect in effects {
                self.carry_out(effect);
            }
        }
        self.show();
        self.is_stepping.set(false);
    }

    fn next_event(&self) -> Option<Event> {
        self.waiting.borrow_mut().pop_front()
    }

    fn carry_out(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::Open(generation) => {
                let driver = Rc::clone(self);
                let socket = Socket::open(generation, move |event| driver.dispatch(event));
                self.sockets.borrow_mut().push((generation, socket));
            }
            Effect::Send(generation, frame) => {
                let sockets = self.sockets.borrow();
                if let Some((_, socket)) = sockets.iter().find(|(it, _)| *it == generation) {
                    socket.send(&frame);
                }
            }
            Effect::Close(generation, code) => {
                let mut sockets = self.sockets.borrow_mut();
                if let Some(at) = sockets.iter().position(|(it, _)| *it == generation) {
                    sockets.swap_remove(at).1.close(code);
                }
            }
            Effect::Deliver(frame) => self.deliver(frame),
            Effect::Resync => self.tab.resync(),
            Effect::PresenceStale => self.tab.presence_stale(),
            Effect::ClearTyping => self.update_typing(connection::TypingSet::clear),
            Effect::RefreshSession => self.refresh_session(),
            Effect::Announce(announcement) => self.tab.announce(announcement),
            Effect::Toast(toast) => self.tab.connection_toast(toast),
        }
    }

    fn deliver(&self, frame: ServerFrame) {
        let (now, timeout) = (page_events::now().monotonic_ms, self.typing_timeout_ms);
        self.update_typing(|typing| typing.apply(&frame, now, timeout));
        self.tab.apply(frame);
    }

    fn refresh_session(self: &Rc<Self>) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            driver.dispatch(match browser::ask("/api/v1/me", None).await {
                Some((200, _)) => Event::SessionValid,
                Some((401, _)) => Event::SessionInvalid,
                _ => Event::SessionUnknown,
            });
        });
    }

    /// Shows where the connection stands, and sleeps until that may change by itself.
    fn show(self: &Rc<Self>) {
        let Now {
            monotonic_ms: now, ..
        } = page_events::now();
        self.update_typing(|typing| typing.expire(now));
        let state = self.state.borrow();
        self.sockets
            .borrow_mut()
            .retain(|(generation, _)| state.sockets().any(|it| it == *generation));
        set_if_changed(self.tab.status, state.view(now, &self.settings));
        if self
            .tab
            .outbox
            .with_untracked(|shown| shown != state.outbox().items())
        {
            self.tab.outbox.set(state.outbox().items().to_vec());
        }
        let countdown =
            matches!(state.phase(), Phase::Backoff { .. }).then_some(now + COUNTDOWN_MS);
        let typing = self
            .tab
            .typing
            .with_untracked(connection::TypingSet::next_deadline);
        let due = [state.next_deadline(&self.settings), countdown, typing]
            .into_iter()
            .flatten()
            .min();
        let timer = due.map(|due| {
            // A browser may wake up to a millisecond early.
            let wait = due.saturating_sub(now).saturating_add(1);
            let driver = Rc::clone(self);
            let wait = u32::try_from(wait).unwrap_or(u32::MAX);
            Timeout::new(wait, move || driver.dispatch(Event::Tick))
        });
        self.timer.replace(timer);
    }

    fn update_typing(&self, change: impl FnOnce(&mut connection::TypingSet)) {
        let mut typing = self.tab.typing.get_untracked();
        change(&mut typing);
        set_if_changed(self.tab.typing, typing);
    }
}

/// Sets a signal only when that says something new, so that nothing is drawn again for nothing.
fn set_if_changed<T: PartialEq + Send + Sync + 'static>(
    signal: leptos::prelude::RwSignal<T>,
    value: T,
) {
    if signal.with_untracked(|shown| *shown != value) {
        signal.set(value);
    }
}
