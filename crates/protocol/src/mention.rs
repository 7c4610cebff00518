//! Names in a message: `@` and a username.

use std::ops::Range;

/// The names in a text, in order: where each stands, its `@` included, and the username.
///
/// A name begins where a word does, so that an address of electronic mail names nobody, and ends
/// before punctuation, which a username never ends with. Whether there is such a person is not known
/// here.
pub fn mentions(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    text.match_indices('@').filter_map(move |(start, _)| {
        let before = text[..start].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '.' | '-' | '_' | '/')) {
            return None;
        }
        let rest = &text[start + 1..];
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        // The name of a longer word in another script is nobody's.
        if rest[end..].starts_with(char::is_alphanumeric) {
            return None;
        }
        let name = rest[..end].trim_end_matches(['.', '-', '_']);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        is_name.then(|| (start..start + 1 + name.len(), name))
    })
}

/// The beginning of a name that is being written: where its `@` stands, and what follows up to the
/// end of `before`, the text before the caret.
#[must_use]
pub fn unfinished(before: &str) -> Option<(usize, &str)> {
    let start = before.rfind('@')?;
    let name = &before[start + 1..];
    let is_at_word = before[..start]
        .chars()
        .next_back()
        .is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '\'' | '>'));
    (is_at_word && !name.contains(char::is_whitespace)).then_some((start, name))
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(text: &str) -> Vec<&str> {
        mentions(text).map(|(_, name)| name).collect()
    }

    #[test]
    fn a_name_is_found_wherever_a_word_begins() {
        assert_eq!(names("@jane"), ["jane"]);
        assert_eq!(
            names("Ask @jane, (@john) and\n@bob-2."),
            ["jane", "john", "bob-2"]
        );
        assert_eq!(names("@Jane"), ["Jane"]);
        assert_eq!(names("@j.doe... @_"), ["j.doe"]);
    }

    #[test]
    fn what_only_looks_like_a_name_is_none() {
        assert_eq!(names("jane@example.com, a@b, @ , @@jane, @-x"), [""; 0]);
        assert_eq!(names("@mikołaj"), [""; 0]);
        assert_eq!(names("https://example.com/@jane"), [""; 0]);
    }

    #[test]
    fn a_name_that_is_being_written_is_found_before_the_caret() {
        assert_eq!(unfinished("Ask @ja"), Some((4, "ja")));
        assert_eq!(unfinished("@"), Some((0, "")));
        assert_eq!(unfinished("(@Jane"), Some((1, "Jane")));
        assert_eq!(unfinished("@jane "), None);
        assert_eq!(unfinished("jane@ex"), None);
    }

    proptest! {
        #[test]
        fn every_name_stands_where_it_is_said_to(text in "(@|[a-z.]| |ł|\n){0,40}") {
            for (place, name) in mentions(&text) {
                prop_assert_eq!(&text[place], format!("@{name}"));
            }
        }
    }
}
