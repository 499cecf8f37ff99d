//! Importing frames that exist already.

use serde_json::json;

use super::{import, send};
use crate::support::{Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    importing_a_file_again_changes_nothing,
    a_different_frame_is_replaced_by_the_files,
    a_deleted_frame_stays_deleted_unless_it_is_different,
    of_one_id_the_last_line_counts,
    another_users_frame_with_the_same_id_is_another_frame,
];

const ID: &str = "0123456789abcdef0123456789abcdef";

fn row(project: &str) -> String {
    json!([[1_772_359_200, 1_772_362_800, project, ID, ["nasa"], 0]]).to_string()
}

fn importing_a_file_again_changes_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    // Without ids, and one row twice.
    let file = "start,end,project,tags\n\
                2026-03-01 09:00,2026-03-01 10:00,apollo,\"x,y\"\n\
                2026-03-01 09:00,2026-03-01 10:00,apollo,\"x,y\"\n\
                2026-03-01 09:00,2026-03-01 10:00,apollo,\"y,x\"\n";
    assert_eq!(import(&alice, "text/csv", file), [2, 0, 1, 0, 0]);
    let before = alice.get("/frames").body;
    assert_eq!(import(&alice, "text/csv", file), [0, 0, 3, 0, 0]);
    assert_eq!(alice.get("/frames").body, before);
}

fn a_different_frame_is_replaced_by_the_files(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    assert_eq!(
        import(&alice, "application/json", &row("apollo")),
        [1, 0, 0, 0, 0]
    );
    assert_eq!(
        import(&alice, "application/json", &row("gemini")),
        [0, 1, 0, 0, 0]
    );
    assert_eq!(
        alice.get(&format!("/frames/{ID}")).ok(200)["project"],
        "gemini"
    );
}

fn a_deleted_frame_stays_deleted_unless_it_is_different(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    import(&alice, "application/json", &row("apollo"));
    assert_eq!(alice.delete(&format!("/frames/{ID}")).status, 204);
    assert_eq!(
        import(&alice, "application/json", &row("apollo")),
        [0, 0, 0, 1, 0]
    );
    alice.get(&format!("/frames/{ID}")).problem(404);
    assert_eq!(
        import(&alice, "application/json", &row("gemini")),
        [1, 0, 0, 0, 0]
    );
    assert_eq!(
        import(&alice, "application/json", &row("gemini")),
        [0, 0, 1, 0, 0]
    );
}

fn of_one_id_the_last_line_counts(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let line = |project: &str| {
        let mut frame = frame_of("2026-03-01T09:00:00Z", "2026-03-01T10:00:00Z", project, &[]);
        frame["id"] = json!(ID);
        format!("{frame}\n")
    };
    let file = [line("old"), line("new")].concat();
    for expected in [[1, 0, 0, 0, 1], [0, 0, 1, 0, 1]] {
        assert_eq!(import(&alice, "application/jsonl", &file), expected);
    }
    let report = send(&alice, "?dry_run=true", "application/jsonl", &file).ok(200);
    assert_eq!(report["refusals"][0]["line"], 1);
    assert_eq!(
        alice.get(&format!("/frames/{ID}")).ok(200)["project"],
        "new"
    );
}

fn another_users_frame_with_the_same_id_is_another_frame(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    import(&alice, "application/json", &row("apollo"));
    assert_eq!(
        import(&bob, "application/json", &row("secret")),
        [1, 0, 0, 0, 0]
    );
    assert_eq!(
        alice.get(&format!("/frames/{ID}")).ok(200)["project"],
        "apollo"
    );
}
