//! docs/protocol.md says what the code does, and leaves nothing out.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

use protocol::{CloseCode, ErrorCode, Reconnect};
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = include_str!("../../../docs/protocol.md");

/// What stands below a heading of the document.
fn section(title: &str) -> &'static str {
    let (_, rest) = DOCUMENT.split_once(&format!("## {title}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}

/// The rows of the table in a section: their cells.
fn rows(title: &str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = section(title).lines().filter(|it| it.starts_with("| "));
    let cells = |line: &'static str| line.trim_matches('|').split(" | ").map(str::trim).collect();
    lines.skip(1).map(cells)
}

/// What stands between two texts, wherever they do in this source.
fn between<'a>(source: &'a str, before: &str, after: &str) -> BTreeSet<&'a str> {
    let found = source.split(before).skip(1);
    found.filter_map(|it| it.split(after).next()).collect()
}

#[test]
fn every_close_code_is_listed_with_what_to_do_after_it() {
    let mut listed = BTreeSet::new();
    for row in rows("Close codes") {
        let [codes, _, comes_back] = row[..] else {
            panic!("{row:?}")
        };
        for code in codes.split(", ") {
            assert!(listed.insert(code), "{code} is listed twice");
            let advice = CloseCode(code.parse().unwrap()).advice();
            let is_right = match comes_back.split([':', ';', ' ']).next().unwrap() {
                "yes" | "not" => advice == Reconnect::Retry,
                "no" => advice == Reconnect::Never,
                "after" => advice == Reconnect::RefreshSession,
                // Clients do not send these to themselves.
                _ => comes_back.is_empty(),
            };
            assert!(is_right, "{code}: {comes_back}, but {advice:?}");
        }
    }
    let known = between(include_str!("../src/close.rs"), ": Self = Self(", ")");
    assert!(known.len() > 15, "{known:?}");
    let missing: Vec<_> = known.difference(&listed).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_error_code_is_listed_with_its_status() {
    let mut listed = BTreeMap::new();
    let text = section("Errors over REST").replace('\n', " ");
    let (_, text) = text.split_once("with a `code`: ").unwrap();
    let (text, _) = text.split_once(". ").unwrap();
    for part in text.split(", ") {
        let (names, status) = part.rsplit_once(' ').unwrap();
        for name in names.split(" and ") {
            listed.insert(name.trim_matches('`'), status.parse::<u16>().unwrap());
        }
    }
    let source = include_str!("../src/error.rs");
    let mut known = between(source, " => \"", "\"");
    assert!(known.remove("unknown"), "no server sends it");
    assert_eq!(listed.keys().copied().collect::<BTreeSet<_>>(), known);
    for (name, status) in listed {
        let code: ErrorCode = serde_json::from_str(&format!("{name:?}")).unwrap();
        assert_eq!((code.as_str(), code.status()), (name, status));
    }
}

#[test]
fn every_frame_is_listed() {
    for (title, source) in [
        ("Client → server", include_str!("../src/client.rs")),
        ("Server → client", include_str!("../src/server.rs")),
    ] {
        let listed: BTreeSet<_> = rows(title)
            .flat_map(|row| row[0].split(", "))
            .map(|name| name.trim_matches('`'))
            .collect();
        assert_eq!(
            listed,
            between(source, "#[serde(rename = \"", "\""),
            "{title}"
        );
    }
}
