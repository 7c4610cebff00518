//! A connection to a server that keeps itself up.

use crate::{
    Authorization, Server, Traffic,
    driver::{Driver, Input},
    task::Task,
    traffic::Counter,
};
use connection::{Effect, Environment, Event, Settings, State};
use protocol::Resume;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

/// Events and frames that may wait for the machine. What comes past it waits with its sender, at last
/// with the server.
const INPUTS: usize = 64;
/// Updates that may wait to be taken. Past it the client stops reading, as a program that is too slow
/// does.
const UPDATES: usize = 1_024;

/// A connection to a server that keeps itself up. Dropping it drops the transport without a goodbye,
/// as a program does that is killed.
#[derive(Debug)]
pub struct Client {
    inputs: mpsc::Sender<Input>,
    state: watch::Receiver<State>,
    arrived: Arc<Counter>,
    driver: Task,
}

/// What a client is started with.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The server.
    pub server: Server,
    /// Who is signed in.
    pub authorization: Authorization,
    /// How the connection behaves.
    pub settings: Settings,
    /// Where to go on, if that is known.
    pub resume: Option<Resume>,
}

/// What was waited for did not come about in time; this is how things stood.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("not within {waited:?}: {state:?}")]
pub struct TimedOut {
    /// How long it was waited.
    pub waited: Duration,
    /// The state at the end.
    pub state: Box<State>,
}

impl Client {
    /// Starts a client. What concerns its user comes out of the receiver: [`Effect::Deliver`] and
    /// whatever else the driver does not carry out itself; whoever is not interested drops it.
    ///
    /// Must be called within a runtime.
    #[must_use]
    pub fn start(options: ClientOptions) -> (Self, mpsc::Receiver<Effect>) {
        let environment = Environment {
            has_network: true,
            is_visible: true,
        };
        let (inputs, waiting) = mpsc::channel(INPUTS);
        let (changes, state) = watch::channel(State::new(environment, options.resume));
        let (updates, taken) = mpsc::channel(UPDATES);
        let arrived = Arc::default();
        let counter = Arc::clone(&arrived);
        let driver = Driver::new(options, changes, updates, inputs.clone(), counter);
        let client = Self {
            inputs,
            state,
            arrived,
            driver: Task::spawn(driver.run(waiting)),
        };
        (client, taken)
    }

    /// Tells the machine what happened, or what its user wants; returns once it has taken the step.
    pub async fn dispatch(&self, event: Event) {
        let (done, taken) = oneshot::channel();
        let input = Input {
            event,
            done: Some(done),
        };
        // After a stop nothing can happen any more.
        if self.inputs.send(input).await.is_ok() {
            let _ = taken.await;
        }
    }

    /// How things stand.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// What has arrived until now.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.arrived.read()
    }

    /// Waits until a condition holds, and returns the state in which it did.
    ///
    /// # Errors
    /// When it did not hold within `limit`.
    pub async fn until(
        &self,
        limit: Duration,
        condition: impl Fn(&State) -> bool,
    ) -> Result<State, TimedOut> {
        let mut state = self.state.clone();
        let held = timeout(limit, state.wait_for(|state| condition(state))).await;
        match held {
            Ok(Ok(held)) => Ok(held.clone()),
            _ => Err(TimedOut {
                waited: limit,
                state: Box::new(self.state()),
            }),
        }
    }

    /// Closes the connection with a goodbye.
    pub async fn stop(self) {
        self.dispatch(Event::Stop).await;
        self.driver.ended().await;
    }
}
