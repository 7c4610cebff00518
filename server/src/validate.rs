//! What people may call themselves and their things, and what they may say.
//!
//! Any writing system, any symbol: text is stored as it is meant and shown as text only. What is
//! refused is what nobody can see, what breaks a line where there is one line, and what is too long.

use protocol::{
    ErrorCode,
    limits::{
        MAX_DISPLAY_NAME_CHARS, MAX_MENTIONS, MAX_MESSAGE_CHARS, MAX_NAME_CHARS,
        MAX_PASSWORD_BYTES, MAX_STATUS_CHARS, MAX_TOPIC_CHARS, MAX_USERNAME_CHARS,
        MIN_PASSWORD_CHARS,
    },
};
use std::{collections::HashSet, fmt};

/// Why a text was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// For programs.
    pub code: ErrorCode,
    /// A sentence that helps.
    pub message: String,
}

/// A message: without the space around it, its lines ended by `\n`.
///
/// # Errors
/// When there is nothing to see, it is too long, or it holds control characters other than tabs and
/// line ends.
pub fn message_text(text: &str) -> Result<String, Invalid> {
    let text = text.replace("\r\n", "\n");
    let is_allowed = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    visible(&text, "message", MAX_MESSAGE_CHARS, is_allowed)
}

/// The usernames that a message mentions, in lower case, each once.
///
/// # Errors
/// When they are too many.
pub fn mentions(text: &str) -> Result<Vec<String>, Invalid> {
    let mut seen = HashSet::new();
    let names: Vec<_> = protocol::mention::mentions(text)
        .map(|(_, name)| name.to_ascii_lowercase())
        .filter(|name| name.len() <= MAX_USERNAME_CHARS && seen.insert(name.clone()))
        .take(MAX_MENTIONS + 1)
        .collect();
    if names.len() > MAX_MENTIONS {
        return Err(Invalid {
            code: ErrorCode::TooLarge,
            message: format!("A message can mention at most {MAX_MENTIONS} people."),
        });
    }
    Ok(names)
}

/// What a person says of themselves, which may be empty.
///
/// # Errors
/// When it is too long or more than one line.
pub fn status_text(text: &str) -> Result<String, Invalid> {
    if is_blank(text) {
        return Ok(String::new());
    }
    visible(text, "status", MAX_STATUS_CHARS, is_inline)
}

/// A workspace's name.
///
/// # Errors
/// When there is nothing to see, it is too long, or it is more than one line.
pub fn name(text: &str) -> Result<String, Invalid> {
    visible(text, "name", MAX_NAME_CHARS, is_inline)
}

/// A chat's name, without the `#` that people put before it.
///
/// # Errors
/// As [`name`].
pub fn chat_name(text: &str) -> Result<String, Invalid> {
    name(text.trim_start_matches(|c: char| c == '#' || c.is_whitespace()))
}

/// A chat's topic, which may be empty.
///
/// # Errors
/// When it is too long or more than one line.
pub fn topic(text: &str) -> Result<String, Invalid> {
    if is_blank(text) {
        return Ok(String::new());
    }
    visible(text, "topic", MAX_TOPIC_CHARS, is_inline)
}

/// The name that others see.
///
/// # Errors
/// As [`name`].
pub fn display_name(text: &str) -> Result<String, Invalid> {
    visible(text, "display name", MAX_DISPLAY_NAME_CHARS, is_inline)
}

/// The name used to sign in, in lower case.
///
/// # Errors
/// When it is empty, too long, or has anything but ASCII letters, digits and `.`, `-`, `_` between
/// them.
pub fn username(text: &str) -> Result<String, Invalid> {
    let text = text.trim().to_ascii_lowercase();
    if text.is_empty() {
        return Err(Invalid::empty("username"));
    }
    check_length("username", text.chars().count(), MAX_USERNAME_CHARS)?;
    let is_edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !text.starts_with(is_edge)
        || !text.ends_with(is_edge)
        || !text
            .chars()
            .all(|c| is_edge(c) || matches!(c, '.' | '-' | '_'))
    {
        return Err(Invalid::bad(
            "A username consists of the letters a to z and digits, with dots, hyphens and \
             underscores between them."
                .to_owned(),
        ));
    }
    Ok(text)
}

/// A new password, which is taken as it is (NIST SP 800-63B §5.1.1.2: any character, no rules of
/// composition).
///
/// # Errors
/// When it is too short or too long.
pub fn password(text: &str) -> Result<(), Invalid> {
    if text.chars().count() < MIN_PASSWORD_CHARS {
        return Err(Invalid::bad(format!(
            "The password is too short: it needs at least {MIN_PASSWORD_CHARS} characters."
        )));
    }
    if text.len() > MAX_PASSWORD_BYTES {
        return Err(Invalid {
            code: ErrorCode::TooLarge,
            message: format!("The password is too long: at most {MAX_PASSWORD_BYTES} bytes."),
        });
    }
    Ok(())
}

impl Invalid {
    fn bad(message: String) -> Self {
        Self {
            code: ErrorCode::BadRequest,
            message,
        }
    }

