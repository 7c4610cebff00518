//! The program `rollcall-load`, without a server.

use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::Command,
};

fn load(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall-load"));
    command.args(arguments).kill_on_drop(true);
    command
}

#[tokio::test]
async fn what_cannot_be_measured_is_neither_a_success_nor_an_untruth() {
    let program = "--program=/there/is/no/such/server";
    let mut load = load(&["idle", program, "--connections=20"]);
    let ended = load.output().await.unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("/there/is/no/such/server"), "{said}");
}

#[tokio::test]
async fn the_bare_loop_answers_each_socket_and_writes_to_those_it_is_told_to() {
    let mut floor = load(&["floor", "--answer=3"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(floor.stdout.take().unwrap()).lines();
    let address = lines.next_line().await.unwrap().unwrap();
    let mut sockets = Vec::new();
    for number in 0..3 {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        socket.write_u32(number).await.unwrap();
        socket.read_exact(&mut [0; 3]).await.unwrap();
        sockets.push(socket);
    }
    sockets[0].write_all(&[1]).await.unwrap();
    sockets[0].read_exact(&mut [0; 3]).await.unwrap();

    let mut orders = floor.stdin.take().unwrap();
    orders.write_all(b"1 2 100000\n").await.unwrap();
    for socket in &mut sockets[1..] {
        socket.read_exact(&mut [0; 100_000]).await.unwrap();
    }
    drop(orders);
    assert!(floor.wait().await.unwrap().success());
    let mut rest = Vec::new();
    sockets[0].read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, []);
}
