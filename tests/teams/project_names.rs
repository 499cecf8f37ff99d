//! Consent is for a project, not for another one that gets its name later.

use serde_json::json;

use super::{accept, busy, create, invitation, seen_of, send};
use crate::support::{Api, Crick, Engine, batch, on_both_engines};

on_both_engines![
    a_project_that_takes_a_shared_name_is_not_shared_by_old_consent,
    a_project_created_with_a_name_once_shared_is_not_shared,
    a_project_renamed_to_a_name_with_consent_is_not_shared,
    deleting_a_project_deletes_the_consent,
    a_rename_keeps_consent_of_others_and_to_other_projects,
    archiving_keeps_consent,
];

/// The path of a user's project.
#[track_caller]
fn path_of(who: &Api, name: &str) -> String {
    let projects = who.get("/projects").json();
    let projects = projects["projects"].as_array().expect("a list").clone();
    let project = projects.iter().find(|project| project["name"] == name);
    let project = project.expect("a project of this name");
    format!("/projects/{}", project["id"].as_str().expect("an id"))
}

#[track_caller]
fn rename(who: &Api, from: &str, to: &str) {
    let path = path_of(who, from);
    let reply = send(who, "PATCH", &path, &json!({"name": to}));
    assert_eq!(reply.status, 200, "{reply:?}");
}

fn a_project_that_takes_a_shared_name_is_not_shared_by_old_consent(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    assert_eq!(seen_of(&crick, "bob"), 1);
    rename(&bob, "apollo", "artemis");
    rename(&bob, "secret", "apollo");
    assert_eq!(seen_of(&crick, "bob"), 0);
    // Nor under its old name.
    rename(&bob, "apollo", "secret");
    rename(&bob, "artemis", "apollo");
    assert_eq!(seen_of(&crick, "bob"), 0);
}

fn a_project_created_with_a_name_once_shared_is_not_shared(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    rename(&bob, "apollo", "artemis");
    bob.push(&batch("apollo", 2));
    assert_eq!(seen_of(&crick, "bob"), 0);
}

fn a_project_renamed_to_a_name_with_consent_is_not_shared(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    create(&alice, "crew", &["not tracked yet"], &[&bob]);
    accept(&bob);
    rename(&bob, "secret", "not tracked yet");
    assert_eq!(seen_of(&crick, "bob"), 0);
}

fn deleting_a_project_deletes_the_consent(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    let path = path_of(&bob, "apollo");
    bob.request("DELETE", &path, &[]).problem(409);
    assert_eq!(seen_of(&crick, "bob"), 1, "nothing was removed");
    let removal = bob.request("DELETE", &format!("{path}?frames=remove"), &[]);
    assert_eq!(removal.status, 204, "{removal:?}");
    bob.push(&batch("apollo", 2));
    assert_eq!(seen_of(&crick, "bob"), 0);
    // A new invitation can be accepted.
    let invitee = json!({"user_id": super::id(&bob)});
    let asked = send(
        &alice,
        "POST",
        &format!("/teams/{team}/invitations"),
        &invitee,
    );
    assert_eq!(asked.json(), json!({"id": invitation(&bob)}));
    accept(&bob);
    assert_eq!(seen_of(&crick, "bob"), 2);
}

fn a_rename_keeps_consent_of_others_and_to_other_projects(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (bob, carol) = (busy(&crick, "bob"), busy(&crick, "carol"));
    for name in ["crew", "ground"] {
        create(&alice, name, &["apollo", "gemini"], &[&bob, &carol]);
        accept(&bob);
        accept(&carol);
    }
    assert_eq!((seen_of(&crick, "bob"), seen_of(&crick, "carol")), (6, 6));
    rename(&bob, "apollo", "artemis");
    assert_eq!((seen_of(&crick, "bob"), seen_of(&crick, "carol")), (4, 6));
}

fn archiving_keeps_consent(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    let change = json!({"name": "apollo", "archived": true});
    let archived = send(&bob, "PATCH", &path_of(&bob, "apollo"), &change);
    assert_eq!(archived.status, 200, "{archived:?}");
    assert_eq!(seen_of(&crick, "bob"), 1);
}
