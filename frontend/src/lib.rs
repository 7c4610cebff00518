//! Where the browser enters: brings the page that the server rendered to life.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's script, as soon as the WASM is there.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(async {
        app::fetched::fetch_page(&app::browser::path()).await;
        leptos::mount::hydrate_body(app::App);
    });
}
