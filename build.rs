//! How the server is linked, and the document that it carries.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    // A static program moves itself to where the kernel has put it, by a list of all addresses in its data: three words
    // for each, or packed to some bits. Of the C libraries musl reads the packed list in every version that Rust brings.
    if std::env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("musl") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    // The OpenAPI document shrinks to a twelfth.
    println!("cargo::rerun-if-changed=docs/openapi.json");
    let folder = std::env::var_os("OUT_DIR").expect("cargo says where");
    let packed = File::create(Path::new(&folder).join("openapi.json.gz"))?;
    let mut packed = GzEncoder::new(packed, Compression::best());
    packed.write_all(fs::read("docs/openapi.json")?.trim_ascii_end())?;
    packed.finish()?.flush()
}
