use leptos::prelude::*;
use protocol::UserId;

/// Hues in style/avatar.css.
const HUES: u128 = 12;

/// A person's initials on a colour that is always theirs. Decoration: the name stands beside it.
pub fn avatar(user_id: UserId, name: &str) -> impl IntoView + use<> {
    view! {
        // The style sheet draws the initials: no text that is read, found or copied.
        <span
            class="avatar"
            data-hue=hue(user_id).to_string()
            data-initials=initials(name)
            aria-hidden="true"
        ></span>
    }
    .into_any()
}

/// The random end of a UUID v7 spreads better than its beginning, which is the time.
fn hue(user_id: UserId) -> u128 {
    user_id.as_uuid().as_u128() % HUES
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next();
    let last = words.next_back();
    [first, last]
        .into_iter()
        .flatten()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_the_first_letters_of_the_first_and_last_word() {
        assert_eq!(initials("Jane Doe"), "JD");
        assert_eq!(initials("jane van der doe"), "JD");
        assert_eq!(initials("cher"), "C");
        assert_eq!(initials("(ops) Bot"), "OB");
        assert_eq!(initials("日本 太郎"), "日太");
        assert_eq!(initials("---"), "");
    }
}
