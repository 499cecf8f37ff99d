//! Checks which modules may use which, and how files are named. `src/lib.rs` states the rules.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every Rust file below a folder of the repository, with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = vec![root.join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path
                    .strip_prefix(root)
                    .expect("a path below")
                    .display()
                    .to_string();
                files.push((name, fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    assert!(!files.is_empty(), "no sources in {folder}");
    files
}

/// The files below `src` that use a name in code, comments aside.
fn users_of(name: &str) -> Vec<String> {
    let uses = |text: &str| {
        text.lines()
            .any(|line| !line.trim_start().starts_with("//") && line.contains(name))
    };
    sources("src")
        .into_iter()
        .filter(|(_, text)| uses(text))
        .map(|(file, _)| file)
        .collect()
}

fn only_in(name: &str, allowed: &[&str]) {
    let users = users_of(name);
    assert!(
        !users.is_empty(),
        "nothing uses {name}: the rule is out of date"
    );
    for file in users {
        assert!(
            allowed.iter().any(|prefix| file.starts_with(prefix)),
            "{file} uses {name}"
        );
    }
}

#[test]
fn http_stays_in_the_modules_for_http() {
    let allowed = [
        "src/server",
        "src/api",
        "src/http",
        "src/dashboard",
        "src/cli/serve.rs",
    ];
    only_in("axum::", &allowed);
    only_in("hyper::", &[&allowed[..], &["src/oidc/client.rs"]].concat());
}

#[test]
fn programs_and_people_are_answered_by_modules_that_do_not_know_each_other() {
    for (folder, others) in [
        ("src/api", &["crate::dashboard"][..]),
        ("src/dashboard", &["crate::api"]),
        ("src/http", &["crate::api", "crate::dashboard"]),
    ] {
        for (file, text) in sources(folder) {
            let used = others.iter().find(|other| {
                let mut rest = text.split(**other).skip(1);
                rest.any(|rest| rest.starts_with("::"))
            });
            assert_eq!(used, None, "{file}");
        }
    }
}

#[test]
fn charts_are_functions_of_numbers() {
    for (file, text) in sources("src/dashboard/chart") {
        for other in ["crate::store", "axum::", "crate::http"] {
            assert!(!text.contains(other), "{file} uses {other}");
        }
    }
}

#[test]
fn the_issuer_of_tokens_knows_the_settings_and_nothing_else_of_ours() {
    for (file, text) in sources("src") {
        let mut ours = text.lines().filter(|line| line.contains("crate::"));
        assert!(
            !file.starts_with("src/oidc") || ours.all(|line| line.contains("crate::config")),
            "{file} uses more of ours"
        );
    }
}

#[test]
fn the_formats_of_files_know_the_model_the_rows_of_the_store_and_how_input_is_read() {
    let known = [
        "use crate::input",
        "use crate::model::",
        "use crate::store::ExportedFrame;",
        "use crate::store::PulledFrame;",
        "use crate::store::{ExportedFrame, PulledFrame};",
    ];
    for (file, text) in sources("src") {
        let mut ours = text.lines().filter(|line| line.contains("crate::"));
        assert!(
            !file.starts_with("src/formats")
                || ours.all(|line| known.iter().any(|name| line.trim().starts_with(name))),
            "{file} uses more of ours"
        );
    }
}

#[test]
fn what_reads_input_uses_nothing_else_of_ours() {
    for (file, text) in sources("src") {
        let reads = file.starts_with("src/input");
        assert!(
            !reads || !text.contains("crate::"),
            "{file} uses more of ours"
        );
    }
}

#[test]
fn sql_stays_in_the_store() {
    only_in("sea_orm::", &["src/store"]);
}

#[test]
fn the_environment_is_read_in_config_and_systemd_only() {
    // The simulations are tests, and take their size from the environment.
    let simulations = [
        "src/store/sync/exclusive/simulation",
        "src/store/sync/two_devices/simulation",
    ];
    only_in(
        "env::var",
        &[&["src/config/", "src/systemd.rs"][..], &simulations].concat(),
    );
}

#[test]
fn only_the_store_makes_a_user() {
    // A function may answer one that it was given.
    for (file, text) in sources("src") {
        let makes = text.replace("-> &User {", "").contains("User {");
        assert!(
            !makes || file.starts_with("src/store/"),
            "{file} makes a user"
        );
    }
}

#[test]
fn migrations_depend_on_nothing_of_ours() {
    for (file, text) in sources("migration/src") {
        assert!(!text.contains("crick_api::"), "{file} uses the server");
        assert!(!text.contains("entity::"), "{file} uses an entity");
    }
}

#[test]
fn files_import_each_other_in_no_circle() {
    let modules = imports::Modules::read();
    let mut uses = modules.uses();
    // The relations of entities are mutual.
    uses.retain(|file, _| !file.starts_with("src/store/entity/"));
    assert!(
        uses["src/cli.rs"].contains("src/config.rs"),
        "no imports found"
    );
    // Removes files that use none of the others, until only circles and their users are left.
    while let Some(lowest) = lowest_file(&uses) {
        uses.remove(lowest);
    }
    assert!(uses.is_empty(), "circle: {}", circle(&uses).join(" -> "));
}

fn lowest_file<'a>(uses: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Option<&'a str> {
    let is_lowest = |used: &BTreeSet<&str>| used.iter().all(|file| !uses.contains_key(file));
    let mut files = uses.iter();
    files.find_map(|(file, used)| is_lowest(used).then_some(*file))
}

/// Follows imports until a file comes twice.
fn circle<'a>(uses: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<&'a str> {
    let mut seen: Vec<&str> = uses.keys().take(1).copied().collect();
    loop {
        let last = seen[seen.len() - 1];
        let used = uses[last].iter().find(|file| uses.contains_key(*file));
        let next = *used.expect("every file that is left uses another");
        if let Some(start) = seen.iter().position(|file| *file == next) {
            seen.drain(..start);
            seen.push(next);
            return seen;
        }
        seen.push(next);
    }
}

#[test]
fn the_store_and_the_api_are_divided_into_folders_by_subject() {
    for (folder, subjects) in [
        (
            "src/store/",
            &["accounts", "db", "entity", "frames", "sync", "teams"][..],
        ),
        (
            "src/api/",
            &["extract", "handlers", "middleware", "openapi"],
        ),
    ] {
        let inner = |file: &str| Some(file.strip_prefix(folder)?.split_once('/')?.0.to_owned());
        let files = sources("src");
        let folders: BTreeSet<String> = files.iter().filter_map(|(file, _)| inner(file)).collect();
        assert_eq!(
            folders,
            subjects.iter().map(|name| (*name).to_owned()).collect()
        );
    }
}

#[test]
fn no_file_is_named_after_nothing() {
    let banned = [
        "common", "helper", "helpers", "kept", "made", "manager", "misc", "util", "utils", "web",
        "written",
    ];
    for (file, _) in sources("src").iter().chain(&sources("migration/src")) {
        let names = file.trim_end_matches(".rs").split('/');
        let banned: Vec<&str> = names.filter(|name| banned.contains(name)).collect();
        assert!(banned.is_empty(), "{file}");
    }
}
