use crate::process::{Program, rollcall};
use serde_json::Value;

#[tokio::test]
async fn a_signal_ends_it_in_order() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
        let server = Program::start(command.current_dir(folder.path())).await;
        assert_eq!(server.program().get("/readyz").await.status, 200);
        let (status, log) = server.stop(signal).await;
        assert_eq!(status, Some(0), "{log}");
        assert!(
            log.contains("stopping") && log.trim_end().ends_with("stopped"),
            "{log}"
        );
    }
}

#[tokio::test]
async fn the_log_can_be_one_object_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    command
        .current_dir(folder.path())
        .env("ROLLCALL_LOG__FORMAT", "json");
    let server = Program::start(&mut command).await;
    let (_, log) = server.stop("-TERM").await;
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.last().unwrap()["message"], "stopped");
}
