//! PostgreSQL: one database for several servers.
//!
//! Transactions run at PostgreSQL's default level, READ COMMITTED, and put themselves in order by
//! what they lock first (see the crate's documentation). A server that is stopped in the middle of
//! one holds its locks for [`connection::ABANDONED_AFTER`] at most.

mod connection;
mod schema;

use super::{Database, Trouble};
use crate::{OpenError, OpenOptions};
use connection::Access;
use protocol::Epoch;
use sqlx::postgres::PgConnectOptions;

const BEGIN: &str = "BEGIN";

/// Writes wait for each other anyway, but while one is on its way to the disk the next can read.
const WRITERS: u32 = 4;

pub(super) async fn open(
    url: &str,
    epoch_if_new: Epoch,
    options: &OpenOptions,
) -> Result<(Database, Epoch), OpenError> {
    let at = locate(url)?;
    let epoch = schema::prepare(url, &at, epoch_if_new, options).await?;
    let is_copy = !options.is_to_be_used;
    let writers = connection::pool(url, &at, WRITERS, Access::ReadAndWrite, is_copy).await?;
    let readers = connection::pool(url, &at, options.readers, Access::Read, is_copy).await?;
    let database = Database {
        readers,
        writers,
        begin: BEGIN,
        begin_snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    };
    Ok((database, epoch))
}

/// Where the database is, in words that hold no password.
pub(super) fn locate(url: &str) -> Result<String, OpenError> {
    let options: PgConnectOptions = url.parse().map_err(|_| OpenError::BadServerUrl)?;
    let database = options.get_database().unwrap_or(options.get_username());
    let server = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    Ok(format!("{database} at {server}"))
}

/// What kind of trouble an SQLSTATE is
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
pub(super) fn trouble(state: &str) -> Trouble {
    match (state.get(..2).unwrap_or_default(), state) {
        // A deadlock, a lock that did not come in time, a transaction that was given up.
        ("40", _) | (_, "55P03" | "25P03" | "57014") => Trouble::Locked,
        // No connection, no memory or disk space, or an administrator ends the server.
        ("08" | "53" | "57" | "58", _) => Trouble::Exhausted,
        // A password, a right or a database that is not there; or the server only serves reads.
        ("28" | "3D", _) | (_, "42501" | "25006") => Trouble::Refused,
        ("XX", "XX001" | "XX002") => Trouble::Corrupt,
        _ => Trouble::Defect,
    }
}

/// What to say of an error that came from the database.
fn explain(at: &str, error: sqlx::Error) -> OpenError {
    let at = at.to_owned();
    let state = match &error {
        sqlx::Error::Database(database) => database.code().unwrap_or_default().into_owned(),
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut => {
            let cause = error.into();
            return OpenError::Unreachable { at, cause };
        }
        _ => String::new(),
    };
    let cause = error.into();
    match state.as_str() {
        "28000" | "28P01" => OpenError::Credentials { at, cause },
        "3D000" => OpenError::NoDatabase { at },
        "42501" | "25006" => OpenError::Rights { at, cause },
        state => match trouble(state) {
            Trouble::Exhausted => OpenError::Unreachable { at, cause },
            Trouble::Locked => OpenError::Locked { at },
            _ => OpenError::Failed { at, cause },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sentence_holds_the_password() {
        let at = |url| locate(url).unwrap();
        assert_eq!(
            at("postgres://rollcall:secret@db.example:6432/chat"),
            "chat at db.example:6432"
        );
        assert_eq!(
            at("postgresql://rollcall@%2Frun%2Fpostgresql"),
            "rollcall at /run/postgresql"
        );
        let refused = locate("postgres://rollcall:secret@host:port/chat").unwrap_err();
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }

    #[test]
    fn what_may_work_later_is_told_from_what_is_a_defect() {
        for state in ["40001", "40P01", "55P03", "25P03", "57014"] {
            assert_eq!(trouble(state), Trouble::Locked, "{state}");
        }
        for state in ["08006", "53100", "53300", "57P01", "57P03", "58030"] {
            assert_eq!(trouble(state), Trouble::Exhausted, "{state}");
        }
        for state in ["28P01", "3D000", "42501", "25006"] {
            assert_eq!(trouble(state), Trouble::Refused, "{state}");
        }
        assert_eq!(trouble("XX001"), Trouble::Corrupt);
        for state in ["42P01", "42601", "XX000", "", "1"] {
            assert_eq!(trouble(state), Trouble::Defect, "{state}");
        }
    }
}
