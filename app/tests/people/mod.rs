//! The page of people, the bell and mentions, as the server renders them.

use crate::support::{Page, Team, author, get, time, user};
use axum::http::StatusCode;
use protocol::{Availability, ErrorCode, UnreadNotifications};

const PEOPLE: &str = "/w/flowra/people";
const ATTACK: &str = r#"<img src=x onerror="alert(1)">"#;

/// What stands under a heading, up to the next section.
fn section<'a>(page: &'a Page, id: &str) -> &'a str {
    let start = page
        .html
        .find(&format!(r#"aria-labelledby="{id}""#))
        .unwrap_or_else(|| panic!("no section {id} in {}", page.html));
    let rest = &page.html[start..];
    &rest[..rest.find("</section>").expect("a section ends")]
}

/// Somebody's row within a part of a page.
fn row(part: &str, n: u128) -> &str {
    let start = part
        .find(&format!(r#"data-user-id="{}""#, user(n)))
        .unwrap_or_else(|| panic!("no {n} in {part}"));
    let rest = &part[start..];
    &rest[..rest.find("</li>").expect("a row ends")]
}

fn text(html: &str) -> String {
    html.replace("<!>", "").replace("<!---->", "")
}

/// Bob is Jane's friend; Ann asks her; she has asked John, and blocked Eve.
fn team() -> Team {
    let mut team = Team::new();
    let bob = team.people.presence.users[2].clone();
    team.people.friends.friends = vec![bob];
    team.people.relations.incoming = vec![author(7, "Ann Lee")];
    team.people.relations.outgoing = vec![author(2, "John Smith")];
    team.people.relations.blocked = vec![author(8, "Eve Black")];
    team
}

#[tokio::test]
async fn everybody_is_rendered_with_their_presence_without_script() {
    let mut team = team();
    team.people.presence.users[1].availability = Some(Availability::Dnd);
    team.people.presence.users[1].status_text = "Writing".into();
    let page = get(team, PEOPLE).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.count("<h1"), 1);
    assert!(text(&page.html).contains("Everyone in Flowra"));
    let everyone = section(&page, "everyone");
    for (n, class) in [(1, "online"), (2, "dnd"), (3, "offline")] {
        let row = row(everyone, n);
        assert!(row.contains(&format!("presence-dot {class}")), "{row}");
    }
    assert!(row(everyone, 2).contains("Writing"));
    let bob = text(row(everyone, 3));
    assert!(bob.contains(r#"datetime="2026-11-21T10:00:00Z""#), "{bob}");
}

/// The server has lost touch with the one where John is connected.
#[tokio::test]
async fn somebody_of_whom_only_old_is_known_is_rendered_as_last_known_with_the_time() {
    let mut team = team();
    team.people.presence.users[1].as_of = Some(time("2026-11-21T09:58:00Z"));
    let page = get(team, PEOPLE).await;
    let everyone = section(&page, "everyone");
    let john = text(row(everyone, 2));
    assert!(john.contains("presence-dot online doubtful"), "{john}");
    assert!(john.contains("last known "), "{john}");
    assert!(
        john.contains(r#"datetime="2026-11-21T09:58:00Z""#),
        "{john}"
    );
    for other in [1, 3] {
        let row = text(row(everyone, other));
        assert!(!row.contains("known"), "{row}");
    }
}

#[tokio::test]
async fn each_stands_where_they_belong_with_what_can_be_done() {
    let page = get(team(), PEOPLE).await;
    let offers = |place: &str, n| {
        let part = row(section(&page, place), n).to_owned();
        move |deed: &str| part.contains(&format!(r#"aria-label="{deed}: "#))
    };
    let ann = offers("requests", 7);
    assert!(ann("Accept") && ann("Decline") && ann("Block"));
    let john = offers("requests", 2);
    assert!(john("Take back") && !john("Accept"));
    let bob = offers("friends", 3);
    assert!(bob("Message") && bob("Remove") && bob("Block"));
    let eve = offers("blocked", 8);
    assert!(eve("Unblock") && !eve("Message"));
    let (me, other) = (offers("everyone", 1), offers("everyone", 2));
    assert!(!me("Message") && !me("Block"));
    assert!(other("Message") && !other("Add friend"), "John was asked");
}

#[tokio::test]
async fn nothing_is_said_of_the_presence_of_those_who_ask_or_are_blocked() {
    let page = get(team(), PEOPLE).await;
    for place in ["requests", "blocked"] {
        assert!(!section(&page, place).contains("presence-dot"), "{place}");
    }
}

#[tokio::test]
async fn whom_one_has_blocked_does_not_stand_among_everyone() {
    let mut team = team();
    team.people.relations.blocked = vec![author(3, "Bob Wilson")];
    let page = get(team, PEOPLE).await;
    let bob = format!(r#"data-user-id="{}""#, user(3));
    assert!(!section(&page, "everyone").contains(&bob));
    assert!(section(&page, "blocked").contains(&bob));
}

#[tokio::test]
async fn without_friends_and_requests_the_page_says_what_to_do() {
    let page = get(Team::new(), PEOPLE).await;
    assert!(section(&page, "friends").contains("You have no friends here yet."));
    for id in ["requests", "blocked"] {
        assert!(!page.has(&format!(r#"aria-labelledby="{id}""#)), "{id}");
    }
}

#[tokio::test]
async fn names_and_statuses_with_html_in_them_are_text() {
    let mut team = team();
    team.people.members[1].display_name = ATTACK.into();
    team.people.members[1].username = ATTACK.into();
    team.people.presence.users[2].status_text = ATTACK.into();
    team.people.relations.incoming[0].display_name = ATTACK.into();
    team.people.friends.friends[0].display_name = ATTACK.into();
    team.workspace.workspace.name = ATTACK.into();
    let page = get(team, PEOPLE).await;
    let body = page.html.split("<body>").nth(1).unwrap();
    assert!(!body.contains("<img"), "{body}");
    assert!(!body.contains(r#"onerror="alert(1)">"#), "{body}");
    assert!(body.contains("&lt;img"));
}

#[tokio::test]
async fn nothing_is_said_of_presence_on_the_page_of_people_where_it_is_switched_off() {
    let mut team = team();
    team.workspace.features.presence = false;
    team.people.presence.users.clear();
    let page = get(team, PEOPLE).await;
    assert!(!section(&page, "everyone").contains("presence-dot"));
    assert!(page.has("Bob Wilson"));
}

#[tokio::test]
async fn a_page_of_people_that_cannot_be_had_says_why() {
    let team = Team::failing(ErrorCode::Unavailable, "The disk is full.");
    let page = get(team, PEOPLE).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.has("The disk is full."));
}

#[tokio::test]
async fn the_bell_says_how_many_wait() {
    let mut team = Team::new();
    assert!(
        get(team.clone(), PEOPLE)
            .await
            .has(r#"aria-label="Notifications""#)
    );
    for (unread, label, badge) in [
        (3, "Notifications, 3 unread", ">3<"),
        (120, "Notifications, 120 unread", ">99+<"),
    ] {
        team.workspace.unread_notifications = UnreadNotifications { unread, version: 1 };
        let page = get(team.clone(), PEOPLE).await;
        let bell = page.after(&format!(r#"aria-label="{label}""#));
        assert!(bell.contains(badge), "{bell}");
    }
}

#[tokio::test]
async fn members_are_marked_where_a_message_names_them_and_oneself_more() {
    let mut team = Team::new();
    team.chat.history.messages[0].text = format!("@bob and @jane and @nobody {ATTACK}");
    let page = get(team, "/w/flowra/c/general").await;
    let html = text(&page.html);
    assert!(
        html.contains(r#"<span class="mention">@bob</span>"#),
        "{html}"
    );
    assert!(html.contains(r#"<span class="mention own">@jane</span>"#));
    assert!(html.contains(" and @nobody &lt;img"));
    let body = page.html.split("<body>").nth(1).unwrap();
    assert!(!body.contains("<img"), "{body}");
}

#[tokio::test]
async fn an_edited_message_keeps_its_marks_and_its_note() {
    let mut team = Team::new();
    team.chat.history.messages[1].text = "Thanks @jane".into();
    team.chat.history.messages[1].edited_at = Some(time("2026-11-21T09:09:00Z"));
    let page = get(team, "/w/flowra/c/general").await;
    assert!(text(&page.html).contains(r#"<span class="mention own">@jane</span>"#));
    assert!(page.has("(edited)"));
}
