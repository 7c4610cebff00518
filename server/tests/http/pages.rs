use crate::support::{Client, PASSWORD, TestApp};
use http::{
    HeaderName,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
        STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};
use protocol::{ChatRole, UserId, WorkspaceRole};
use serde_json::json;
use store::{Joined, NewUser};
use uuid::Uuid;

#[tokio::test]
async fn a_chat_is_rendered_whole_with_its_members_and_messages() {
    let app = TestApp::demo().await;
    let jane = app.demo_sign_in("jane").await;
    let page = jane.visit("/w/flowra/c/general").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header(&CONTENT_TYPE), "text/html; charset=utf-8");
    for part in [
        "Jane Doe",
        "John Smith",
        "Bob Wilson",
        "Task: Update documentation",
        "nearly there!",
    ] {
        assert!(page.text().contains(part), "{part}");
    }
}

/// To draw ten thousand members took a second for each page, in which others waited for theirs.
#[tokio::test]
async fn of_a_large_chat_as_many_members_are_rendered_as_anybody_reads() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let workspace = jane.workspace().await.parse().unwrap();
    let chat = jane.general().await.parse().unwrap();
    let at = app.state.clock.now();
    for n in 0..250 {
        let user_id = UserId::from_uuid(Uuid::now_v7());
        let member = NewUser {
            user_id,
            username: format!("member-{n}"),
            display_name: format!("Member {n:03}"),
            password_hash: String::new(),
            created_at: at,
        };
        let store = &app.state.store;
        store.create_user(member).await.unwrap();
        let role = WorkspaceRole::Member;
        let is_added = store.add_workspace_member(workspace, user_id, role, at);
        assert!(is_added.await.unwrap());
        let role = ChatRole::Member;
        let joined = store.add_chat_member(chat, user_id, role, at, None);
        assert!(matches!(joined.await.unwrap(), Joined::Added(None)));
    }
    for (path, item) in [
        ("/w/home/c/general", "class=\"member-item"),
        ("/w/home/people", "class=\"person "),
    ] {
        let page = jane.visit(path).await;
        assert_eq!(page.text().matches(item).count(), 200, "{path}");
        assert!(page.text().contains("51 more"), "{path}");
        // For who has no script.
        assert!(page.text().contains("href=\"?all=1\""), "{path}");
        let page = jane.visit(&format!("{path}?all=1")).await;
        assert_eq!(page.text().matches(item).count(), 251, "{path}");
        assert!(!page.text().contains(" more<"), "{path}");
    }
}

/// A page was made by several threads at once: of thirty one ended in a panic or bore no name, and
/// whoever had asked for it saw nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_is_whole_and_named_however_many_are_loaded_and_given_up_at_once() {
    let app = TestApp::demo().await;
    let jane = app.demo_sign_in("jane").await;
    let load = async |path: &str, name: &str| {
        let page = jane.visit(path).await;
        assert_eq!(page.status, 200, "{path}");
        let (_, rest) = page.text().split_once("<title>").expect(path);
        let (title, rest) = rest.split_once("</title>").expect(path);
        assert!(title.ends_with(&format!("{name} · Rollcall")), "{title}");
        assert!(rest.contains("id=\"main\""), "{path}");
        assert!(rest.ends_with("</script>"), "{path}");
    };
    for _ in 0..50 {
        let whole = async {
            tokio::join!(
                load("/w/flowra/c/general", "#general"),
                load("/w/flowra/c/docs", "#docs"),
                load("/w/flowra/people", "People"),
                load("/w/flowra/settings", "Settings"),
            )
        };
        let given_up = async {
            loop {
                jane.visit("/w/flowra/people").await;
            }
        };
        tokio::select! {
            _ = whole => {}
            () = given_up => {}
        }
    }
}

