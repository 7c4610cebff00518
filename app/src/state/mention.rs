//! Who is meant by a name that is being written, and who is named in what was.

use super::search::{fold, rank};
use crate::page::Member;
use protocol::{
    UserId,
    mention::{mentions, unfinished},
};
use std::ops::Range;

/// As many are offered as are seen at a glance.
const MAX_CANDIDATES: usize = 8;

/// The people whom an unfinished mention may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// Where the mention stands in the text, its `@` included, in bytes.
    pub place: Range<usize>,
    /// Whom it may mean, best first; never empty.
    pub members: Vec<Member>,
}

impl Candidates {
    /// Whom the name that ends at `caret`, in bytes, may mean; nothing when no name is being
    /// written or nobody has one like it.
    #[must_use]
    pub fn find(text: &str, caret: usize, members: &[Member]) -> Option<Self> {
        let (start, name) = unfinished(text.get(..caret)?)?;
        let name = fold(name);
        let mut found: Vec<_> = members
            .iter()
            .filter_map(|member| {
                let rank = rank(&name, &member.username, &member.display_name)?;
                Some((rank, fold(&member.display_name), member))
            })
            .collect();
        found.sort_by(|(rank, name, member), (other_rank, other_name, other)| {
            (rank, name, &member.username).cmp(&(other_rank, other_name, &other.username))
        });
        let members: Vec<_> = found
            .into_iter()
            .take(MAX_CANDIDATES)
            .map(|(_, _, member)| member.clone())
            .collect();
        (!members.is_empty()).then_some(Self {
            place: start..caret,
            members,
        })
    }

    /// The text with the mention of a person finished and a space after it, and where the caret
    /// then stands, in bytes. The text is the one in which they were found.
    #[must_use]
    pub fn apply(&self, text: &str, member: &Member) -> (String, usize) {
        let before = text.get(..self.place.start).unwrap_or(text);
        let after = text.get(self.place.end..).unwrap_or_default();
        // What was there of the name beyond the caret is part of it; another word is not.
        let written = text.get(self.place.start + 1..self.place.end);
        let written = written.map_or(0, str::len);
        let rest = after.len()
            - after
                .trim_start_matches(|c: char| c.is_ascii_alphanumeric())
                .len();
        let is_of_name = member
            .username
            .get(written..)
            .is_some_and(|left| left.eq_ignore_ascii_case(&after[..rest]));
        let after = if is_of_name { &after[rest..] } else { after };
        let after = after.strip_prefix(' ').unwrap_or(after);
        let finished = format!("{before}@{} ", member.username);
        let caret = finished.len();
        (finished + after, caret)
    }
}

/// What a key does while people are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuAct {
    /// Moves to one of them.
    Move(usize),
    /// Takes the one that is chosen.
    Choose,
    /// Offers nobody any more.
    Close,
}

impl MenuAct {
    /// What a key does while the one at `chosen` of `count` is; nothing when it is the text's.
    #[must_use]
    pub fn of(key: &str, is_shifted: bool, chosen: usize, count: usize) -> Option<Self> {
        match key {
            "ArrowDown" => Some(Self::Move((chosen + 1) % count)),
            "ArrowUp" => Some(Self::Move((chosen + count - 1) % count)),
            "Enter" | "Tab" if !is_shifted => Some(Self::Choose),
            "Escape" => Some(Self::Close),
            _ => None,
        }
    }
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// The name of a member of the chat, with its `@`.
    Mention {
        /// As it is written.
        text: String,
        /// Whether it names the reader.
        is_own: bool,
    },
}

/// A message in parts: mentions of members of the chat, and what stands between them. Names of
/// others are words.
#[must_use]
pub fn pieces(text: &str, members: &[Member], reader: Option<UserId>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut done = 0;
    for (place, name) in mentions(text) {
        let named = members
            .iter()
            .find(|member| member.username.eq_ignore_ascii_case(name));
        let Some(named) = named else { continue };
        if done < place.start {
            pieces.push(Piece::Text(text[done..place.start].to_owned()));
        }
        pieces.push(Piece::Mention {
            text: text[place.clone()].to_owned(),
            is_own: Some(named.user_id) == reader,
        });
        done = place.end;
    }
    if done < text.len() {
        pieces.push(Piece::Text(text[done..].to_owned()));
    }
    pieces
}

/// A place in a text as browsers count, in UTF-16 units, of one in bytes.
#[must_use]
pub fn utf16_place(text: &str, place: usize) -> usize {
    text[..place].chars().map(char::len_utf16).sum()
}

