//! What the scripts answer.

use crate::shared::{Foreign, Kept, Revision, Stored, Times, Unreachable, Written};
use redis_link::redis::{FromRedisValue, Value, from_redis_value};
use std::{sync::Once, time::Duration, vec};

/// One script's answer, from which one thing after the other is taken.
pub(super) struct Reader(vec::IntoIter<Value>);

impl Reader {
    pub(super) fn new(answer: Value) -> Result<Self, Unreachable> {
        let values: Vec<Value> = from_redis_value(answer).map_err(|_| garbled())?;
        Ok(Self(values.into_iter()))
    }

    pub(super) fn take<T: FromRedisValue>(&mut self) -> Result<T, Unreachable> {
        let value = self.0.next().ok_or_else(garbled)?;
        from_redis_value(value).map_err(|_| garbled())
    }

    /// The latest of all: what is asked together is answered one after the other.
    pub(super) fn times(&mut self, times: &mut Times) -> Result<(), Unreachable> {
        let (now, born) = (self.take()?, self.take()?);
        times.now = times.now.max(Duration::from_micros(now));
        times.born = times.born.max(Duration::from_micros(born));
        Ok(())
    }

    pub(super) fn kept(&mut self) -> Result<Kept, Unreachable> {
        let (revision, state): (Option<u64>, Option<Vec<u8>>) = (self.take()?, self.take()?);
        let Some((revision, state)) = revision.zip(state) else {
            return Ok(Ok(None));
        };
        Ok(match serde_json::from_slice(&state) {
            Ok(user) => Ok(Some(Stored {
                revision: Revision(revision),
                user,
            })),
            Err(error) => {
                static TOLD: Once = Once::new();
                TOLD.call_once(|| tracing::warn!(%error, "state_of_another_version"));
                Err(Foreign)
            }
        })
    }

    pub(super) fn written(&mut self) -> Result<Written, Unreachable> {
        match self.take::<u8>()? {
            1 => Ok(Written::Done(Revision(self.take()?))),
            _ => Ok(Written::Conflict(Box::new(self.kept()?))),
        }
    }

    pub(super) fn rest<T: FromRedisValue>(self) -> Result<Vec<T>, Unreachable> {
        from_redis_value(Value::Array(self.0.collect())).map_err(|_| garbled())
    }
}

fn garbled() -> Unreachable {
    Unreachable("Redis answered what this version does not understand".into())
}
