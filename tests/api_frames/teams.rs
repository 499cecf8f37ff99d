//! The frames of a team: what its members share with it, for members only.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    a_member_sees_shared_frames_with_their_owners,
    frames_that_are_not_shared_or_not_the_teams_stay_hidden,
    only_members_see_a_teams_frames,
    filters_apply_to_a_teams_frames,
];

/// A team of alice and bob about apollo and gemini, of which alice shares apollo and bob both, and an outsider.
struct Team {
    crick: Crick,
    id: Uuid,
    alice: Api,
    bob: Api,
    carol: Api,
}

fn team(engine: Engine) -> Team {
    let crick = Crick::start(engine);
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|login| crick.person(login));
    for (person, hour) in [(&alice, 10), (&bob, 11), (&carol, 12)] {
        let at = format!("2026-03-01T{hour}:00:00Z");
        person.push(
            &["apollo", "gemini", "diary"].map(|project| frame_of(&at, &at, project, &[project])),
        );
    }
    let team = Team {
        id: Uuid::new_v4(),
        crick,
        alice,
        bob,
        carol,
    };
    let is = |text: &str| match engine.is_embedded() {
        true => format!("X'{}'", text.replace('-', "")),
        false => format!("'{text}'"),
    };
    let id = is(&team.id.to_string());
    let user = |api: &Api| is(user_id(api).as_str().expect("an id"));
    let (alice, bob) = (user(&team.alice), user(&team.bob));
    for sql in [
        format!(
            "INSERT INTO teams (id, owner_id, name, created_at) VALUES ({id}, {alice}, 'space', 0)"
        ),
        format!(
            "INSERT INTO team_projects (team_id, project, position) VALUES ({id}, 'gemini', 0), ({id}, 'apollo', 1)"
        ),
        format!(
            "INSERT INTO team_members (team_id, user_id, joined_at) VALUES ({id}, {alice}, 0), ({id}, {bob}, 0)"
        ),
        format!(
            "INSERT INTO team_shares (team_id, user_id, project) VALUES ({id}, {alice}, 'apollo'), \
                 ({id}, {bob}, 'apollo'), ({id}, {bob}, 'gemini'), ({id}, {bob}, 'diary')"
        ),
    ] {
        team.crick.database.execute(&sql);
    }
    team
}

fn user_id(api: &Api) -> Value {
    api.get("/users/me").ok(200)["id"].clone()
}

/// Owner and project of the frames a query about the team finds, sorted.
#[track_caller]
fn found(team: &Team, api: &Api, query: &str) -> Vec<(Value, Value)> {
    let page = api
        .get(&format!("/frames?teamId={}{query}", team.id))
        .ok(200);
    let frames = page["frames"].as_array().expect("frames");
    assert_eq!(page["meta"]["page"]["count"], frames.len());
    let mut found: Vec<_> = frames
        .iter()
        .map(|frame| (frame["user_id"].clone(), frame["project"].clone()))
        .collect();
    found.sort_by_key(|(_, project)| project.to_string());
    found
}

fn a_member_sees_shared_frames_with_their_owners(engine: Engine) {
    let team = team(engine);
    let (alice, bob) = (user_id(&team.alice), user_id(&team.bob));
    for member in [&team.alice, &team.bob] {
        assert_eq!(
            found(&team, member, ""),
            [
                (bob.clone(), json!("apollo")),
                (alice.clone(), json!("apollo")),
                (bob.clone(), json!("gemini")),
            ]
        );
        let page = member.get(&format!("/frames?teamId={}", team.id)).ok(200);
        let person = |id: &Value, login: &str| json!({"id": id, "login": login, "avatar_url": ""});
        assert_eq!(
            page["meta"],
            json!({
                "page": {"count": 3, "limit": 50},
                "team": {
                    "id": team.id, "name": "space", "projects": ["gemini", "apollo"], "owner_id": alice,
                    "users": [person(&alice, "alice"), person(&bob, "bob")],
                },
            })
        );
    }
    let own = team.alice.get("/frames").ok(200);
    assert_eq!(own["meta"]["page"]["count"], 3);
    assert!(own["frames"][0]["user_id"].is_null());
}

fn frames_that_are_not_shared_or_not_the_teams_stay_hidden(engine: Engine) {
    let team = team(engine);
    let execute = |sql: &str| team.crick.database.execute(sql);
    let bob = user_id(&team.bob);
    // No longer the team's project: old consent does not count.
    execute("DELETE FROM team_projects WHERE project = 'apollo'");
    let gemini = [(bob, json!("gemini"))];
    assert_eq!(found(&team, &team.alice, ""), gemini);
    // Shared by a member who left.
    execute("DELETE FROM team_members WHERE user_id IN (SELECT id FROM users WHERE login = 'bob')");
    assert_eq!(found(&team, &team.alice, ""), []);
}

fn only_members_see_a_teams_frames(engine: Engine) {
    let team = team(engine);
    for query in ["", "&projects=apollo"] {
        let reply = team
            .carol
            .get(&format!("/frames?teamId={}{query}", team.id));
        assert_eq!(reply.problem(404), "Team not found");
    }
}

fn filters_apply_to_a_teams_frames(engine: Engine) {
    let team = team(engine);
    let (alice, bob) = (user_id(&team.alice), user_id(&team.bob));
    let projects = |found: Vec<(Value, Value)>| -> Vec<Value> {
        found.into_iter().map(|(_, project)| project).collect()
    };
    let query = |query: &str| projects(found(&team, &team.alice, query));
    assert_eq!(query("&projects=gemini"), ["gemini"]);
    assert_eq!(
        query("&projects=gemini,apollo"),
        ["apollo", "apollo", "gemini"]
    );
    assert!(query("&projects=diary").is_empty());
    assert_eq!(query("&tags=gemini"), ["gemini"]);
    assert!(query("&from=2026-03-02").is_empty());
    let path = format!("/frames?teamId={}&projects=apollo&limit=1", team.id);
    for (page, owner) in [(1, &bob), (2, &alice)] {
        let reply = team.alice.get(&format!("{path}&page={page}")).ok(200);
        assert_eq!(&reply["frames"][0]["user_id"], owner);
        assert_eq!(reply["meta"]["page"]["count"], 2);
        assert_eq!(reply["meta"]["projects"], json!({}));
    }
}