    fn empty(what: &str) -> Self {
        Self::bad(format!("The {what} is empty."))
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

fn visible(
    text: &str,
    what: &str,
    max: usize,
    is_allowed: impl Fn(char) -> bool,
) -> Result<String, Invalid> {
    let text = text.trim();
    if is_blank(text) {
        return Err(Invalid::empty(what));
    }
    check_length(what, text.chars().count(), max)?;
    if let Some(refused) = text.chars().find(|c| !is_allowed(*c)) {
        return Err(Invalid::bad(format!(
            "The {what} contains a control character (U+{:04X}).",
            u32::from(refused)
        )));
    }
    Ok(text.to_owned())
}

fn check_length(what: &str, chars: usize, max: usize) -> Result<(), Invalid> {
    if chars <= max {
        return Ok(());
    }
    Err(Invalid {
        code: ErrorCode::TooLarge,
        message: format!(
            "The {what} is too long: {chars} characters, and at most {max} are allowed."
        ),
    })
}

/// Neither a control character nor a line break (Unicode's Zl and Zp).
fn is_inline(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether there is nothing to see.
fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Unicode's Default_Ignorable_Code_Point, and the blank of Braille.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOTHING: [&str; 6] = [
        "",
        " ",
        "\n\t\r\n",
        "\u{200B}\u{FEFF}",
        "\u{3164}",
        "\u{3000}\0",
    ];

    #[test]
    fn what_nobody_can_see_is_empty() {
        for text in NOTHING {
            for check in [message_text, name, chat_name, display_name] {
                let refused = check(text).unwrap_err();
                assert_eq!(refused.code, ErrorCode::BadRequest);
                assert!(
                    refused.message.ends_with("is empty."),
                    "{text:?}: {refused}"
                );
            }
            assert_eq!(topic(text).unwrap(), "");
        }
        assert_eq!(chat_name(" ## ").unwrap_err().message, "The name is empty.");
    }

    #[test]
    fn any_writing_and_any_markup_is_text() {
        for text in [
            "日本語",
            "<b>'; DROP TABLE users; --</b>",
            "🙂👩‍👩‍👧",
            "שלום",
            "a\u{202E}b",
            "{{7*7}}",
        ] {
            for check in [message_text, name, chat_name, display_name, topic] {
                assert_eq!(check(text).unwrap(), text);
            }
        }
    }

    #[test]
    fn lengths_are_counted_in_characters_and_the_longest_passes() {
        type Check = fn(&str) -> Result<String, Invalid>;
        let limits: [(Check, usize); 4] = [
            (message_text, MAX_MESSAGE_CHARS),
            (name, MAX_NAME_CHARS),
            (display_name, MAX_DISPLAY_NAME_CHARS),
            (topic, MAX_TOPIC_CHARS),
        ];
        for (check, max) in limits {
            assert!(check(&"日".repeat(max)).is_ok());
            let refused = check(&"日".repeat(max + 1)).unwrap_err();
            assert_eq!(refused.code, ErrorCode::TooLarge);
            assert!(
                refused.message.contains(&format!("at most {max} ")),
                "{refused}"
            );
        }
    }

    #[test]
    fn lines_and_tabs_belong_to_messages_only() {
        assert_eq!(message_text(" a\r\n\tb\n").unwrap(), "a\n\tb");
        for text in ["a\nb", "a\tb", "a\u{2028}b", "a\0b", "a\u{7F}b"] {
            for check in [name, chat_name, display_name, topic] {
                assert_eq!(
                    check(text).unwrap_err().code,
                    ErrorCode::BadRequest,
                    "{text:?}"
                );
            }
        }
        assert_eq!(
            message_text("a\0b").unwrap_err().message,
            "The message contains a control character (U+0000)."
        );
    }

    #[test]
    fn a_chat_name_has_no_number_sign() {
        assert_eq!(chat_name(" #general ").unwrap(), "general");
        assert_eq!(chat_name("c#").unwrap(), "c#");
    }

    #[test]
    fn a_username_is_plain_and_lower_case() {
        assert_eq!(username(" Jane.Doe-2_x ").unwrap(), "jane.doe-2_x");
        for text in [
            "jäne", "jane doe", ".jane", "jane-", "ja/ne", "jane\0", "<jane>", "-",
        ] {
            assert_eq!(
                username(text).unwrap_err().code,
                ErrorCode::BadRequest,
                "{text:?}"
            );
        }
        assert_eq!(username(" ").unwrap_err().message, "The username is empty.");
        assert!(username(&"a".repeat(32)).is_ok());
        assert_eq!(
            username(&"a".repeat(33)).unwrap_err().code,
            ErrorCode::TooLarge
        );
    }

    #[test]
    fn a_password_may_be_anything_but_short_or_huge() {
        for text in [
            "12345678",
            "        ",
            "日本語日本語日本",
            "\0\0\0\0\0\0\0\0",
        ] {
            assert_eq!(password(text), Ok(()));
        }
        assert_eq!(password("1234567").unwrap_err().code, ErrorCode::BadRequest);
        assert_eq!(
            password(&"x".repeat(1_025)).unwrap_err().code,
            ErrorCode::TooLarge
        );
    }

    proptest! {
        #[test]
        fn what_passes_once_passes_unchanged_again(text in any::<String>()) {
            for check in [message_text, name, chat_name, display_name, topic, username] {
                if let Ok(passed) = check(&text) {
                    prop_assert_eq!(check(&passed), Ok(passed.clone()));
                    prop_assert!(!passed.contains('\0'));
                }
            }
        }
    }
}
