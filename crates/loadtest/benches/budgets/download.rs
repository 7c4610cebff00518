//! What a browser downloads in order to run the page.

use crate::{
    program::project,
    table::{Row, Table},
};
use http::{Request, header::ACCEPT_ENCODING};
use loadtest::Program;
use std::{error::Error, path::Path};

/// How the names begin of what the page fetches only once it is wanted.
const FETCHED_LATER: [&str; 2] = ["split_", "chunk_"];

/// Adds what the scripts and the WASM weigh on the wire.
pub(crate) async fn measure(program: &Program, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let mut bytes = 0;
    for file in std::fs::read_dir(project().join("target/site/pkg"))? {
        let name = file?
            .file_name()
            .into_string()
            .map_err(|_| "a file without a readable name")?;
        let is_program = Path::new(&name)
            .extension()
            .is_some_and(|kind| kind == "js" || kind == "wasm");
        if is_program && !FETCHED_LATER.iter().any(|part| name.starts_with(part)) {
            let request = Request::get(format!("{}/pkg/{name}", program.origin))
                .header(ACCEPT_ENCODING, "br")
                .body("")?;
            bytes += program.server.exchange(request).await?.body().len();
        }
    }
    table.add(Row {
        what: "JavaScript and WASM",
        #[expect(clippy::cast_precision_loss, reason = "no page is that large")]
        measured: bytes as f64 / 1_000.0,
        aim: Some(250.0),
        unit: "kB",
        how: "bytes of /pkg/*.js and *.wasm that a page begins with, as the server sends them, with Brotli"
            .into(),
    });
    Ok(())
}
