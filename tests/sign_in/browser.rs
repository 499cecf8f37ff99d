//! Signing in with a browser: to the issuer, back with a code, and into the dashboard.

use serde_json::{Value, json};

use super::{SignIn, named};
use crate::support::{Api, CLIENT, Engine, Mood, Reply, TestIssuer, on_both_engines, parameters};

on_both_engines![
    a_person_signs_in_with_the_issuer_and_sees_their_page,
    requests_to_the_issuer_follow_the_standards,
    the_client_secret_is_sent_in_the_header_or_in_the_form,
    a_response_is_accepted_only_for_its_own_attempt,
    an_id_token_for_another_client_or_attempt_is_refused,
    registration_rules_are_the_same_as_for_programs,
    an_unavailable_issuer_is_reported_and_tokens_still_work,
    without_a_client_browsers_cannot_sign_in_with_the_issuer,
    a_session_from_the_issuer_ends_after_a_week_however_much_it_is_used,
];

const CALLBACK: &str = "/dashboard/sign-in/callback";
const WITH_CLIENT: [&str; 2] = ["--oidc-client-id", CLIENT];

/// A browser that has gone to the issuer.
struct There {
    /// The address of the issuer's page.
    address: String,
    /// The cookie of the attempt.
    cookie: String,
}

fn go(browser: &Api, query: &str) -> There {
    let reply = browser.get(&format!("/dashboard/sign-in/issuer{query}"));
    assert_eq!(reply.status, 303, "{reply:?}");
    let set = reply.header("set-cookie");
    for part in ["crick-sign-in=", "HttpOnly", "SameSite=Lax", "Max-Age=600"] {
        assert!(set.contains(part), "{set}");
    }
    There {
        address: reply.header("location").to_owned(),
        cookie: set.split(';').next().expect("a pair").to_owned(),
    }
}

fn back(browser: &Api, cookie: &str, (code, state): &(String, String)) -> Reply {
    let address = format!("{CALLBACK}?code={code}&state={state}");
    browser.request("GET", &address, &[("Cookie", cookie)])
}

/// The session cookie of a response.
fn session(reply: &Reply) -> Option<String> {
    let cookies = reply.headers.get_all("set-cookie").iter();
    let cookies = cookies.map(|cookie| cookie.to_str().expect("ASCII"));
    let mut session = cookies.filter(|cookie| cookie.starts_with("crick="));
    session
        .next()
        .map(|cookie| cookie.split(';').next().expect("a pair").to_owned())
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).expect("UTF-8")
}

fn open(engine: Engine) -> SignIn {
    let options = [&WITH_CLIENT[..], &["--registration", "open"]].concat();
    SignIn::start(engine, &options)
}

fn a_person_signs_in_with_the_issuer_and_sees_their_page(engine: Engine) {
    let it = open(engine);
    let browser = it.crick.stranger();
    assert!(
        text(&browser.get("/dashboard/sign-in")).contains("/dashboard/sign-in/issuer?next=%2F")
    );

    let there = go(&browser, "?next=%2Fdashboard%2Fdevices&zone=Europe%2FParis");
    let came = it.issuer.sign_in(&there.address, &named("ada"));
    let reply = back(&browser, &there.cookie, &came);
    assert_eq!(reply.status, 200, "no redirect: {reply:?}");
    assert!(text(&reply).contains("url=/dashboard/devices"));
    let removed = format!("{:?}", reply.headers);
    assert!(removed.contains("crick-sign-in=; "), "{removed}");

    let cookie = session(&reply).expect("a session");
    let page = browser.request("GET", "/dashboard/devices", &[("Cookie", &cookie)]);
    assert_eq!(page.status, 200);
    assert!(text(&page).contains("ada") && text(&page).contains("Europe/Paris"));
    assert!(text(&page).contains("Create token"), "they may write");

    let again = go(&browser, "");
    let came = it.issuer.sign_in(&again.address, &named("ada"));
    assert!(session(&back(&browser, &again.cookie, &came)).is_some());
    let users = it.crick.database.crick(&["user", "list"]).succeeded();
    assert_eq!(
        users.stdout.lines().count(),
        2,
        "ada once: {}",
        users.stdout
    );
}

fn requests_to_the_issuer_follow_the_standards(engine: Engine) {
    let it = open(engine);
    let browser = it.crick.stranger();
    let there = go(&browser, "");
    let asked = parameters(&there.address);
    assert!(
        there
            .address
            .starts_with(&it.issuer.at("/authorize?tenant=1&"))
    );
    let redirect = format!("http://{}{CALLBACK}", it.crick.server.address);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", &redirect),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(asked[name], value);
    }
    let other = parameters(&go(&browser, "").address);
    for secret in ["state", "nonce", "code_challenge"] {
        assert_eq!(asked[secret].len(), 43);
        assert_ne!(asked[secret], other[secret], "{secret} is new each time");
        assert!(!there.cookie.contains(&asked[secret]));
    }
    let behind_tls = [("X-Forwarded-Proto", "https"), ("Host", "crick.example")];
    let reply = browser.request("GET", "/dashboard/sign-in/issuer", &behind_tls);
    let asked = parameters(reply.header("location"));
    assert_eq!(
        asked["redirect_uri"],
        format!("https://crick.example{CALLBACK}")
    );
    let cookie = reply.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-crick-sign-in=") && cookie.contains("Secure"),
        "{cookie}"
    );
}

