//! Pages as the server renders them, which is all that a reader without script ever gets.

mod people;
mod support;

use axum::http::StatusCode;
use protocol::{
    Availability, Chat, ErrorCode, LastSeenAudience, Mode, PresenceEntry, Relations, Timestamp,
};
use support::{Team, author, direct, get, get_with_cookie, message, time, user};

const GENERAL: &str = "/w/flowra/c/general";

/// The text of a page, with what Leptos puts between texts taken away.
fn text(html: &str) -> String {
    html.replace("<!>", "").replace("<!---->", "")
}

#[tokio::test]
async fn a_chat_is_rendered_whole_without_script() {
    let page = get(Team::new(), GENERAL).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.has("The chapter is ready."));
    assert!(page.has("Task: Update documentation"));
    assert!(
        page.has("<title>(3) #general · Rollcall</title>"),
        "{}",
        page.html
    );
    assert_eq!(page.count(r#"data-state="sent""#), 3);
    assert_eq!(page.count("<h1"), 1);
}

#[tokio::test]
async fn members_and_their_presence_are_rendered_without_script() {
    let page = get(Team::new(), GENERAL).await;
    for (n, class) in [(1, "online"), (2, "online"), (3, "offline")] {
        let member = page.after(&format!(r#"data-user-id="{}""#, user(n)));
        let dot = member.find("presence-dot ").unwrap();
        assert!(
            member[dot..].starts_with(&format!("presence-dot {class}")),
            "{member}"
        );
    }
    assert_eq!(
        text(&page.html).matches("2 online").count(),
        2,
        "in the header and in the list"
    );
}

#[tokio::test]
async fn the_online_stand_before_the_offline_in_the_list() {
    let page = get(Team::new(), GENERAL).await;
    let place = |n| {
        page.html
            .find(&format!(r#"data-user-id="{}""#, user(n)))
            .unwrap()
    };
    assert!(place(1) < place(2) && place(2) < place(3));
}

#[tokio::test]
async fn a_members_last_seen_is_rendered_without_script_as_a_date() {
    let page = get(Team::new(), GENERAL).await;
    let member = text(page.after(&format!(r#"data-user-id="{}""#, user(3))));
    assert!(member.contains("Last seen "), "{member}");
    assert!(
        member.contains(r#"datetime="2026-11-21T10:00:00Z""#),
        "{member}"
    );
    assert!(member.contains(">21 November 2026</time>"), "{member}");
}

/// The server has lost touch with the one where John is connected.
#[tokio::test]
async fn a_member_of_whom_only_old_is_known_is_rendered_as_last_known_with_the_time() {
    let mut team = Team::new();
    team.chat.presence.users[1].as_of = Some(time("2026-11-21T09:58:00Z"));
    let page = get(team, GENERAL).await;
    let john = text(page.after(&format!(r#"data-user-id="{}""#, user(2))));
    let john = &john[..john.find("</li>").unwrap()];
    assert!(john.contains("presence-dot online doubtful"), "{john}");
    assert!(john.contains("Last known "), "{john}");
    assert!(
        john.contains(r#"datetime="2026-11-21T09:58:00Z""#),
        "{john}"
    );
    assert_eq!(page.count("Last known "), 1, "and nobody else");
}

#[tokio::test]
async fn times_are_rendered_in_utc_until_the_reader_is_known() {
    let page = get(Team::new(), GENERAL).await;
    assert!(text(&page.html).contains(">16:42</time>"));
    assert!(text(&page.html).contains(">20 November 2026</time>"));
}

#[tokio::test]
async fn messages_are_grouped_by_author_and_day() {
    let page = get(Team::new(), GENERAL).await;
    assert_eq!(page.count(r#"class="separator""#), 2, "two days");
    assert_eq!(page.count("message continued"), 1, "Bob's second message");
}

#[tokio::test]
async fn a_name_and_a_message_with_html_in_them_are_text() {
    let mut team = Team::new();
    let attack = r#"<img src=x onerror="alert(1)">"#;
    team.chat.members[1].display_name = attack.into();
    team.chat.chat.topic = attack.into();
    team.workspace.chats[0].name = attack.into();
    team.chat.history.messages[0].text = format!("{attack}</script>");
    team.chat.history.messages[0].author.display_name = attack.into();
    let page = get(team, GENERAL).await;
    let body = page.html.split("<body>").nth(1).unwrap();
    assert!(!body.contains("<img"), "{body}");
    assert!(body.contains("&lt;img"));
    assert!(!body.contains(r#"onerror="alert(1)">"#), "{body}");
}

#[tokio::test]
async fn the_first_unread_message_stands_below_a_line() {
    let mut team = Team::new();
    team.chat.chat.read_offset = 1;
    team.chat.chat.unread = 2;
    let page = get(team, GENERAL).await;
    let line = page.html.find("unread-line").unwrap();
    assert!(page.html.find("The chapter").unwrap() < line);
    assert!(line < page.html.find("Looking at it").unwrap());
    assert_eq!(page.count("unread-line"), 1);
}

#[tokio::test]
async fn an_edited_message_says_so_and_a_deleted_one_leaves_a_note() {
    let mut team = Team::new();
    let at = Some(time("2026-11-21T09:09:00Z"));
    team.chat.history.messages[1].edited_at = at;
    team.chat.history.messages[2].deleted_at = at;
    team.chat.history.messages[2].text = String::new();
    let page = get(team, GENERAL).await;
    assert!(page.has("(edited)"));
    assert!(page.has("This message was deleted."));
}

#[tokio::test]
async fn only_ones_own_messages_can_be_edited() {
    let page = get(Team::new(), GENERAL).await;
    assert_eq!(page.count("Edit the message"), 1);
    let own = page.after(&format!(
        r#"data-message-id="{}""#,
        message(1, (1, ""), "", "2026-01-01T00:00:00Z").id
    ));
    assert!(own.contains("Edit the message"));
}

#[tokio::test]
async fn the_composer_is_a_form_that_posts_without_script() {
    let page = get(Team::new(), GENERAL).await;
    assert!(page.has(&format!(
        r#"<form method="post" action="{GENERAL}" class="composer">"#
    )));
    let area = page.after("<textarea");
    assert!(
        area.contains(r#"name="text""#) && area.contains(r#"aria-label="Message""#),
        "{area}"
    );
}

#[tokio::test]
async fn a_message_refused_without_script_is_told_why() {
    let page = get(Team::new(), &format!("{GENERAL}?error=text_long")).await;
    assert!(page.has("This message is too long."));
}

#[tokio::test]
async fn who_has_not_joined_reads_along_and_can_join_without_script() {
    let mut team = Team::new();
    team.chat.chat.role = None;
    team.chat.presence.users.clear();
    let page = get(team, GENERAL).await;
    assert!(page.has("The chapter is ready."));
    assert!(!page.has(r#"class="composer""#));
    assert!(page.has(r#"/join""#));
    assert!(
        !text(&page.html).contains("0 online"),
        "nothing is claimed of presence"
    );
    assert!(page.has("presence-dot unknown"));
}

#[tokio::test]
async fn nothing_is_said_of_presence_where_it_is_switched_off() {
    let mut team = Team::new();
    team.workspace.features.presence = false;
    team.chat.presence.users.clear();
    let page = get(team, GENERAL).await;
    assert!(!page.has("presence-dot"));
    assert!(!page.has("online-count"));
    assert!(page.has("Bob Wilson"));
}

#[tokio::test]
async fn an_empty_chat_says_what_to_do() {
    let mut team = Team::new();
    team.chat.history.messages.clear();
    let page = get(team, GENERAL).await;
    assert!(page.has("say hello"));
}

#[tokio::test]
async fn the_sidebar_shows_what_is_unread_and_what_can_be_joined() {
    let page = get(Team::new(), GENERAL).await;
    let link = page.after(r#"href="/w/flowra/c/design""#);
    assert!(text(link).contains(r#"class="badge">3"#), "{link}");
    assert!(page.has("Browse"));
    assert!(page.has(r#"href="/w/flowra/c/random""#));
    let here = page.after(r#"href="/w/flowra/c/general""#);
    assert!(here[..200].contains(r#"aria-current="page""#), "{here}");
}

#[tokio::test]
async fn a_workspace_without_a_chat_chosen_says_what_to_do() {
    let page = get(Team::new(), "/w/flowra").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.has("Choose a chat from the list"));
    let mut team = Team::new();
    team.workspace.chats.clear();
    team.workspace.joinable.clear();
    let page = get(team, "/w/flowra").await;
    assert!(page.has("There are no chats yet."));
}

#[tokio::test]
async fn an_unknown_chat_a_foreign_workspace_and_a_stray_address_are_real_404s() {
    for address in [
        "/w/flowra/c/nowhere",
        "/w/foreign/c/general",
        "/w/foreign",
        "/nowhere",
    ] {
        let page = get(Team::new(), address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        assert!(page.has("There is no such page"), "{address}");
        assert_eq!(page.count("<h1"), 1, "{address}");
    }
}

#[tokio::test]
async fn a_failing_server_says_that_nothing_is_lost_and_what_to_do() {
    let page = get(
        Team::failing(ErrorCode::Unavailable, "The disk is full."),
        GENERAL,
    )
    .await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.has("The disk is full."));
    assert!(page.has("try again soon"));
}

#[tokio::test]
async fn who_is_signed_out_is_led_to_the_sign_in_page() {
    let page = get(
        Team::failing(ErrorCode::Unauthorized, "Nobody is signed in."),
        GENERAL,
    )
    .await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.has(r#"href="/sign-in""#));
}

#[tokio::test]
async fn signing_in_is_a_plain_form() {
    let page = get(
        Team::new(),
        "/sign-in?next=%2Fw%2Fflowra&username=jane&error=credentials",
    )
    .await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        r#"method="post" action="/sign-in""#,
        r#"name="next" value="/w/flowra""#,
        r#"name="username" value="jane""#,
        "Username or password is wrong.",
    ] {
        assert!(page.has(part), "{part} in {}", page.html);
    }
    assert!(!page.has("Create an account"), "sign-up is closed");
}

#[tokio::test]
async fn what_an_address_says_is_never_markup() {
    let page = get(
        Team::new(),
        "/sign-in?username=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    )
    .await;
    assert!(!page.has("<script>alert"), "{}", page.html);
}

#[tokio::test]
async fn demo_accounts_are_one_click_away() {
    let page = get(Team::demo(), "/sign-in").await;
    assert!(page.has(r#"name="username" value="jane""#));
    assert!(page.has(r#"name="password" value="rollcall-demo""#));
    assert!(page.has("Create an account"));
}

#[tokio::test]
async fn the_first_account_names_its_workspace_and_an_invited_one_does_not() {
    let mut team = Team::new();
    team.door.is_first_account = true;
    let page = get(team, "/sign-up").await;
    assert!(page.has(r#"name="workspace""#) && page.has("administer"));
    let mut team = Team::new();
    team.door.invited_to = Some("Flowra".into());
    let page = get(team, "/sign-up?invitation=abc").await;
    assert!(!page.has(r#"name="workspace""#));
    assert!(page.has(r#"name="invitation" value="abc""#) && page.has("invited to Flowra"));
}

#[tokio::test]
async fn sign_up_is_closed_without_an_invitation_where_it_is_not_open() {
    let page = get(Team::new(), "/sign-up").await;
    assert!(!page.has("<form"));
    assert!(page.has("need an invitation"));
}

#[tokio::test]
async fn the_theme_of_the_cookie_is_there_from_the_first_byte() {
    let page = get_with_cookie(Team::new(), GENERAL, "a=b; theme=dark").await;
    assert!(
        page.has(r#"<html lang="en" data-theme="dark">"#),
        "{}",
        &page.html[..200]
    );
    let page = get_with_cookie(Team::new(), GENERAL, "theme=pink").await;
    assert!(page.has(r#"<html lang="en">"#), "{}", &page.html[..200]);
}

#[tokio::test]
async fn the_socket_is_opened_before_anything_else_and_only_where_it_is_used() {
    let page = get(Team::new(), GENERAL).await;
    let script = page.html.find("rollcallSocket").unwrap();
    assert!(script < page.html.find("rollcall.css").unwrap());
    let door = get(Team::new(), "/sign-in").await;
    assert!(!door.has("rollcallSocket"));
    assert!(!door.has("rollcall.js"), "a plain form needs no program");
}

#[tokio::test]
async fn no_clock_and_no_chance_is_in_a_page() {
    let body = |page: &support::Page| {
        // What follows is data, under a nonce of its own.
        page.html
            .split_once("<body>")
            .unwrap()
            .1
            .split_once("</body>")
            .unwrap()
            .0
            .to_owned()
    };
    let first = body(&get(Team::new(), GENERAL).await);
    let second = body(&get(Team::new(), GENERAL).await);
    assert_eq!(first, second);
}

#[tokio::test]
async fn the_status_region_is_there_and_empty() {
    let page = get(Team::new(), GENERAL).await;
    assert_eq!(page.count("aria-atomic"), 1);
    let region = text(page.after(r#"aria-atomic="true""#));
    let content = region.split_once('>').unwrap().1;
    assert_eq!(content.split_once('<').unwrap().0.trim(), "");
}

#[tokio::test]
async fn an_invitation_that_leads_nowhere_is_said_to() {
    let mut team = Team::new();
    team.door.invited_to = None;
    let page = get(team, "/sign-up?invitation=abc").await;
    assert!(page.has("This invitation is not valid any more."));
}

#[tokio::test]
async fn whoever_has_an_account_joins_by_an_invitation_with_one_press() {
    let mut team = Team::new();
    team.door.invited_to = Some("Flowra".into());
    let page = get(team, "/join?invitation=abc").await;
    assert!(page.has("You are invited to Flowra."));
    assert!(page.has(r#"action="/join""#));
    assert!(page.has(r#"value="abc""#));
}

#[tokio::test]
async fn a_new_workspace_is_made_by_a_plain_form_that_says_what_was_wrong() {
    let page = get(Team::new(), "/new?error=workspace&name=Flowra").await;
    assert!(page.has(r#"action="/new""#));
    assert!(page.has(r#"value="Flowra""#));
    assert!(page.has("name has 1 to 80 characters."));
}

#[tokio::test]
async fn a_day_in_the_far_past_is_rendered_too() {
    let mut team = Team::new();
    team.chat.history.messages[0].sent_at = Timestamp::from_unix_millis(0);
    let page = get(team, GENERAL).await;
    assert!(text(&page.html).contains(">1 January 1970</time>"));
}

#[tokio::test]
async fn each_presence_has_its_own_shape_and_words_in_the_list() {
    for (availability, class, words) in [
        (Availability::Away, "away", "away"),
        (Availability::Dnd, "dnd", "do not disturb"),
    ] {
        let mut team = Team::new();
        team.chat.presence.users[1].availability = Some(availability);
        let page = get(team, GENERAL).await;
        let member = page.after(&format!(r#"data-user-id="{}""#, user(2)));
        let item = &member[..member.find("</li>").unwrap()];
        for part in [
            format!("presence-dot {class}"),
            format!(r#"aria-label="{words}""#),
        ] {
            assert!(item.contains(&part), "{part} in {item}");
        }
    }
}

#[tokio::test]
async fn what_people_say_of_themselves_stands_under_their_name() {
    let mut team = Team::new();
    team.chat.presence.users[1].status_text = "Writing <b>chapter 4</b>".into();
    let page = get(team, GENERAL).await;
    let member = text(page.after(&format!(r#"data-user-id="{}""#, user(2))));
    assert!(
        member.contains(">Writing &lt;b&gt;chapter 4&lt;/b&gt;</bdi>"),
        "{member}"
    );
}

#[tokio::test]
async fn who_is_invisible_sees_themself_as_others_do() {
    let mut team = Team::new();
    team.workspace.status.mode = Mode::Invisible;
    let page = get(team, GENERAL).await;
    let member = text(page.after(&format!(r#"data-user-id="{}""#, user(1))));
    let own = &member[..member.find("</li>").unwrap()];
    assert!(own.contains("presence-dot offline"), "{own}");
    assert!(own.contains("(you, invisible)"), "{own}");
}

/// Jane has written to Bob, and to a group of John and Bob.
fn team_with_direct_chats() -> Team {
    let mut team = Team::new();
    let bob = direct(5, &[author(3, "Bob Wilson")]);
    let group = direct(6, &[author(3, "Bob Wilson"), author(2, "John Smith")]);
    team.workspace
        .chats
        .extend([Chat { unread: 2, ..bob }, group]);
    team.workspace.direct_users.users = vec![PresenceEntry {
        availability: Some(Availability::Away),
        is_online: true,
        status_text: "On the train".into(),
        ..team.chat.presence.users[2].clone()
    }];
    team
}

#[tokio::test]
async fn direct_chats_stand_in_the_sidebar_with_the_others_presence() {
    let page = get(team_with_direct_chats(), GENERAL).await;
    let link = text(page.after(&format!(r#"href="/w/flowra/c/{}""#, direct(5, &[]).slug)));
    let link = &link[..link.find("</a>").unwrap()];
    assert!(link.contains("presence-dot away"), "{link}");
    assert!(link.contains(">Bob Wilson</bdi>"), "{link}");
    assert!(link.contains(r#"class="badge">2"#), "{link}");
    assert!(!link.contains(">#<"), "{link}");
    let group = text(page.after(&format!(r#"href="/w/flowra/c/{}""#, direct(6, &[]).slug)));
    let group = &group[..group.find("</a>").unwrap()];
    assert!(group.contains(r#"class="group-size""#), "{group}");
    assert!(group.contains(">2</span>"), "{group}");
    assert!(group.contains("Bob Wilson, John Smith"), "{group}");
}

#[tokio::test]
async fn a_muted_chat_draws_no_attention_in_the_sidebar_nor_in_the_title() {
    let mut team = Team::new();
    team.workspace.chats[0].is_muted = true;
    let page = get(team, GENERAL).await;
    assert!(
        page.has("<title>#general · Rollcall</title>"),
        "{}",
        page.html
    );
    let link = page.after(r#"href="/w/flowra/c/design""#);
    let link = &link[..link.find("</a>").unwrap()];
    assert!(!link.contains("badge"), "{link}");
    assert!(link.contains(" muted"), "{link}");
}

#[tokio::test]
async fn requests_to_be_friends_are_counted_beside_the_way_to_the_people() {
    let mut team = Team::new();
    team.workspace.relations = Relations {
        incoming: vec![author(7, "Eve"), author(8, "Mallory")],
        ..Relations::default()
    };
    let page = get(team, GENERAL).await;
    let link = text(page.after(r#"href="/w/flowra/people""#));
    let link = &link[..link.find("</a>").unwrap()];
    assert!(link.contains(r#"class="badge">2"#), "{link}");
}

#[tokio::test]
async fn a_direct_chat_is_headed_by_whom_it_is_with_and_how_they_are() {
    let mut team = team_with_direct_chats();
    let chat = direct(5, &[author(3, "Bob Wilson")]);
    let address = format!("/w/flowra/c/{}", chat.slug);
    team.chat.chat = chat;
    let page = get(team, &address).await;
    assert!(page.has("Bob Wilson · Rollcall</title>"), "{}", page.html);
    let header = text(page.after("<header class=\"chat-header\""));
    let header = &header[..header.find("</header>").unwrap()];
    assert!(header.contains("presence-dot away"), "{header}");
    assert!(header.contains("away · On the train"), "{header}");
    assert!(!header.contains(">#<"), "{header}");
    assert!(!header.contains("Leave the chat…"), "{header}");
    assert!(page.has("Write a message to Bob Wilson"));
}

#[tokio::test]
async fn the_settings_show_what_was_chosen_without_script() {
    let mut team = Team::new();
    team.workspace.status.mode = Mode::Dnd;
    team.workspace.status.mode_until = Some(time("2026-11-23T15:30:00Z"));
    team.workspace.status.text = "Writing".into();
    team.settings.last_seen_audience = LastSeenAudience::Friends;
    let page = get(team, "/w/flowra/settings").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.count("<h1"), 1);
    assert!(page.has("<title>Settings · Rollcall</title>"));
    let main = text(page.after("<main"));
    assert!(
        main.contains("Do not disturb until 23 November 2026 15:30 UTC"),
        "{main}"
    );
    assert!(main.contains(">Writing</bdi>"), "{main}");
    let choice = page.after(r#"value="friends""#);
    assert!(
        choice[..choice.find('>').unwrap()].contains("checked"),
        "{choice}"
    );
    assert!(page.has("From whom you hide it, you do not see theirs either."));
}

#[tokio::test]
async fn settings_that_cannot_be_loaded_say_why() {
    let team = Team::failing(ErrorCode::Unavailable, "The disk is full.");
    let page = get(team, "/w/flowra/settings").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.has("The disk is full."));
    let page = get(Team::new(), "/w/foreign/settings").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}
