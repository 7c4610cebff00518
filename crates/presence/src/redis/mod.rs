//! The store that nodes share, in Redis.
//!
//! A state is a hash, written only over the revision that it was decided from; who is due stands in a
//! sorted set. Users fall into sixteen buckets, whose keys each lie on one machine of a cluster, and
//! each operation is one script that touches one bucket. What is announced travels in a channel of
//! its user, in the same script that writes. All times are Redis's.

mod answers;
mod keys;
mod scripts;

use crate::shared::{Answer, Heard, Kept, News, SharedStore, Times, Unreachable, Write, Written};
use answers::Reader;
use async_trait::async_trait;
use keys::{Bucket, Keys};
use protocol::UserId;
use redis_link::{
    Link, RefusedError,
    redis::{self, Value},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// For how long somebody is remembered who is offline. Whoever comes back later is as one who comes for
/// the first time: what lasts is kept elsewhere.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// States of users in Redis. Clones share one link, and so one consumer of what is heard.
#[derive(Clone, Debug)]
pub struct RedisStore {
    link: Arc<Link>,
    keys: Keys,
    /// How long `ws:last_seen:<user>` outlives the last time that the user was heard of.
    last_seen: Duration,
}

impl RedisStore {
    /// A store whose [link](Self::link) is to be [run](Link::run). `prefix` tells installations apart that
    /// share a Redis; it has no braces. `spread` gives a random part of a time.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(
        address: &str,
        prefix: &str,
        last_seen: Duration,
        spread: impl Fn(Duration) -> Duration + Send + Sync + 'static,
    ) -> Result<Self, RefusedError> {
        Ok(Self {
            link: Arc::new(Link::new(address, scripts::all(), spread)?),
            keys: Keys::new(prefix),
            last_seen,
        })
    }

    /// The link to Redis.
    #[must_use]
    pub const fn link(&self) -> &Arc<Link> {
        &self.link
    }

    fn write_call(&self, write: &Write) -> Result<([String; 4], Vec<String>), Unreachable> {
        let Write {
            id,
            over,
            user,
            news,
        } = write;
        let bucket = Bucket::of(*id);
        let keys = [
            self.keys.born(bucket),
            self.keys.due(bucket),
            self.keys.state(*id),
            self.keys.last_seen(*id),
        ];
        let deadline = user.deadline().map(|at| at.as_micros().to_string());
        let millis = |at: Duration| at.as_millis().to_string();
        let last_heard = user.last_heard();
        let kept_until = last_heard.map(|at| at + self.last_seen);
        let mut arguments = vec![
            id.to_string(),
            over.map(|revision| revision.0.to_string())
                .unwrap_or_default(),
            text(user)?,
            deadline.unwrap_or_default(),
            REMEMBERED.as_millis().to_string(),
            last_heard.map(millis).unwrap_or_default(),
            kept_until.map(millis).unwrap_or_default(),
            self.keys.channel(*id),
        ];
        for news in news {
            arguments.push(text(news)?);
        }
        Ok((keys, arguments))
    }

    fn channels(&self, users: &[UserId]) -> Vec<String> {
        users.iter().map(|user| self.keys.channel(*user)).collect()
    }

    fn answer<T>(&self, mut times: Times, value: T) -> Answer<T> {
        // A server that was started again may have read an old memory.
        let since = self.link.remembers_since(times.now);
        times.born = times.born.max(since.unwrap_or_default());
        Answer { times, value }
    }

    /// Those who have a state; the others are due no more.
    async fn present(&self, users: Vec<UserId>) -> Result<Vec<UserId>, Unreachable> {
        if users.is_empty() {
            return Ok(users);
        }
        let mut questions = redis::pipe();
        for user in &users {
            let keys = [self.keys.due(Bucket::of(*user)), self.keys.state(*user)];
            scripts::call(&mut questions, &scripts::ABSENT, &keys, &[user.to_string()]);
        }
        let answers = self.link.ask(&questions).await?;
        let is_there = |(user, answer)| (answer == Value::Int(0)).then_some(user);
        Ok(users
            .into_iter()
            .zip(answers)
            .filter_map(is_there)
            .collect())
    }
}