#[tokio::test]
async fn a_public_chat_that_one_has_not_joined_shows_nobodys_presence() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let design = jane.create_chat("design", false).await;
    let page = json!({ "workspace": "home", "chat": "design" });
    let seen = async |who: &Client| {
        let loaded = who.post("/fn/load_chat", &page).await;
        assert_eq!(loaded.status, 200, "{loaded:?}");
        assert!(loaded.text().contains("Jane"), "the members are told");
        loaded.json()["presence"]["users"].clone()
    };
    assert_eq!(seen(&john).await, json!([]));
    assert_eq!(seen(&jane).await[0]["display_name"], "Jane");
    let members = format!("/api/v1/chats/{design}/members");
    let join = json!({ "username": "john" });
    assert_eq!(john.post(&members, &join).await.status, 204);
    assert_eq!(seen(&john).await.as_array().unwrap().len(), 2);
    assert_eq!(john.delete(&members).await.status, 204);
    assert_eq!(seen(&john).await, json!([]));
}

#[tokio::test]
async fn a_page_runs_its_own_scripts_and_no_others() {
    let app = TestApp::demo().await;
    let jane = app.demo_sign_in("jane").await;
    let page = jane.visit("/w/flowra/c/general").await;
    let policy = page.header(&CONTENT_SECURITY_POLICY);
    let (_, nonce) = policy.split_once("script-src 'nonce-").expect(policy);
    let (nonce, _) = nonce.split_once('\'').unwrap();
    insta::assert_snapshot!(policy.replace(nonce, "NONCE"), @"default-src 'none'; script-src 'nonce-NONCE' 'strict-dynamic' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    let scripts: Vec<_> = page.text().split("<script").skip(1).collect();
    assert!(scripts.len() >= 2, "the early socket and the hydration");
    for script in scripts {
        let (attributes, _) = script.split_once('>').unwrap();
        let own = format!("nonce=\"{nonce}\"");
        assert!(attributes.contains(&own), "{attributes}");
    }
    let again = jane.visit("/w/flowra/c/general").await;
    assert!(!again.header(&CONTENT_SECURITY_POLICY).contains(nonce));
    assert!(!page.text().contains(" onclick="));
    assert!(!page.text().contains(" style="));
}

#[tokio::test]
async fn what_is_no_page_runs_and_loads_nothing() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/api/v1/me", "/api/openapi.json"] {
        let answer = app.browser().get(path).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(answer.header(&CONTENT_SECURITY_POLICY), @"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        }
    }
}

#[tokio::test]
async fn pages_are_never_kept_framed_or_guessed_at() {
    let app = TestApp::start().await;
    let page = app.browser().visit("/sign-in").await;
    assert_eq!(page.header(&CACHE_CONTROL), "no-store");
    assert!(
        page.header(&CONTENT_SECURITY_POLICY)
            .contains("frame-ancestors 'none'")
    );
    assert_eq!(page.header(&REFERRER_POLICY), "same-origin");
    assert_eq!(page.header(&X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(page.header(&X_FRAME_OPTIONS), "DENY");
    for isolated in ["cross-origin-opener-policy", "cross-origin-resource-policy"] {
        let name = HeaderName::from_static(isolated);
        assert_eq!(page.header(&name), "same-origin", "{isolated}");
    }
}

#[tokio::test]
async fn where_people_come_by_tls_they_come_by_nothing_else() {
    let plain = TestApp::start().await;
    let page = plain.browser().visit("/sign-in").await;
    assert_eq!(page.header(&STRICT_TRANSPORT_SECURITY), "");

    let url = Some("https://chat.example.org".parse().unwrap());
    let behind_tls = TestApp::with(|config| config.server.public_url = url).await;
    let page = behind_tls.browser().visit("/sign-in").await;
    assert_eq!(page.header(&STRICT_TRANSPORT_SECURITY), "max-age=63072000");
}

#[tokio::test]
async fn who_is_not_signed_in_is_shown_the_door_and_comes_back() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let browser = app.browser();
    assert_eq!(browser.visit("/").await.location(), "/sign-in");
    for (path, location) in [
        ("/w/home", "/sign-in?next=%2Fw%2Fhome"),
        (
            "/w/home/c/general?a=b",
            "/sign-in?next=%2Fw%2Fhome%2Fc%2Fgeneral%3Fa%3Db",
        ),
        (
            "/w/unknown/c/unknown",
            "/sign-in?next=%2Fw%2Funknown%2Fc%2Funknown",
        ),
        ("/new", "/sign-in?next=%2Fnew"),
    ] {
        assert_eq!(browser.visit(path).await.location(), location);
    }
    for door in ["/sign-in", "/sign-up", "/sign-in?next=%2Fw%2Fhome"] {
        assert_eq!(browser.visit(door).await.status, 200);
    }
}

#[tokio::test]
async fn who_is_signed_in_is_led_past_the_door() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    for door in ["/sign-in", "/sign-up", "/sign-in?next=%2Fnew"] {
        assert_eq!(jane.visit(door).await.location(), "/");
    }
    assert_eq!(jane.visit("/").await.location(), "/w/home/c/general");
    assert_eq!(jane.visit("/w/home").await.location(), "/w/home/c/general");
    let id = jane.workspace().await;
    assert_eq!(
        jane.visit(&format!("/w/{id}")).await.location(),
        "/w/home/c/general"
    );
}

