//! Builds the kernel's programs first, so that the agent carries them inside.

use std::path::Path;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let arch = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_else(|_| "x86_64".to_owned());
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), Into::into);
    for watched in ["phantom-common", "phantom-policy", "phantom-ebpf", "Cargo.lock", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={}", workspace.join(watched).display());
    }
    println!("cargo::rerun-if-env-changed=VANTIO_BPF_LINKER");
    match phantom_build::build_ebpf(&workspace, &target, &arch) {
        Ok(object) => println!("cargo::rustc-env=PHANTOM_EBPF={}", object.display()),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}
