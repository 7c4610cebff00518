//! Writes what an engine decided to the structured log.

use crate::Record;

pub(crate) fn write(record: &Record) {
    tracing::info!(
        user = %record.key.user,
        session = %record.session,
        connection_id = %record.key.connection,
        active_count = record.active_count,
        reason = record.reason,
        "{}",
        record.event,
    );
}
