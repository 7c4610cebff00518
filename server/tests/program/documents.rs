//! docs/security.md names what proves it.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

fn documents() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// What stands between backticks, with where it leads if it is a link: `[`text`](where)`.
fn quoted(text: &str) -> Vec<(&str, Option<&str>)> {
    let parts: Vec<_> = text.split('`').collect();
    let after = |index: usize| parts.get(index + 1).copied().unwrap_or_default();
    let link = |index| after(index).strip_prefix("](")?.split(')').next();
    let odd = parts.iter().enumerate().skip(1).step_by(2);
    odd.map(|(index, part)| (*part, link(index))).collect()
}

#[test]
fn every_file_and_every_test_that_the_security_document_names_exists() {
    let folder = documents();
    let document = fs::read_to_string(folder.join("security.md")).unwrap();
    let mut files = HashMap::new();
    let mut tests = 0;
    for row in document.lines().filter(|line| line.starts_with("| ")) {
        for (name, link) in quoted(row) {
            if let Some(link) = link.filter(|it| it.starts_with("..")) {
                let path = folder.join(link);
                assert!(path.exists(), "{name}: there is no {link}");
                files.insert(name, path);
            }
        }
        let Some(cell) = row.trim_end_matches([' ', '|']).split(" | ").nth(3) else {
            continue;
        };
        let mut text = None;
        for (name, _) in quoted(cell) {
            if let Some(file) = files.get(name) {
                text = Some(fs::read_to_string(file).unwrap().replace("\\'", "'"));
            } else if name.len() > 15 {
                let text = text.as_ref();
                let text = text.unwrap_or_else(|| panic!("in which file is {name}?"));
                let is_there = [format!("fn {name}("), format!("'{name}'")]
                    .iter()
                    .any(|it| text.contains(it));
                assert!(is_there, "{name} is not where it is said to be");
                tests += 1;
            }
        }
    }
    assert!(tests > 80, "{tests} were found");
}
