//! A token of the issuer works like one of ours.

use serde_json::json;

use super::{SignIn, named};
use crate::support::{Engine, Mood, TestIssuer, frame, on_both_engines};

on_both_engines![
    a_person_who_signed_in_has_full_access_to_their_own_data,
    the_scheme_of_the_header_may_be_bearer_or_token_in_any_case,
    an_expired_token_is_401,
    a_token_for_somebody_else_or_from_somebody_else_is_401,
    an_issuer_out_of_reach_is_503_and_known_keys_go_on_serving,
    a_linked_subject_is_the_existing_user,
    without_an_issuer_json_web_tokens_are_rejected,
];

fn a_person_who_signed_in_has_full_access_to_their_own_data(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    let ada = it.person(&named("ada"));
    let me = ada.get("/users/me").json();
    assert_eq!(me["login"], "ada");
    ada.push(&[frame()]);
    assert_eq!(ada.pull_everything().len(), 1);
    let made = ada.request_with_body("POST", "/users/me/tokens", &[], br#"{"name": "laptop"}"#);
    assert_eq!(made.status, 201, "{made:?}");
    let token = made.json()["token"].as_str().expect("a token").to_owned();
    assert_eq!(
        it.with_token(&token).get("/users/me").json()["id"],
        me["id"]
    );
    let bob = it.person(&named("bob"));
    assert_eq!(bob.get("/users/me").json()["login"], "bob");
    assert_eq!(bob.pull_everything().len(), 0);
}

fn the_scheme_of_the_header_may_be_bearer_or_token_in_any_case(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    let token = it.issuer.token(&named("ada"));
    let stranger = it.crick.stranger();
    for scheme in ["Bearer ", "bearer ", "BEARER ", "Token ", ""] {
        let header = [("Authorization", &*format!("{scheme}{token}"))];
        let reply = stranger.request("GET", "/users/me", &header);
        assert_eq!(reply.status, 200, "{scheme}: {reply:?}");
    }
    stranger
        .request(
            "GET",
            "/users/me",
            &[("Authorization", &*format!("Basic {token}"))],
        )
        .problem(401);
}

fn an_expired_token_is_401(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    let mut claims = named("ada");
    claims["exp"] = json!(1_500_000_000);
    let detail = it.person(&claims).get("/users/me").problem(401);
    assert!(detail.contains("expired"), "{detail}");
}

fn a_token_for_somebody_else_or_from_somebody_else_is_401(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    let other = TestIssuer::start();
    let mut for_another = named("ada");
    for_another["aud"] = json!(["https://another.example", "https://third.example"]);
    it.person(&for_another).get("/users/me").problem(401);
    let claims = it.issuer.claims(&named("ada"));
    it.with_token(&other.key.sign(&claims))
        .get("/users/me")
        .problem(401);
    for nonsense in ["a.b.c", "..", "....", "eyJhbGciOiJub25lIn0.e30."] {
        it.with_token(nonsense).get("/users/me").problem(401);
    }
    let users = it
        .crick
        .database
        .crick(&["user", "list"])
        .succeeded()
        .stdout;
    assert_eq!(users, "alice\n");
}

fn an_issuer_out_of_reach_is_503_and_known_keys_go_on_serving(engine: Engine) {
    let it = SignIn::start(engine, &["--registration", "open"]);
    it.issuer.set_mood(Mood::Status(503));
    let ada = it.person(&named("ada"));
    let reply = ada.get("/users/me");
    reply.problem(503);
    assert!(!reply.header("retry-after").is_empty());
    let alice = it.crick.device("laptop");
    assert_eq!(
        alice.get("/users/me").status,
        200,
        "our own tokens need no issuer"
    );

    let it = SignIn::start(engine, &["--registration", "open"]);
    let ada = it.person(&named("ada"));
    assert_eq!(ada.get("/users/me").status, 200);
    it.issuer.set_mood(Mood::HangUp);
    assert_eq!(ada.get("/users/me").status, 200);
    assert_eq!(it.person(&named("ada")).get("/users/me").status, 200);
    assert_eq!(it.issuer.requests(TestIssuer::JWKS), 1);
}

fn a_linked_subject_is_the_existing_user(engine: Engine) {
    let it = SignIn::start(engine, &[]);
    let alice = it.crick.device("laptop");
    alice.push(&[frame()]);
    let claims = json!({"sub": "auth0|4711"});
    let detail = it.person(&claims).get("/users/me").problem(403);
    assert!(detail.contains("auth0|4711"), "{detail}");
    let url = it.issuer.url();
    let link = |login: &str| {
        let arguments = [
            "--oidc-issuer",
            &url,
            "--oidc-audience",
            "any",
            "user",
            "link",
            login,
            "--subject",
            "auth0|4711",
        ];
        it.crick.database.crick(&arguments)
    };
    link("alice").succeeded();
    let signed_in = it.person(&claims);
    assert_eq!(signed_in.get("/users/me").json()["login"], "alice");
    assert_eq!(signed_in.pull_everything().len(), 1);
    it.crick.database.add_user("bob");
    let ran = link("bob").failed();
    assert!(ran.stderr.contains("already"), "{ran:?}");
}

fn without_an_issuer_json_web_tokens_are_rejected(engine: Engine) {
    let issuer = TestIssuer::start();
    let crick = crate::support::Crick::start_with(engine, &["--registration", "open"]);
    crick
        .with_token(&issuer.token(&named("ada")))
        .get("/users/me")
        .problem(401);
    assert_eq!(issuer.requests(TestIssuer::JWKS), 0);
}
