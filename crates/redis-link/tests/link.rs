//! The link against a Redis of its own.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

use redis_link::{
    Heard, Link,
    redis::{self, Pipeline, Script, Value},
};
use std::{sync::Arc, time::Duration};
use testbed::{Proxy, Redis, Way};
use tokio::{sync::mpsc, task::AbortHandle, time::timeout};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

struct Running {
    link: Arc<Link>,
    task: AbortHandle,
}

impl Running {
    fn new(address: &str, scripts: &[&str]) -> Self {
        let scripts = scripts.iter().copied().map(Script::new).collect();
        let link = Arc::new(Link::new(address, scripts, |time| time / 2).unwrap());
        let running = Arc::clone(&link).run();
        let task = tokio::spawn(async move { match running.await {} }).abort_handle();
        Self { link, task }
    }

    /// One that stands.
    async fn to(address: &str) -> Self {
        let running = Self::new(address, &[]);
        assert_eq!(running.heard().await, Heard::Gap, "it stands");
        running
    }

    async fn heard(&self) -> Heard {
        let heard = timeout(PATIENCE, self.link.heard()).await;
        heard.expect("something is heard")
    }

    async fn until_up(&self, is_up: bool) {
        let changed = timeout(PATIENCE, self.link.until_up(is_up));
        changed.await.expect("the link changes");
    }

    async fn subscribe(&self, channels: &[String]) {
        self.link.subscribe(channels);
        self.link.subscribed().await.unwrap();
    }

