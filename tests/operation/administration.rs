//! Users, help, completions and manual pages.

use crate::support::{Engine, migrate_command, on_both_engines, run, server_command};

on_both_engines![
    users_are_added_listed_and_removed,
    a_login_that_is_taken_or_invalid_is_refused,
];

fn users_are_added_listed_and_removed(engine: Engine) {
    let database = engine.migrated();
    for login in ["carol", "alice", "bob"] {
        database.add_user(login);
    }
    database
        .crick(&["user", "remove", "bob", "--yes"])
        .succeeded();
    let listed = database.crick(&["user", "list"]).succeeded().stdout;
    assert_eq!(listed.lines().collect::<Vec<_>>(), ["alice", "carol"]);
    database.crick(&["user", "remove", "bob", "--yes"]).failed();
}

fn a_login_that_is_taken_or_invalid_is_refused(engine: Engine) {
    let database = engine.migrated();
    database.add_user("alice");
    for login in ["alice", "", " ", "a b", "a\nb"] {
        database.crick(&["user", "add", login]).failed();
    }
    let listed = database.crick(&["user", "list"]).succeeded().stdout;
    assert_eq!(listed.lines().collect::<Vec<_>>(), ["alice"]);
}

#[test]
fn both_programs_print_help_completions_and_manual_pages() {
    for program in [server_command, migrate_command] {
        let help = run(program().arg("--help")).succeeded().stdout;
        assert!(
            help.contains("CRICK_DSN") && help.contains("sqlite:"),
            "{help}"
        );
        for shell in ["bash", "zsh", "fish"] {
            let script = run(program().args(["completions", shell]))
                .succeeded()
                .stdout;
            assert!(script.contains("completions"), "{shell}");
        }
        let page = run(program().arg("man")).succeeded().stdout;
        assert!(page.contains(".TH crick-api"), "{page}");
        run(program().arg("--version")).succeeded();
        let unknown = run(program().arg("--no-such-option")).failed();
        assert_eq!(unknown.code, Some(2));
    }
}