/// A place in a text in bytes, of one as browsers count, in UTF-16 units; the end of the text when
/// it has fewer.
#[must_use]
pub fn byte_place(text: &str, utf16: usize) -> usize {
    let mut units = 0;
    text.char_indices()
        .find(|(_, c)| {
            let is_there = units >= utf16;
            units += c.len_utf16();
            is_there
        })
        .map_or(text.len(), |(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::samples::user;
    use proptest::prelude::*;

    fn members(names: &[(&str, &str)]) -> Vec<Member> {
        (1..)
            .zip(names)
            .map(|(n, (username, display_name))| Member {
                user_id: user(n),
                username: (*username).to_owned(),
                display_name: (*display_name).to_owned(),
                role: None,
            })
            .collect()
    }

    fn team() -> Vec<Member> {
        members(&[
            ("bob", "Bob Wilson"),
            ("wilma", "Wilma Bobson"),
            ("jane", "Jane Doe"),
            ("j.smith", "John Smith"),
        ])
    }

    fn offered(text: &str) -> Vec<String> {
        Candidates::find(text, text.len(), &team()).map_or_else(Vec::new, |found| {
            found.members.into_iter().map(|it| it.username).collect()
        })
    }

    #[test]
    fn choosing_takes_in_the_rest_of_the_name_and_leaves_another_word_alone() {
        let applied = |text: &str, caret: usize| {
            let found = Candidates::find(text, caret, &team()).unwrap();
            found.apply(text, &found.members[0]).0
        };
        assert_eq!(applied("Ask @bob", 7), "Ask @bob ");
        assert_eq!(applied("before @boafter", 10), "before @bob after");
        assert_eq!(applied("@bo please", 3), "@bob please");
    }

    #[test]
    fn everybody_is_offered_by_name_before_a_letter_is_written() {
        assert_eq!(offered("Ask @"), ["bob", "jane", "j.smith", "wilma"]);
    }

    #[test]
    fn the_username_counts_more_than_the_name_and_the_first_word_more_than_the_others() {
        assert_eq!(offered("@wil"), ["wilma", "bob"]);
        assert_eq!(offered("@BOB"), ["bob", "wilma"]);
        assert_eq!(offered("@j"), ["jane", "j.smith"]);
        assert_eq!(offered("@smi"), ["j.smith"]);
    }

    #[test]
    fn nobody_is_offered_where_no_name_is_written_or_nobody_has_one_like_it() {
        for text in ["", "jane", "mail@jane", "@jane ", "@xyz"] {
            assert_eq!(offered(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn no_more_than_eight_are_offered() {
        let names: Vec<_> = (0..20).map(|n| format!("jane{n}")).collect();
        let names: Vec<_> = names.iter().map(|it| (it.as_str(), "Jane")).collect();
        let found = Candidates::find("@ja", 3, &members(&names)).unwrap();
        assert_eq!(found.members.len(), 8);
    }

    fn chosen(before: &str, after: &str) -> (String, usize) {
        let text = format!("{before}{after}");
        let found = Candidates::find(&text, before.len(), &team()).unwrap();
        found.apply(&text, &found.members[0])
    }

    #[test]
    fn choosing_finishes_the_name_and_puts_the_caret_after_one_space() {
        assert_eq!(chosen("Ask @ja", ""), ("Ask @jane ".into(), 10));
        assert_eq!(chosen("Ask @ja", " now"), ("Ask @jane now".into(), 10));
        assert_eq!(chosen("Ask @ja", "ne now"), ("Ask @jane now".into(), 10));
        assert_eq!(chosen("(@ja", ")"), ("(@jane )".into(), 7));
        assert_eq!(chosen("😀 @ja", "\n"), ("😀 @jane \n".into(), 11));
    }

    #[test]
    fn keys_move_in_a_circle_choose_and_close_and_leave_the_rest_to_the_text() {
        let act = |key, chosen| MenuAct::of(key, false, chosen, 3);
        assert_eq!(act("ArrowDown", 2), Some(MenuAct::Move(0)));
        assert_eq!(act("ArrowUp", 0), Some(MenuAct::Move(2)));
        assert_eq!(act("Enter", 0), Some(MenuAct::Choose));
        assert_eq!(act("Tab", 0), Some(MenuAct::Choose));
        assert_eq!(act("Escape", 0), Some(MenuAct::Close));
        assert_eq!(act("a", 0), None);
        assert_eq!(MenuAct::of("Enter", true, 0, 3), None);
    }

    #[test]
    fn members_are_marked_whatever_the_case_and_others_are_not() {
        let found = pieces("@Bob, ask @jane or @nobody", &team(), Some(user(3)));
        let mention = |text: &str, is_own| Piece::Mention {
            text: text.into(),
            is_own,
        };
        assert_eq!(
            found,
            [
                mention("@Bob", false),
                Piece::Text(", ask ".into()),
                mention("@jane", true),
                Piece::Text(" or @nobody".into()),
            ]
        );
    }

    proptest! {
        #[test]
        fn no_character_is_lost_or_added_by_marking(
            text in "(@(bob|jane|x)|[ .,<ł\n]|[a-z]){0,30}",
        ) {
            let whole: String = pieces(&text, &team(), None)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) | Piece::Mention { text, .. } => text,
                })
                .collect();
            prop_assert_eq!(whole, text);
        }

        #[test]
        fn places_are_the_same_in_bytes_and_as_browsers_count(text in "[a-zł😀@]{0,20}") {
            for (place, _) in text.char_indices() {
                prop_assert_eq!(byte_place(&text, utf16_place(&text, place)), place);
            }
            prop_assert_eq!(byte_place(&text, usize::MAX), text.len());
        }

        #[test]
        fn choosing_keeps_everything_before_the_name(
            before in "[a-z ł]{0,10}",
            after in "[a-z ,ł\n]{0,10}",
        ) {
            let (text, caret) = chosen(&format!("{before} @ja"), &after);
            prop_assert!(text[..caret].ends_with(" @jane "));
            prop_assert!(text.starts_with(&before));
        }
    }
}