    async fn publish(&self, channel: &str, payload: &str) {
        let mut question = redis::pipe();
        question.cmd("PUBLISH").arg(channel).arg(payload);
        self.link.ask(&question).await.unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn message(channel: &str, payload: &str) -> Heard {
    Heard::Message {
        channel: channel.to_owned(),
        payload: payload.as_bytes().to_owned(),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn get(key: &str) -> Pipeline {
    let mut question = redis::pipe();
    question.cmd("GET").arg(key);
    question
}

#[tokio::test]
async fn what_is_published_is_heard_from_the_subscription_on_and_not_after_its_end() {
    let redis = Redis::start().await;
    let ours = Running::to(&redis.address()).await;
    let theirs = Running::to(&redis.address()).await;
    ours.subscribe(&names(&["a", "b"])).await;
    theirs.publish("a", "one").await;
    theirs.publish("c", "not for us").await;
    theirs.publish("b", "two").await;
    assert_eq!(ours.heard().await, message("a", "one"));
    assert_eq!(ours.heard().await, message("b", "two"));
    ours.link.unsubscribe(&names(&["a"]));
    ours.link.subscribed().await.unwrap();
    theirs.publish("a", "no more").await;
    theirs.publish("b", "three").await;
    assert_eq!(ours.heard().await, message("b", "three"));
}

/// A restart must cost neither the subscriptions nor the knowledge that something may be missing.
#[tokio::test]
async fn after_a_restart_subscriptions_are_back_and_the_gap_is_told_before_anything_else() {
    let mut redis = Redis::start().await;
    let ours = Running::to(&redis.address()).await;
    let before = ours.link.remembers_since(Duration::MAX).unwrap();
    ours.subscribe(&names(&["a"])).await;
    redis.kill().await;
    ours.until_up(false).await;
    let refused = ours.link.ask(&get("k")).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no connection to Redis");
    // A wish that is made meanwhile is kept.
    ours.link.subscribe(&names(&["b"]));
    ours.link.subscribed().await.unwrap_err();
    redis.restart().await;
    assert_eq!(ours.heard().await, Heard::Gap);
    let theirs = Running::to(&redis.address()).await;
    theirs.publish("a", "one").await;
    theirs.publish("b", "two").await;
    assert_eq!(ours.heard().await, message("a", "one"));
    assert_eq!(ours.heard().await, message("b", "two"));
    let since = ours.link.remembers_since(Duration::MAX).unwrap();
    assert!(
        since > before,
        "another process remembers nothing of before"
    );
}

#[tokio::test]
async fn a_connection_that_broke_to_the_same_server_lost_no_memory() {
    let redis = Redis::start().await;
    let proxy = Proxy::to(redis.socket()).await;
    let ours = Running::to(&format!("redis://{}", proxy.address())).await;
    let before = ours.link.remembers_since(Duration::MAX).unwrap();
    proxy.set(Way::Closed);
    ours.until_up(false).await;
    proxy.set(Way::Open);
    assert_eq!(ours.heard().await, Heard::Gap);
    assert_eq!(ours.link.remembers_since(Duration::MAX).unwrap(), before);
}

/// A server whose link waits before it tries again took itself for the only one that was cut off, when
/// others had been faster to come back.
#[tokio::test]
async fn whether_a_server_lets_us_in_is_known_also_while_the_link_waits() {
    let redis = Redis::start().await;
    let proxy = Proxy::to(redis.socket()).await;
    let ours = Running::to(&format!("redis://{}", proxy.address())).await;
    proxy.set(Way::Closed);
    ours.until_up(false).await;
    assert!(!ours.link.is_reachable().await);
    proxy.set(Way::Open);
    assert!(ours.link.is_reachable().await);
}

/// A cable that is pulled tells nobody: without asking, a dead link would look alive for ever.
#[tokio::test]
async fn a_server_that_falls_silent_is_noticed_and_found_again() {
    let redis = Redis::start().await;
    let proxy = Proxy::to(redis.socket()).await;
    let ours = Running::to(&format!("redis://{}", proxy.address())).await;
    proxy.set(Way::Silent);
    ours.until_up(false).await;
    ours.link.ask(&get("k")).await.unwrap_err();
    proxy.set(Way::Open);
    assert_eq!(ours.heard().await, Heard::Gap);
    assert_eq!(ours.link.ask(&get("k")).await.unwrap(), [Value::Nil]);
}

#[tokio::test]
async fn a_slow_server_is_no_lost_one() {
    let redis = Redis::start().await;
    let proxy = Proxy::to(redis.socket()).await;
    let ours = Running::to(&format!("redis://{}", proxy.address())).await;
    proxy.set(Way::Slow(Duration::from_millis(300)));
    for _ in 0..3 {
        assert_eq!(ours.link.ask(&get("k")).await.unwrap(), [Value::Nil]);
    }
    let health = ours.link.health();
    assert!(health.is_up && health.connected == 1, "{health:?}");
}

#[tokio::test]
async fn whoever_measures_is_told_how_long_each_answer_took_and_nothing_of_what_has_none() {
    let mut redis = Redis::start().await;
    let proxy = Proxy::to(redis.socket()).await;
    let ours = Running::to(&format!("redis://{}", proxy.address())).await;
    let (tell, mut told) = mpsc::unbounded_channel();
    ours.link.measure(move |took| tell.send(took).unwrap());
    let late = Duration::from_millis(100);
    proxy.set(Way::Slow(late));
    ours.link.ask(&get("k")).await.unwrap();
    assert!(told.try_recv().unwrap() >= late);
    redis.kill().await;
    ours.link.ask(&get("k")).await.unwrap_err();
    assert!(told.try_recv().is_err());
}

#[tokio::test]
async fn scripts_that_the_server_was_made_to_forget_are_told_again() {
    let redis = Redis::start().await;
    let text = "return 'here'";
    let ours = Running::new(&redis.address(), &[text]);
    assert_eq!(ours.heard().await, Heard::Gap);
    redis.command(&["SCRIPT", "FLUSH"]).await;
    let mut question = redis::pipe();
    let digest = Script::new(text).get_hash().to_owned();
    question.cmd("EVALSHA").arg(digest).arg(0);
    let answer = ours.link.ask(&question).await.unwrap();
    assert_eq!(answer, [Value::BulkString(b"here".to_vec())]);
}

#[tokio::test]
async fn more_subscriptions_than_fit_one_request_are_all_made() {
    let redis = Redis::start().await;
    let ours = Running::to(&redis.address()).await;
    let many: Vec<_> = (0..2_500).map(|n| format!("channel-{n}")).collect();
    ours.subscribe(&many).await;
    let theirs = Running::to(&redis.address()).await;
    for n in [0, 1_234, 2_499] {
        theirs.publish(&many[n], "found").await;
        assert_eq!(ours.heard().await, message(&many[n], "found"));
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_as_such_and_a_missing_server_is_waited_for() {
    let redis = Redis::start_with(&["--requirepass", "right"]).await;
    let socket = redis.socket();
    let link = |password: &str| {
        let address = format!("unix://{}?pass={password}", socket.display());
        Link::new(&address, Vec::new(), |time| time).unwrap()
    };
    link("right").check().await.unwrap();
    let refused = link("wrong").check().await.unwrap_err().to_string();
    assert!(
        refused.contains("invalid username-password pair"),
        "{refused}"
    );
    let absent = Link::new("redis://127.0.0.1:1", Vec::new(), |time| time).unwrap();
    absent.check().await.unwrap();
    assert!(Link::new("http://example.org", Vec::new(), |time| time).is_err());
}
