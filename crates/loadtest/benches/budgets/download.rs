//! What a browser downloads in order to run the page.

use crate::{
    program::{Program, project},
    table::{Row, Table},
};
use http::{Request, header::ACCEPT_ENCODING};
use std::{error::Error, path::Path};

/// Adds what the scripts and the WASM weigh on the wire.
pub(crate) async fn measure(program: &Program, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let mut bytes = 0;
    for file in std::fs::read_dir(project().join("target/site/pkg"))? {
        let name = file?
            .file_name()
            .into_string()
            .map_err(|_| "a file without a readable name")?;
        if Path::new(&name)
            .extension()
            .is_some_and(|kind| kind == "js" || kind == "wasm")
        {
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
        aim: Some(300.0),
        unit: "kB",
        how: "bytes of /pkg/*.js and *.wasm as the server sends them, with Brotli".into(),
    });
    Ok(())
}
