//! What is wrong with a token of the issuer is 401 on a route, where the first Crick let it pass or hung up. Each rule by
//! itself is in `oidc`.

use serde_json::{Value, json};

use crate::support::{AUDIENCE, Crick, Engine, Kind, SigningKey, TestIssuer, on_both_engines};

on_both_engines![
    a_token_that_is_wrong_in_any_way_is_401_and_the_connection_stays,
    a_token_for_us_and_others_is_for_us,
];

fn start(engine: Engine) -> (Crick, TestIssuer) {
    let issuer = TestIssuer::start();
    let url = issuer.url();
    let options = ["--oidc-issuer", &*url, "--oidc-audience", AUDIENCE];
    let crick = Crick::start_with(
        engine,
        &[&options[..], &["--registration", "open"]].concat(),
    );
    (crick, issuer)
}

/// The claims of ada with changes; null leaves one out.
fn changed(changes: Value) -> Value {
    let mut claims = json!({"nickname": "ada"});
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims
}

fn a_token_that_is_wrong_in_any_way_is_401_and_the_connection_stays(engine: Engine) {
    let (crick, issuer) = start(engine);
    let claims = issuer.claims(&changed(json!({})));
    let with_header = |alg: &str, kid: &str| {
        let header = json!({"typ": "JWT", "alg": alg, "kid": kid});
        issuer.key.sign_with_header(&header, &claims)
    };
    let wrong = [
        issuer.token(&changed(json!({"sub": null}))),
        issuer.token(&changed(json!({"sub": ""}))),
        issuer.token(&changed(json!({"exp": null}))),
        issuer.token(&changed(json!({"exp": 1_500_000_000}))),
        issuer.token(&changed(json!({"nbf": 4_000_000_000_i64}))),
        issuer.token(&changed(json!({"iss": "https://else.example/"}))),
        issuer.token(&changed(json!({"aud": "https://else.example/"}))),
        with_header("none", "first"),
        with_header("HS256", "first"),
        SigningKey::new(Kind::EdDsa, "unknown").sign(&claims),
        "a.b.c".to_owned(),
    ];
    let mut connection = crick.server.connect();
    for (number, token) in wrong.iter().enumerate() {
        connection.send(&format!(
            "GET /users/me HTTP/1.1\r\nHost: crick\r\nAuthorization: Bearer {token}\r\n\r\n"
        ));
        let reply = connection.reply();
        let reply = reply.unwrap_or_else(|| panic!("hung up on token {number}"));
        assert_eq!(reply.status, 401, "token {number}: {reply:?}");
        reply.problem(401);
    }
    let users = crick.database.crick(&["user", "list"]).succeeded().stdout;
    assert_eq!(users, "alice\n");
}

fn a_token_for_us_and_others_is_for_us(engine: Engine) {
    let (crick, issuer) = start(engine);
    let audience = json!({"aud": ["https://else.example/", AUDIENCE]});
    let ada = crick.with_token(&issuer.token(&changed(audience)));
    assert_eq!(ada.get("/users/me").ok(200)["login"], "ada");
}
