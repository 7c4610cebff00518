//! Columns of a row as the types that they stand for.

use crate::{Cause, Result, StoreError};
use protocol::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::str::FromStr;

/// Reads a column by its name. What cannot be right is [`StoreError::Corrupt`].
pub(crate) trait Columns {
    /// A UUID.
    fn id<T>(&self, column: &str) -> Result<T>
    where
        T: FromStr,
        T::Err: Into<Cause>;
    /// A UUID that may be absent.
    fn optional_id<T>(&self, column: &str) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: Into<Cause>;
    /// A text.
    fn text(&self, column: &str) -> Result<String>;
    /// A text that may be absent.
    fn optional_text(&self, column: &str) -> Result<Option<&str>>;
    /// An offset or a count.
    fn number(&self, column: &str) -> Result<u64>;
    /// An offset that may be absent.
    fn optional_number(&self, column: &str) -> Result<Option<u64>>;
    /// A time.
    fn time(&self, column: &str) -> Result<Timestamp>;
    /// A time that may be absent.
    fn optional_time(&self, column: &str) -> Result<Option<Timestamp>>;
    /// A truth.
    fn flag(&self, column: &str) -> Result<bool>;
}

impl Columns for AnyRow {
    fn id<T>(&self, column: &str) -> Result<T>
    where
        T: FromStr,
        T::Err: Into<Cause>,
    {
        let text: &str = self.try_get(column)?;
        text.parse().map_err(StoreError::corrupt)
    }

    fn optional_id<T>(&self, column: &str) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: Into<Cause>,
    {
        let text = self.optional_text(column)?;
        text.map(|text| text.parse().map_err(StoreError::corrupt))
            .transpose()
    }

    fn text(&self, column: &str) -> Result<String> {
        Ok(self.try_get(column)?)
    }

    fn optional_text(&self, column: &str) -> Result<Option<&str>> {
        Ok(self.try_get(column)?)
    }

    fn number(&self, column: &str) -> Result<u64> {
        let number: i64 = self.try_get(column)?;
        u64::try_from(number).map_err(StoreError::corrupt)
    }

    fn optional_number(&self, column: &str) -> Result<Option<u64>> {
        let number: Option<i64> = self.try_get(column)?;
        number
            .map(|number| u64::try_from(number).map_err(StoreError::corrupt))
            .transpose()
    }

    fn time(&self, column: &str) -> Result<Timestamp> {
        Ok(Timestamp::from_unix_millis(self.try_get(column)?))
    }

    fn optional_time(&self, column: &str) -> Result<Option<Timestamp>> {
        let millis: Option<i64> = self.try_get(column)?;
        Ok(millis.map(Timestamp::from_unix_millis))
    }

    fn flag(&self, column: &str) -> Result<bool> {
        Ok(self.number(column)? != 0)
    }
}

/// An offset or a limit as SQL's BIGINT, the largest that there is standing for all beyond it.
pub(crate) fn bigint(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