fn the_client_secret_is_sent_in_the_header_or_in_the_form(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, "s:e/c\n").expect("written");
    let file = file.to_str().expect("UTF-8");
    let options = [&WITH_CLIENT[..], &["--registration", "open"]].concat();
    let secret = ["--oidc-client-secret-file", file, "--log", "debug"];
    let it = SignIn::start(engine, &[&options[..], &secret].concat());
    let browser = it.crick.stranger();
    let exchange = |name: &str| {
        let there = go(&browser, "");
        let came = it.issuer.sign_in(&there.address, &named(name));
        assert!(session(&back(&browser, &there.cookie, &came)).is_some());
        it.issuer.last_exchange()
    };
    let (authorization, form) = exchange("ada");
    // crick-web:s%3Ae%2Fc
    let basic = "Basic Y3JpY2std2ViOnMlM0FlJTJGYw==";
    assert_eq!(authorization.as_deref(), Some(basic));
    assert!(!form.contains_key("client_secret"));
    let log = it.crick.server.log.text();
    for secret in [
        "s:e/c",
        basic,
        form["code"].as_str(),
        form["code_verifier"].as_str(),
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }

    let it = SignIn::start(engine, &[&options[..], &secret].concat());
    let browser = it.crick.stranger();
    it.issuer.set_discovery(json!({
        "issuer": it.issuer.url(),
        "jwks_uri": it.issuer.at(TestIssuer::JWKS),
        "authorization_endpoint": it.issuer.at("/authorize"),
        "token_endpoint": it.issuer.at(TestIssuer::TOKEN),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }));
    let there = go(&browser, "");
    let came = it.issuer.sign_in(&there.address, &named("ada"));
    assert!(session(&back(&browser, &there.cookie, &came)).is_some());
    let (authorization, form) = it.issuer.last_exchange();
    assert_eq!(authorization, None);
    assert_eq!(form["client_secret"], "s:e/c");
}

fn a_response_is_accepted_only_for_its_own_attempt(engine: Engine) {
    let it = open(engine);
    let browser = it.crick.stranger();
    let (mine, theirs) = (go(&browser, ""), go(&browser, ""));
    let came = it.issuer.sign_in(&mine.address, &named("ada"));
    let refused = |reply: Reply| {
        assert_eq!(reply.status, 403, "{reply:?}");
        let removed = reply.header("set-cookie");
        assert!(removed.starts_with("crick-sign-in=; "), "{removed}");
        assert!(session(&reply).is_none());
    };
    // With the cookie of another browser, without one, and with another state.
    refused(back(&browser, &theirs.cookie, &came));
    refused(back(&browser, "a=b", &came));
    refused(back(
        &browser,
        &mine.cookie,
        &(came.0.clone(), "x".to_owned()),
    ));
    let (code, state) = &came;
    let address = format!("{CALLBACK}?code={code}&state={state}&iss=https%3A%2F%2Fevil.example");
    refused(browser.request("GET", &address, &[("Cookie", &mine.cookie)]));
    assert_eq!(
        it.issuer.requests(TestIssuer::TOKEN),
        0,
        "nothing was asked"
    );
    // A HEAD request does not use the code.
    let (code, state) = &came;
    let address = format!("{CALLBACK}?code={code}&state={state}");
    let looked = browser.request("HEAD", &address, &[("Cookie", &mine.cookie)]);
    assert_eq!(looked.status, 405);
    // A code works once.
    assert!(session(&back(&browser, &mine.cookie, &came)).is_some());
    refused(back(&browser, &mine.cookie, &came));
    // The code of another person, with the own state.
    let stolen = it.issuer.sign_in(&theirs.address, &named("bob"));
    let again = go(&browser, "");
    let state = parameters(&again.address)["state"].clone();
    refused(back(&browser, &again.cookie, &(stolen.0, state)));
    // The issuer denies access.
    let state = parameters(&theirs.address)["state"].clone();
    let address = format!("{CALLBACK}?error=access_denied&state={state}");
    refused(browser.request("GET", &address, &[("Cookie", &theirs.cookie)]));
    refused(browser.get(CALLBACK));
}

