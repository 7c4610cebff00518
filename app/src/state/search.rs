//! Finding people by what one remembers of their names, and the order of names in lists.

use uuid::Uuid;

/// A text as it is compared: without regard to case, to spaces around it, and to the `@` before a
/// username.
#[must_use]
pub fn fold(text: &str) -> String {
    text.trim().trim_start_matches('@').to_lowercase()
}

/// How well a person's names fit what was written, folded: the smaller the better, nothing when
/// they do not. Each word written is the beginning of a word of theirs; nothing written fits all.
#[must_use]
pub fn rank(written: &str, username: &str, display_name: &str) -> Option<u8> {
    let (username, name) = (fold(username), fold(display_name));
    if username.starts_with(written) {
        return Some(0);
    }
    if name.starts_with(written) {
        return Some(1);
    }
    let begins_a_word = |part: &str| {
        let words = name.split(|c: char| !c.is_alphanumeric());
        let mut words = words.chain(username.split(['.', '-', '_']));
        words.any(|word| word.starts_with(part))
    };
    written.split_whitespace().all(begins_a_word).then_some(2)
}

/// Brings a list into the order of a rank and of names without regard to case; ids decide between
/// equals. All lists have one kind of key, so that the browser gets one way to sort.
pub fn sort_by_name<T>(list: &mut [T], key: impl Fn(&T) -> (u8, &str, Uuid)) {
    list.sort_by_cached_key(|item| {
        let (rank, name, id) = key(item);
        (rank, name.to_lowercase(), id)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(written: &str) -> Option<u8> {
        rank(&fold(written), "j.doe", "Jané van der Doe")
    }

    #[test]
    fn a_person_is_found_by_the_beginning_of_any_word_of_their_names() {
        for written in ["", "j", "J.D", "doe", "Van", "jané van", "doe jan", " DER "] {
            assert!(finds(written).is_some(), "{written}");
        }
    }

    #[test]
    fn a_person_is_not_found_by_the_middle_of_a_word_or_by_one_word_too_many() {
        for written in ["oe", "ané", "jan smith", "jane@"] {
            assert_eq!(finds(written), None, "{written}");
        }
    }

    #[test]
    fn the_username_fits_best_then_the_beginning_of_the_name() {
        assert!(finds("j.d") < finds("jané"));
        assert!(finds("jané") < finds("doe"));
    }
}
