//! Which text can be stored.

use crate::{Result, StoreError};

/// `text`, if every engine can hold it: PostgreSQL has no NUL in TEXT.
///
/// `what` names the text in the error.
pub(crate) fn storable<'t>(what: &'static str, text: &'t str) -> Result<&'t str> {
    if is_storable(text) {
        Ok(text)
    } else {
        Err(StoreError::BadValue { what })
    }
}

/// Whether every engine can hold `text`. What is not storable cannot be found either.
pub(crate) fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}