#[async_trait]
impl SharedStore for RedisStore {
    async fn read(&self, users: &[UserId]) -> Result<Answer<Vec<Kept>>, Unreachable> {
        let mut places: BTreeMap<Bucket, Vec<usize>> = BTreeMap::new();
        for (place, user) in users.iter().enumerate() {
            places.entry(Bucket::of(*user)).or_default().push(place);
        }
        let mut questions = redis::pipe();
        for (bucket, places) in &places {
            let states = places.iter().map(|place| self.keys.state(users[*place]));
            let keys: Vec<_> = [self.keys.born(*bucket)]
                .into_iter()
                .chain(states)
                .collect();
            scripts::call(&mut questions, &scripts::READ, &keys, &[]);
        }
        let answers = self.link.ask(&questions).await?;
        let mut times = Times::default();
        let mut states = vec![Ok(None); users.len()];
        for (places, answer) in places.values().zip(answers) {
            let mut answer = Reader::new(answer)?;
            answer.times(&mut times)?;
            for place in places {
                states[*place] = answer.kept()?;
            }
        }
        Ok(self.answer(times, states))
    }

    async fn write(&self, writes: &[Write]) -> Result<Answer<Vec<Written>>, Unreachable> {
        let mut questions = redis::pipe();
        for write in writes {
            let (keys, arguments) = self.write_call(write)?;
            scripts::call(&mut questions, &scripts::WRITE, &keys, &arguments);
        }
        let mut times = Times::default();
        let mut written = Vec::with_capacity(writes.len());
        for answer in self.link.ask(&questions).await? {
            let mut answer = Reader::new(answer)?;
            answer.times(&mut times)?;
            written.push(answer.written()?);
        }
        Ok(self.answer(times, written))
    }

    async fn due(&self, at_most: usize) -> Result<Answer<Vec<UserId>>, Unreachable> {
        let mut questions = redis::pipe();
        for bucket in Bucket::all() {
            let keys = [self.keys.born(bucket), self.keys.due(bucket)];
            scripts::call(&mut questions, &scripts::DUE, &keys, &[at_most.to_string()]);
        }
        let mut times = Times::default();
        let mut due = Vec::new();
        for answer in self.link.ask(&questions).await? {
            let mut answer = Reader::new(answer)?;
            answer.times(&mut times)?;
            let users: Vec<String> = answer.rest()?;
            due.extend(users.iter().filter_map(|it| it.parse::<UserId>().ok()));
        }
        due.truncate(at_most);
        let due = self.present(due).await?;
        Ok(self.answer(times, due))
    }

    async fn discard(&self, user: UserId, overdue: Duration) -> Result<bool, Unreachable> {
        let keys = [self.keys.due(Bucket::of(user)), self.keys.state(user)];
        let arguments = [user.to_string(), overdue.as_micros().to_string()];
        let mut question = redis::pipe();
        scripts::call(&mut question, &scripts::DISCARD, &keys, &arguments);
        Ok(self.link.ask(&question).await? == [Value::Int(1)])
    }

    fn want(&self, users: &[UserId]) {
        self.link.subscribe(&self.channels(users));
    }

    fn want_no_more(&self, users: &[UserId]) {
        self.link.unsubscribe(&self.channels(users));
    }

    async fn all_ears(&self) -> Result<(), Unreachable> {
        Ok(self.link.subscribed().await?)
    }

    async fn heard(&self) -> Heard {
        loop {
            match self.link.heard().await {
                redis_link::Heard::Gap => return Heard::Gap,
                redis_link::Heard::Message { channel, payload } => {
                    let user = self.keys.user_of(&channel);
                    let news: Option<News> = serde_json::from_slice(&payload).ok();
                    // What another version says is found by the comparison.
                    if let Some((user, news)) = user.zip(news) {
                        return Heard::News(user, news);
                    }
                }
            }
        }
    }
}

fn text(value: &impl serde::Serialize) -> Result<String, Unreachable> {
    serde_json::to_string(value).map_err(|error| Unreachable(error.to_string()))
}

impl From<redis_link::Unreachable> for Unreachable {
    fn from(redis_link::Unreachable(why): redis_link::Unreachable) -> Self {
        Self(why)
    }
}
