//! What a Redis publishes.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::UnixStream,
    task::JoinHandle,
};

/// What a Redis publishes, as long as this lives.
pub struct Published {
    heard: Arc<Mutex<Vec<String>>>,
    reading: JoinHandle<io::Result<()>>,
}

impl Published {
    pub(crate) async fn by(socket: PathBuf, pattern: &str) -> io::Result<Self> {
        let mut redis = BufReader::new(UnixStream::connect(socket).await?);
        let subscribe = format!("PSUBSCRIBE {pattern}\r\n");
        redis.write_all(subscribe.as_bytes()).await?;
        // The answer ends with the number of subscriptions.
        while line(&mut redis).await? != ":1" {}
        let heard = Arc::new(Mutex::new(Vec::new()));
        let reading = tokio::spawn(read(redis, Arc::clone(&heard)));
        Ok(Self { heard, reading })
    }

    /// What was heard so far, in its order.
    ///
    /// # Panics
    /// Never: nothing that runs under its lock does.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

async fn read(mut redis: BufReader<UnixStream>, heard: Arc<Mutex<Vec<String>>>) -> io::Result<()> {
    loop {
        // `pmessage`, the pattern, the channel, and what was published there.
        let mut last = String::new();
        while line(&mut redis).await? != "*4" {}
        for _ in 0..4 {
            let length: usize = line(&mut redis).await?[1..].parse().unwrap();
            let mut word = vec![0; length + 2];
            redis.read_exact(&mut word).await?;
            word.truncate(length);
            last = String::from_utf8(word).unwrap();
        }
        heard.lock().unwrap().push(last);
    }
}

/// The next line, without its end.
async fn line(redis: &mut BufReader<UnixStream>) -> io::Result<String> {
    let mut line = String::new();
    if redis.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}
