//! People who have signed up, and the server that has their data.

use crate::{cli::Load, progress::Progress};
use loadtest::{ChatRoom, People, Program};
use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;

/// Why nothing could be measured.
pub(crate) type Failure = Box<dyn Error>;

/// How long a close is held back, as the server is told.
pub(crate) const GRACE: Duration = Duration::from_secs(3);
/// Who has signed up, in the data folder.
const PEOPLE: &str = "people.json";

/// People who have signed up, and where the server has their data.
pub(crate) struct Company {
    /// Everybody.
    pub(crate) people: People,
    data: PathBuf,
    /// Removes the folder in the end, unless it is somebody's own.
    _removed: Option<TempDir>,
}

impl Company {
    /// Signs up who is missing.
    pub(crate) async fn settle(load: &Load, progress: Progress) -> Result<Self, Failure> {
        let removed = match load.data {
            Some(_) => None,
            None => Some(tempfile::tempdir()?),
        };
        let kept = removed.as_ref().map(|folder| folder.path().to_owned());
        let data = load.data.clone().or(kept).unwrap_or_default();
        fs::create_dir_all(&data)?;
        let mut company = Self {
            people: read(&data)?,
            data,
            _removed: removed,
        };
        let wanted = load.people();
        if company.people.members.len() < wanted {
            let program = company.start(load).await?;
            let told = |count| progress.show("signing up", count, wanted);
            let grown = company.people.grow(&program.server, wanted, told).await;
            company.keep()?;
            grown?;
            program.kill().await?;
        }
        Ok(company)
    }

    /// Their rooms, of the size that is asked for.
    pub(crate) async fn rooms(&mut self, load: &Load) -> Result<Vec<ChatRoom>, Failure> {
        let program = self.start(load).await?;
        let rooms = self.people.rooms(&program.server, load.room as usize).await;
        self.keep()?;
        let rooms = rooms?;
        program.kill().await?;
        Ok(rooms)
    }

    /// A fresh server, so that what others have done to the one before does not count.
    pub(crate) async fn start(&self, load: &Load) -> Result<Program, Failure> {
        let grace = format!("{}ms", GRACE.as_millis());
        let settings = [
            ("ROLLCALL_PRESENCE__OFFLINE_GRACE", grace.as_str()),
            // Nobody here gives input, and nobody is to be told so meanwhile.
            ("ROLLCALL_PRESENCE__AWAY_AFTER", "12h"),
        ];
        Ok(Program::start(&load.program, &self.data, &settings).await?)
    }

    fn keep(&self) -> Result<(), Failure> {
        fs::write(self.data.join(PEOPLE), serde_json::to_vec(&self.people)?)?;
        Ok(())
    }
}

fn read(data: &Path) -> Result<People, Failure> {
    match fs::read(data.join(PEOPLE)) {
        Ok(kept) => Ok(serde_json::from_slice(&kept)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(People::default()),
        Err(error) => Err(error.into()),
    }
}