fn an_id_token_for_another_client_or_attempt_is_refused(engine: Engine) {
    let it = open(engine);
    let browser = it.crick.stranger();
    for wrong in [
        json!({"nonce": "x"}),
        json!({"nonce": null}),
        json!({"aud": "another"}),
        json!({"aud": [CLIENT, "another"], "azp": "another"}),
        json!({"iss": "https://evil.example/"}),
        json!({"exp": 1}),
        json!({"sub": null}),
    ] {
        let there = go(&browser, "");
        let came = it.issuer.sign_in(&there.address, &wrong);
        let reply = back(&browser, &there.cookie, &came);
        assert_eq!(reply.status, 403, "{wrong}: {reply:?}");
        assert!(session(&reply).is_none());
    }
    let there = go(&browser, "");
    let ours = json!({"aud": [CLIENT, "another"], "azp": CLIENT, "nickname": "ada"});
    let came = it.issuer.sign_in(&there.address, &ours);
    assert!(session(&back(&browser, &there.cookie, &came)).is_some());
}

fn registration_rules_are_the_same_as_for_programs(engine: Engine) {
    let it = SignIn::start(engine, &WITH_CLIENT);
    let browser = it.crick.stranger();
    let sign_in = |claims: &Value| {
        let there = go(&browser, "");
        let came = it.issuer.sign_in(&there.address, claims);
        back(&browser, &there.cookie, &came)
    };
    let reply = sign_in(&named("ada"));
    assert_eq!(reply.status, 403);
    assert!(text(&reply).contains("user link"), "{}", text(&reply));
    let url = it.issuer.url();
    let link = ["user", "link", "alice", "--subject", "auth0|ada"];
    let issuer = [
        "--oidc-issuer",
        &url,
        "--oidc-audience",
        crate::support::AUDIENCE,
    ];
    it.crick
        .database
        .crick(&[&link[..], &issuer].concat())
        .succeeded();
    assert!(session(&sign_in(&named("ada"))).is_some());
}

fn an_unavailable_issuer_is_reported_and_tokens_still_work(engine: Engine) {
    let it = open(engine);
    let browser = it.crick.stranger();
    it.issuer.set_mood(Mood::Status(500));
    let reply = browser.get("/dashboard/sign-in/issuer");
    assert_eq!(reply.status, 503);
    assert!(text(&reply).contains("sign in with a token"));
    for _ in 0..5 {
        assert_eq!(browser.get("/dashboard/sign-in/issuer").status, 503);
    }
    let asked = it.issuer.requests(TestIssuer::DISCOVERY);
    assert_eq!(
        asked, 1,
        "whoever is not signed in cannot make us ask and ask"
    );

    let it = open(engine);
    let browser = it.crick.stranger();
    let there = go(&browser, "");
    let came = it.issuer.sign_in(&there.address, &named("ada"));
    it.issuer.set_mood_at(TestIssuer::TOKEN, Mood::HangUp);
    let reply = back(&browser, &there.cookie, &came);
    assert_eq!(reply.status, 503, "{reply:?}");
    assert!(session(&reply).is_none());
    let token = it.crick.device("web");
    let form = format!("token={}", token.token());
    let kind = [("Content-Type", "application/x-www-form-urlencoded")];
    let reply = browser.request_with_body("POST", "/dashboard/sign-in", &kind, form.as_bytes());
    assert!(session(&reply).is_some(), "{reply:?}");
}

fn without_a_client_browsers_cannot_sign_in_with_the_issuer(engine: Engine) {
    let it = SignIn::start(engine, &[]);
    let browser = it.crick.stranger();
    assert!(!text(&browser.get("/dashboard/sign-in")).contains("issuer"));
    for address in ["/dashboard/sign-in/issuer", CALLBACK] {
        assert_eq!(browser.get(address).status, 404);
    }
}

fn a_session_from_the_issuer_ends_after_a_week_however_much_it_is_used(engine: Engine) {
    let it = open(engine);
    let browser = it.crick.stranger();
    let there = go(&browser, "");
    let came = it.issuer.sign_in(&there.address, &named("ada"));
    let cookie = session(&back(&browser, &there.cookie, &came)).expect("a session");
    let database = &it.crick.database;
    let life = "SELECT (expires_at - created_at) / 1000000 FROM web_sessions";
    assert_eq!(database.number(life), 7 * 86_400);
    // The last use was long ago: the new one is recorded, but does not extend the session.
    database.execute("UPDATE web_sessions SET last_used_at = created_at - 3600000000");
    let page = browser.request("GET", "/", &[("Cookie", &cookie)]);
    assert_eq!(page.status, 200);
    assert_eq!(database.number(life), 7 * 86_400);
    database.execute("UPDATE web_sessions SET expires_at = created_at");
    let page = browser.request("GET", "/", &[("Cookie", &cookie)]);
    assert_eq!(page.status, 303);
}
