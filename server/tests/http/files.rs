use crate::support::TestApp;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use std::fs;

#[tokio::test]
async fn files_of_the_site_are_served_and_checked_again_each_time() {
    let app = TestApp::start().await;
    let pkg = app.folder().join("site/pkg");
    fs::create_dir_all(&pkg).unwrap();
    fs::write(pkg.join("rollcall.css"), "body{}").unwrap();
    fs::write(pkg.join("rollcall.wasm"), "\0asm").unwrap();
    let style = app.browser().get("/pkg/rollcall.css").await;
    assert_eq!((style.status, style.text()), (200, "body{}"));
    assert_eq!(style.header(&CONTENT_TYPE), "text/css");
    assert_eq!(style.header(&CACHE_CONTROL), "no-cache");
    assert_eq!(
        app.browser().get("/pkg").await.code(),
        "not_found",
        "a folder is no file"
    );
    let wasm = app.browser().get("/pkg/rollcall.wasm").await;
    assert_eq!(wasm.header(&CONTENT_TYPE), "application/wasm");
    assert_eq!(
        app.browser().get("/pkg/nothing.js").await.code(),
        "not_found"
    );
}

#[tokio::test]
async fn a_file_that_was_compressed_before_is_served_so() {
    let app = TestApp::start().await;
    let pkg = app.folder().join("site/pkg");
    fs::create_dir_all(&pkg).unwrap();
    fs::write(pkg.join("rollcall.js"), "0").unwrap();
    fs::write(pkg.join("rollcall.js.br"), "brotli").unwrap();
    let mut browser = app.browser();
    browser.header(ACCEPT_ENCODING, "br");
    let script = browser.get("/pkg/rollcall.js").await;
    assert_eq!(
        (script.header(&CONTENT_ENCODING), script.text()),
        ("br", "brotli")
    );
}

#[tokio::test]
async fn a_file_whose_name_bears_a_hash_is_kept_for_ever_and_no_other_is() {
    let app = TestApp::start().await;
    let pkg = app.folder().join("site/pkg");
    fs::create_dir_all(&pkg).unwrap();
    let mut browser = app.browser();
    browser.header(ACCEPT_ENCODING, "br");
    let for_ever = "public, max-age=31536000, immutable";
    for (name, caching) in [
        ("rollcall.sViNwdVEnaIbg9kxJFC30g.wasm", for_ever),
        ("rollcall.gGRvwVGeXf-xls6gSP0PQA.js", for_ever),
        ("split_dialogs.p9JVV2RG0r7q_kkYSz28TQ.wasm", for_ever),
        ("rollcall.wasm", "no-cache"),
        ("rollcall.sViNwdVEnaIbg9kxJFC30.wasm", "no-cache"),
        ("rollcall.sViNwdVEnaIbg9kxJFC30!.wasm", "no-cache"),
    ] {
        fs::write(pkg.join(name), "0").unwrap();
        fs::write(pkg.join(format!("{name}.br")), "brotli").unwrap();
        let file = browser.get(&format!("/pkg/{name}")).await;
        assert_eq!(
            (file.header(&CACHE_CONTROL), file.header(&CONTENT_ENCODING)),
            (caching, "br"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn nothing_outside_the_site_is_served() {
    let app = TestApp::start().await;
    fs::create_dir_all(app.folder().join("site")).unwrap();
    fs::write(app.folder().join("secret"), "secret").unwrap();
    for path in [
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/pkg/../../secret",
        "/data/token.key",
    ] {
        let refused = app.browser().get(path).await;
        assert_eq!(refused.status, 404, "{path}");
        assert!(!refused.text().contains("secret"), "{path}");
    }
}

#[tokio::test]
async fn pages_are_compressed_for_who_asks() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.header(ACCEPT_ENCODING, "br");
    assert_eq!(
        browser.visit("/sign-in").await.header(&CONTENT_ENCODING),
        "br"
    );
}
