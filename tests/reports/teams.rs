//! Reports about teams: what members share, by person and project, for members only.

use serde_json::Value;
use uuid::Uuid;

use super::{groups, report};
use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![a_team_sees_what_its_members_share_and_nothing_else];

fn a_team_sees_what_its_members_share_and_nothing_else(engine: Engine) {
    let crick = Crick::start(engine);
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|login| crick.person(login));
    for (person, minute) in [(&alice, 1), (&bob, 2), (&carol, 4)] {
        let end = format!("2026-03-01T10:0{minute}:00Z");
        person.push(
            &["apollo", "gemini", "diary"]
                .map(|project| frame_of("2026-03-01T10:00:00Z", &end, project, &[project])),
        );
        // A week long.
        person.push(&[frame_of(
            "2026-04-01T00:00:00Z",
            "2026-04-08T00:00:00Z",
            "gemini",
            &[],
        )]);
    }
    let team = Uuid::new_v4();
    found(&crick, engine, team, &alice, &bob);

    let march = format!("from=2026-03-01&to=2026-03-31&teamId={team}");
    let by_person = "group_by=person,project";
    for member in [&alice, &bob] {
        assert_eq!(
            groups(member, &format!("{march}&{by_person}")),
            "alice 60 (apollo 60), bob 240 (apollo 120, gemini 120)"
        );
        assert_eq!(groups(member, &march), "apollo 180, gemini 120");
        assert_eq!(
            groups(member, &format!("{march}&projects=apollo,diary")),
            "apollo 180"
        );
        assert_eq!(
            groups(member, &format!("{march}&tags=gemini&group_by=day")),
            "2026-03-01 120"
        );
        let april = format!("from=2026-04-03&to=2026-04-04&teamId={team}&{by_person}");
        assert_eq!(groups(member, &april), "bob 172800 (gemini 172800)");
    }
    let report = report(&alice, &format!("{march}&{by_person}"));
    let person = &report["groups"][1];
    assert_eq!(person["id"], bob.get("/users/me").ok(200)["id"]);
    // Each member has their own project of this name.
    assert_eq!(person["groups"][0].get("id"), None::<&Value>);

    carol.get(&format!("/reports/summary?{march}")).problem(404);
    alice
        .get(&format!("/reports/summary?teamId={}", Uuid::new_v4()))
        .problem(404);
}

/// Founds a team of alice and bob about apollo and gemini, of which alice shares apollo and bob both, and a diary that the
/// team is not about.
fn found(crick: &Crick, engine: Engine, team: Uuid, alice: &Api, bob: &Api) {
    let is = |id: &str| match engine.is_embedded() {
        true => format!("X'{}'", id.replace('-', "")),
        false => format!("'{id}'"),
    };
    let user = |api: &Api| is(api.get("/users/me").ok(200)["id"].as_str().expect("an id"));
    let (team, alice, bob) = (is(&team.to_string()), user(alice), user(bob));
    for sql in [
        format!(
            "INSERT INTO teams (id, owner_id, name, created_at) VALUES ({team}, {alice}, 'space', 0)"
        ),
        format!(
            "INSERT INTO team_projects (team_id, project, position) VALUES ({team}, 'gemini', 0), ({team}, 'apollo', 1)"
        ),
        format!(
            "INSERT INTO team_members (team_id, user_id, joined_at) VALUES ({team}, {alice}, 0), ({team}, {bob}, 0)"
        ),
        format!(
            "INSERT INTO team_shares (team_id, user_id, project) VALUES ({team}, {alice}, 'apollo'), \
             ({team}, {bob}, 'apollo'), ({team}, {bob}, 'gemini'), ({team}, {bob}, 'diary')"
        ),
    ] {
        crick.database.execute(&sql);
    }
}
