//! The first request of a person whom the issuer knows: registration and logins.

use serde_json::{Value, json};

use super::{SignIn, named};
use crate::support::{Api, Engine, Mood, TestIssuer, on_both_engines};

on_both_engines![
    registration_is_closed_unless_the_operator_opens_it,
    the_allow_list_matches_logins_verified_addresses_and_claims,
    concurrent_first_requests_register_one_user,
    a_taken_login_gets_a_number_and_not_the_other_account,
    unusual_names_become_valid_logins,
    a_picture_is_stored_if_it_is_https,
    userinfo_is_requested_when_the_token_has_no_name,
    registration_fails_while_the_issuer_provides_no_profile,
    a_removed_user_may_register_again,
];

fn me(api: &Api) -> Value {
    let reply = api.get("/users/me");
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

fn users(it: &SignIn) -> Vec<String> {
    let listed = it
        .crick
        .database
        .crick(&["user", "list"])
        .succeeded()
        .stdout;
    listed.lines().map(str::to_owned).collect()
}

fn registration_is_closed_unless_the_operator_opens_it(engine: Engine) {
    let it = SignIn::start(engine, &[]);
    let detail = it.person(&named("ada")).get("/users/me").problem(403);
    assert!(detail.contains("user link"), "{detail}");
    assert_eq!(users(&it), ["alice"]);
}

fn the_allow_list_matches_logins_verified_addresses_and_claims(engine: Engine) {
    let list = "login:ada,email:Zoe@example.net,email-domain:Example.org,claim:groups=staff";
    let options = ["--registration", "allow-list", "--registration-allow", list];
    let it = SignIn::start(engine, &options);
    let welcome = [
        json!({"sub": "1", "preferred_username": "ada"}),
        json!({"sub": "0", "nickname": "zoe", "email": "zoe@Example.net", "email_verified": true}),
        json!({"sub": "2", "nickname": "bob", "email": "bob@example.org", "email_verified": true}),
        json!({"sub": "3", "nickname": "carol", "groups": ["guests", "staff"]}),
    ];
    for claims in welcome {
        me(&it.person(&claims));
    }
    let not = [
        json!({"sub": "4", "preferred_username": "Ada"}),
        // Names that people choose themselves, and unverified addresses.
        json!({"sub": "41", "nickname": "ada", "email": "ada@evil.example"}),
        json!({"sub": "42", "name": "ada"}),
        json!({"sub": "43", "nickname": "zoe", "email": "zoe@example.net", "email_verified": false}),
        json!({"sub": "44", "name": "zoe@example.net"}),
        json!({"sub": "5", "nickname": "dave", "email": "dave@example.org", "email_verified": false}),
        json!({"sub": "6", "nickname": "erin", "email": "erin@sub.example.org", "email_verified": true}),
        json!({"sub": "7", "nickname": "frank", "email": "frank@example.org.evil.example", "email_verified": true}),
        json!({"sub": "8", "nickname": "grace", "groups": ["staffers"]}),
    ];
    for claims in not {
        it.person(&claims).get("/users/me").problem(403);
    }
    assert_eq!(users(&it), ["ada", "alice", "bob", "carol", "zoe"]);
}

fn concurrent_first_requests_register_one_user(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    let ada = it.person(&named("ada"));
    let ids: Vec<Value> = std::thread::scope(|scope| {
        let requests: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| me(&ada)["id"].clone()))
            .collect();
        let ids = requests
            .into_iter()
            .map(|request| request.join().expect("an answer"));
        ids.collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(users(&it), ["ada", "alice"]);
}

fn a_taken_login_gets_a_number_and_not_the_other_account(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    let logins: Vec<Value> = (0..3)
        .map(|number| {
            let claims = json!({"sub": number.to_string(), "nickname": "alice"});
            me(&it.person(&claims))["login"].clone()
        })
        .collect();
    assert_eq!(logins, ["alice-2", "alice-3", "alice-4"]);
    for number in 10..20 {
        me(&it.person(&json!({"sub": number.to_string(), "nickname": "alice"})));
    }
    assert_eq!(users(&it).len(), 14);
}

fn unusual_names_become_valid_logins(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    let long = "x".repeat(300);
    let names = [
        ("Ada Lovelace", "Ada-Lovelace"),
        ("ada@example.org", "ada"),
        ("Zoë", "Zoë"),
        ("<script>", "script"),
        ("!!!", "user"),
        (&*long, &long[..62]),
    ];
    for (number, (name, login)) in names.into_iter().enumerate() {
        let claims = json!({"sub": number.to_string(), "name": name});
        assert_eq!(me(&it.person(&claims))["login"], login, "{name}");
    }
}

fn a_picture_is_stored_if_it_is_https(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    for (sub, picture, kept) in [
        (
            "1",
            "https://pictures.example/ada.png",
            "https://pictures.example/ada.png",
        ),
        ("2", "http://pictures.example/ada.png", ""),
        ("3", "javascript:alert(1)", ""),
    ] {
        let claims = json!({"sub": sub, "nickname": "ada", "picture": picture});
        assert_eq!(me(&it.person(&claims))["avatar_url"], kept);
    }
}

fn userinfo_is_requested_when_the_token_has_no_name(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    let profile = json!({"sub": "auth0|ada", "nickname": "countess", "email_verified": true, "updated_at": 7});
    it.issuer.set_userinfo(profile);
    let ada = it.person(&json!({}));
    assert_eq!(me(&ada)["login"], "countess");
    me(&ada);
    assert_eq!(
        it.issuer.requests(TestIssuer::USERINFO),
        1,
        "only the first time"
    );
}

fn registration_fails_while_the_issuer_provides_no_profile(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    let ada = it.person(&json!({}));
    it.issuer
        .set_mood_at(TestIssuer::USERINFO, Mood::Status(503));
    ada.get("/users/me").problem(503);
    it.issuer.set_mood_at(TestIssuer::USERINFO, Mood::Garbage);
    ada.get("/users/me").problem(503);
    it.issuer.set_mood_at(TestIssuer::USERINFO, Mood::Up);
    it.issuer
        .set_userinfo(json!({"sub": "auth0|mallory", "nickname": "ada"}));
    ada.get("/users/me").problem(503);
    assert_eq!(users(&it), ["alice"]);
    it.issuer
        .set_userinfo(json!({"sub": "auth0|ada", "nickname": "ada"}));
    me(&ada);
    assert_eq!(users(&it), ["ada", "alice"]);
}

fn a_removed_user_may_register_again(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    let ada = it.person(&named("ada"));
    let before = me(&ada)["id"].clone();
    assert_eq!(ada.request("DELETE", "/users/me", &[]).status, 204);
    assert_eq!(users(&it), ["alice"]);
    assert_ne!(me(&ada)["id"], before);
}