#[tokio::test]
async fn who_has_no_workspace_is_led_to_where_one_is_made() {
    let app = TestApp::start().await;
    let password_hash = app.state.passwords.hash(PASSWORD.to_owned()).await;
    let jane = NewUser {
        user_id: UserId::from_uuid(Uuid::now_v7()),
        username: "jane".to_owned(),
        display_name: "Jane".to_owned(),
        password_hash: password_hash.unwrap(),
        created_at: app.state.clock.now(),
    };
    app.state.store.create_user(jane).await.unwrap();
    let jane = app.sign_in("jane").await;
    assert_eq!(jane.visit("/").await.location(), "/new");
    assert_eq!(jane.visit("/new").await.status, 200);
}

#[tokio::test]
async fn what_is_not_there_is_a_page_with_the_status_404() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    jane.create_chat("secret", true).await;
    for path in [
        "/nothing",
        "/w/nothing",
        "/w/nothing/c/x",
        "/w/home/c/nothing",
        "/w/home/c/secret",
    ] {
        let page = john.visit(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text().starts_with("<!DOCTYPE html>"), "{path}");
    }
    assert_eq!(app.browser().visit("/nothing").await.status, 404);
}

#[tokio::test]
async fn server_functions_work_for_who_is_signed_in_and_refuse_others() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let page = json!({ "workspace": "home" });
    let loaded = jane.post("/fn/load_workspace", &page).await.json();
    assert_eq!(loaded["me"]["username"], "jane");
    assert_eq!(loaded["chats"][0]["slug"], "general");
    assert_eq!(loaded["connection"]["attempts"], 10);
    assert_eq!(loaded["timers"]["ping_ms"], 30_000);
    let refused = app.browser().post("/fn/load_workspace", &page).await;
    insta::assert_snapshot!(refused, @r#"
    401 {
      "code": "unauthorized",
      "message": "Sign in first."
    }
    "#);
    let unknown = jane
        .post("/fn/load_workspace", &json!({ "workspace": "x" }))
        .await;
    insta::assert_snapshot!(unknown, @r#"
    404 {
      "code": "not_found",
      "message": "There is no such workspace."
    }
    "#);
}

#[tokio::test]
async fn when_the_data_cannot_be_reached_pages_and_rest_say_so_with_503() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    app.state.store.close().await;
    for path in ["/", "/w/home/c/general"] {
        let page = jane.visit(path).await;
        assert_eq!(page.status, 503, "{path}");
        assert!(page.text().starts_with("<!DOCTYPE html>"), "{path}");
    }
    insta::assert_snapshot!(jane.get("/api/v1/me").await, @r#"
    503 {
      "code": "unavailable",
      "detail": "The data cannot be reached at the moment. Please try again.",
      "status": 503,
      "title": "Service Unavailable",
      "type": "about:blank"
    }
    "#);
    let form = [("username", "jane"), ("password", "correct horse")];
    let back = app.browser().form("/sign-in", &form).await;
    assert_eq!(back.location(), "/sign-in?error=unavailable&username=jane");
}
