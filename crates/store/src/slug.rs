//! Slugs: the part of an address that stands for a chat or a workspace.

use std::collections::HashSet;

/// The longest slug, in ASCII characters, with its number.
pub(crate) const MAX_CHARS: usize = 48;

/// Room for `-` and a number.
const NUMBER_CHARS: usize = 8;

/// What a name's slug begins with, and whether it must bear a number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stem {
    text: String,
    is_fallback: bool,
}

impl Stem {
    /// The lower-case ASCII letters and digits of `name`, with one hyphen for whatever stands
    /// between them; or `fallback`, if there are none.
    pub(crate) fn of(name: &str, fallback: &str) -> Self {
        let mut text = String::new();
        for character in name.chars() {
            if text.len() == MAX_CHARS - NUMBER_CHARS {
                break;
            }
            if character.is_ascii_alphanumeric() {
                text.push(character.to_ascii_lowercase());
            } else if !text.is_empty() && !text.ends_with('-') {
                text.push('-');
            }
        }
        text.truncate(text.trim_end_matches('-').len());
        let is_fallback = text.is_empty();
        if is_fallback {
            text.push_str(fallback);
        }
        Self { text, is_fallback }
    }

    /// A pattern for LIKE that matches every slug with this stem, among others. Slugs contain none
    /// of its wildcards.
    pub(crate) fn pattern(&self) -> String {
        format!("{}%", self.text)
    }

    /// The first of `stem`, `stem-2`, `stem-3` … that is not taken; a fallback begins with `-1`.
    pub(crate) fn free(&self, taken: &HashSet<String>) -> String {
        let bare = (!self.is_fallback).then(|| self.text.clone());
        let first = if self.is_fallback { 1 } else { 2 };
        bare.into_iter()
            .chain((first..=u64::MAX).map(|number| format!("{}-{number}", self.text)))
            .find(|slug| !taken.contains(slug))
            .expect("there are more numbers than slugs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slug(name: &str, taken: &[&str]) -> String {
        let taken = taken.iter().map(|&slug| slug.to_owned()).collect();
        Stem::of(name, "chat").free(&taken)
    }

    #[test]
    fn a_slug_keeps_the_letters_and_digits_of_the_name() {
        assert_eq!(slug("general", &[]), "general");
        assert_eq!(slug("  Q3 / Road-map!! ", &[]), "q3-road-map");
        assert_eq!(
            slug("<b>'; DROP TABLE users; --</b>", &[]),
            "b-drop-table-users-b"
        );
    }

    #[test]
    fn a_taken_slug_gets_the_next_number() {
        assert_eq!(slug("General", &["general"]), "general-2");
        assert_eq!(slug("General", &["general", "general-2"]), "general-3");
        assert_eq!(slug("General", &["general-2"]), "general");
    }

    #[test]
    fn a_name_without_ascii_letters_falls_back_to_a_number() {
        assert_eq!(slug("日本語", &[]), "chat-1");
        assert_eq!(slug("", &["chat", "chat-1"]), "chat-2");
        assert_eq!(slug("---", &[]), "chat-1");
    }

    proptest! {
        #[test]
        fn every_name_gives_a_short_free_slug_of_safe_characters(
            name in ".{0,120}",
            count in 0_usize..20,
        ) {
            let mut taken = HashSet::new();
            for _ in 0..=count {
                let stem = Stem::of(&name, "workspace");
                let slug = stem.free(&taken);
                prop_assert!(!slug.is_empty() && slug.len() <= MAX_CHARS, "{slug}");
                prop_assert!(slug.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')));
                prop_assert!(!slug.starts_with('-') && !slug.ends_with('-'));
                prop_assert!(slug.starts_with(stem.pattern().trim_end_matches('%')));
                prop_assert!(taken.insert(slug));
            }
        }
    }
}
