//! How the server is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A static program moves itself to where the kernel has put it, by a list of all addresses in its data: three words
    // for each, or packed to some bits. Of the C libraries musl reads the packed list in every version that Rust brings.
    if std::env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("musl") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
