//! Feeds the machine and carries out its effects.

use crate::{ClientOptions, socket::Socket, task::Task, traffic::Counter};
use connection::{Effect, Event, Generation, Now, State, step};
use http::{Method, StatusCode};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    select,
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until},
};

/// Longer than any deadline of the machine, and within what a timer can hold.
const FOREVER: Duration = Duration::from_secs(24 * 60 * 60);

/// Something for the machine.
#[derive(Debug)]
pub(crate) struct Input {
    /// What happened.
    pub(crate) event: Event,
    /// Told once the step was taken.
    pub(crate) done: Option<oneshot::Sender<()>>,
}

impl From<Event> for Input {
    fn from(event: Event) -> Self {
        Self { event, done: None }
    }
}

/// One client's driver.
pub(crate) struct Driver {
    options: ClientOptions,
    origin: Instant,
    state: watch::Sender<State>,
    updates: mpsc::Sender<Effect>,
    /// What sockets report through.
    reports: mpsc::Sender<Input>,
    sockets: HashMap<Generation, Socket>,
    session_check: Option<Task>,
    arrived: Arc<Counter>,
}

impl Driver {
    pub(crate) fn new(
        options: ClientOptions,
        state: watch::Sender<State>,
        updates: mpsc::Sender<Effect>,
        reports: mpsc::Sender<Input>,
        arrived: Arc<Counter>,
    ) -> Self {
        Self {
            options,
            origin: Instant::now(),
            state,
            updates,
            reports,
            sockets: HashMap::new(),
            session_check: None,
            arrived,
        }
    }

    /// Runs until the machine has been told to stop.
    pub(crate) async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        self.dispatch(Event::Start).await;
        loop {
            let deadline = self.deadline();
            // What has arrived is read before silence is judged.
            let input = select! {
                biased;
                input = inputs.recv() => input,
                () = sleep_until(deadline) => Some(Event::Tick.into()),
            };
            let Some(Input { event, done }) = input else {
                return;
            };
            let is_stop = event == Event::Stop;
            self.dispatch(event).await;
            if let Some(done) = done {
                // Whoever asked may have gone.
                let _ = done.send(());
            }
            if is_stop {
                return;
            }
        }
    }

    /// Takes a step, and those that its effects lead to.
    async fn dispatch(&mut self, event: Event) {
        let mut waiting = VecDeque::from([event]);
        while let Some(event) = waiting.pop_front() {
            let state = self.state.borrow().clone();
            let (state, effects) = step(
                state,
                event,
                self.now(),
                rand::random(),
                &self.options.settings,
            );
            self.state.send_replace(state);
            for effect in effects {
                waiting.extend(self.carry_out(effect).await);
            }
        }
        let open: Vec<_> = self.state.borrow().sockets().collect();
        self.sockets
            .retain(|generation, _| open.contains(generation));
    }

    /// Carries out an effect; returns what came of it at once.
    async fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Open(generation) => {
                let Ok(request) = self.options.server.upgrade(&self.options.authorization) else {
                    return Some(Event::Failed(generation));
                };
                self.arrived.begin_socket();
                let arrived = Arc::clone(&self.arrived);
                let socket = Socket::open(generation, request, self.reports.clone(), arrived);
                self.sockets.insert(generation, socket);
            }
            Effect::Send(generation, frame) => {
                let sent = self
                    .sockets
                    .get(&generation)
                    .map(|socket| socket.send(frame));
                if let Some(Err(_stuck)) = sent {
                    self.sockets.remove(&generation);
                    return Some(Event::Failed(generation));
                }
            }
            Effect::Close(generation, code) => {
                if let Some(socket) = self.sockets.remove(&generation) {
                    socket.close(code);
                }
            }
            Effect::RefreshSession => self.check_session(),
            Effect::Deliver(_)
            | Effect::Resync
            | Effect::PresenceStale
            | Effect::ClearTyping
            | Effect::Announce(_)
            | Effect::Toast(_) => {
                // Whoever dropped the other end is not interested.
                let _ = self.updates.send(effect).await;
            }
        }
        None
    }

    fn check_session(&mut self) {
        let ClientOptions {
            server,
            authorization,
            ..
        } = self.options.clone();
        let reports = self.reports.clone();
        self.session_check = Some(Task::spawn(async move {
            let answer = server
                .request(Method::GET, "/api/v1/me", Some(&authorization), None)
                .await;
            let event = session_event(answer.map(|answer| answer.status()).ok());
            // Without a driver nobody is interested.
            let _ = reports.send(event.into()).await;
        }));
    }

    fn deadline(&self) -> Instant {
        let state = self.state.borrow();
        match state.next_deadline(&self.options.settings) {
            Some(due) => self.origin + Duration::from_millis(due),
            None => Instant::now() + FOREVER,
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "only to notice that the machine slept"
    )]
    fn now(&self) -> Now {
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, millis);
        Now {
            monotonic_ms: millis(self.origin.elapsed()),
            wall_ms: i64::try_from(wall).unwrap_or(i64::MAX),
        }
    }
}

/// What the status of `/me` says of the sign-in, if there was an answer at all.
fn session_event(status: Option<StatusCode>) -> Event {
    match status {
        Some(StatusCode::OK) => Event::SessionValid,
        Some(StatusCode::UNAUTHORIZED) => Event::SessionInvalid,
        _ => Event::SessionUnknown,
    }
}
