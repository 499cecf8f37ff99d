//! Somebody who has one of everything, somebody who has nothing of hers, and the operations of the server's document.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Api, Crick, Engine, frame};

/// An operation of the OpenAPI document, which has those of the table of routes and no others (a unit test says so).
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    /// What credentials have to allow; none when it needs no credentials.
    pub(super) scope: Option<String>,
}

impl Operation {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// An address of nothing that is there, with and without a slash at its end.
    pub(super) fn addresses(&self) -> [String; 2] {
        let path = of_nothing(&self.path);
        [format!("{path}/"), path]
    }
}

/// An address of nothing that is there.
pub(super) fn of_nothing(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.strip_prefix('{') {
        Some(_) => "01234567-89ab-4def-8123-456789abcdef",
        None => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The operations that a running server says it has.
#[track_caller]
pub(super) fn operations(crick: &Crick) -> Vec<Operation> {
    let document = crick.stranger().get("/openapi.json").ok(200);
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| -> Vec<Operation> {
        let methods = item.as_object().expect("a path item").iter();
        let operation = |(method, operation): (&String, &Value)| {
            let security = operation["security"].as_array().expect("a list");
            let scope = security.first().map(|needed| needed["bearer"][0].clone());
            Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                scope: scope.map(|scope| scope.as_str().expect("a scope").to_owned()),
            }
        };
        methods.map(operation).collect()
    };
    let operations: Vec<Operation> = paths.iter().flat_map(of_path).collect();
    assert!(operations.len() > 30, "a document of the whole API");
    operations
}

/// The names of some operations.
pub(super) fn names<'a>(operations: impl Iterator<Item = &'a Operation>) -> BTreeSet<String> {
    operations.map(Operation::name).collect()
}

/// Alice has a token, a project, a frame, a calendar feed and a team that bob is in and carol is invited to. Eve has to do with nobody.
pub(super) struct World {
    pub(super) crick: Crick,
    pub(super) alice: Api,
    pub(super) carol: Api,
    pub(super) eve: Api,
    ids: [(&'static str, String); 8],
}

impl World {
    #[track_caller]
    pub(super) fn new(engine: Engine) -> Self {
        let crick = Crick::start(engine);
        let [alice, bob, carol, eve] =
            ["alice", "bob", "carol", "eve"].map(|login| crick.person(login));
        let of_alice = frame();
        alice.push(std::slice::from_ref(&of_alice));
        let (me, member) = (id(&alice, "/users/me", "/id"), id(&bob, "/users/me", "/id"));
        let invitee = id(&carol, "/users/me", "/id");
        let team = serde_json::json!({"name": "crew", "projects": ["apollo"], "user_ids": [member, invitee]});
        alice.send("POST", "/teams", &team).ok(201);
        let of_bob = id(&bob, "/users/me/invitations", "/invitations/0/id");
        let accept = format!("/users/me/invitations/{of_bob}/accept");
        assert_eq!(bob.request("POST", &accept, &[]).status, 200);
        let feed = serde_json::json!({"name": "work"});
        alice.send("POST", "/users/me/feeds", &feed).ok(201);
        let ids = [
            ("{feed}", id(&alice, "/users/me/feeds", "/feeds/0/id")),
            ("{frame}", id(&alice, "/frames", "/frames/0/id")),
            ("{project}", id(&alice, "/projects", "/projects/0/id")),
            ("{token}", id(&alice, "/users/me/tokens", "/tokens/0/id")),
            ("{team}", id(&alice, "/teams", "/teams/0/id")),
            (
                "{invitation}",
                id(&carol, "/users/me/invitations", "/invitations/0/id"),
            ),
            ("{member}", member),
            ("{alice}", me),
        ];
        Self {
            crick,
            alice,
            carol,
            eve,
            ids,
        }
    }

    /// A text with the names of alice's things in braces replaced by their ids.
    pub(super) fn fill(&self, text: &str) -> String {
        let ids = self.ids.iter();
        ids.fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
    }

    /// All that alice has, and carol's invitation.
    #[track_caller]
    pub(super) fn of_alice(&self) -> Vec<Value> {
        let invitations = self.fill("/teams/{team}/invitations");
        let shared = self.fill("/teams/{team}/members/me");
        let mut all: Vec<Value> = [
            "/users/me",
            "/frames",
            "/projects",
            "/teams",
            "/users/me/feeds",
            &*invitations,
            &*shared,
        ]
        .map(|path| self.alice.get(path).ok(200))
        .into();
        all.push(self.carol.get("/users/me/invitations").ok(200));
        all
    }
}

/// The id at a place in an answer.
#[track_caller]
fn id(who: &Api, path: &str, place: &str) -> String {
    let answer = who.get(path).ok(200);
    let id = answer.pointer(place).and_then(Value::as_str);
    id.expect("an id").to_owned()
}
