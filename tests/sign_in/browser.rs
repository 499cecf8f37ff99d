//! Signing in with the issuer in a browser: to the issuer, back with a code, and into the dashboard.

use serde_json::{Value, json};

use super::{SignIn, named};
use crate::support::{Api, CLIENT, Engine, Mood, Reply, TestIssuer, on_both_engines, parameters};

on_both_engines![
    somebody_signs_in_with_the_issuer_and_sees_their_page,
    the_issuer_is_asked_as_the_standards_say,
    a_secret_of_the_client_goes_in_the_header_or_in_the_form,
    what_comes_back_is_believed_only_for_the_attempt_that_it_answers,
    an_id_token_for_somebody_else_or_another_attempt_is_refused,
    who_may_register_is_the_same_as_for_programs,
    an_issuer_that_is_away_is_told_of_and_tokens_go_on,
    without_a_client_there_is_no_such_way_in,
    a_session_from_the_issuer_ends_after_a_week_however_much_it_is_used,
];

const CALLBACK: &str = "/dashboard/sign-in/callback";
const WITH_CLIENT: [&str; 2] = ["--oidc-client-id", CLIENT];

/// A browser that has gone to the issuer.
struct There {
    /// The address of the issuer's page.
    address: String,
    /// The cookie for the way back.
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

/// The cookie of the session that an answer begins.
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

fn somebody_signs_in_with_the_issuer_and_sees_their_page(engine: Engine) {
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

fn the_issuer_is_asked_as_the_standards_say(engine: Engine) {
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

fn a_secret_of_the_client_goes_in_the_header_or_in_the_form(engine: Engine) {
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

fn what_comes_back_is_believed_only_for_the_attempt_that_it_answers(engine: Engine) {
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
    // In another browser, in none, and with another state.
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
    // What only looks does not use it up.
    let (code, state) = &came;
    let address = format!("{CALLBACK}?code={code}&state={state}");
    let looked = browser.request("HEAD", &address, &[("Cookie", &mine.cookie)]);
    assert_eq!(looked.status, 405);
    // A code is good once.
    assert!(session(&back(&browser, &mine.cookie, &came)).is_some());
    refused(back(&browser, &mine.cookie, &came));
    // Somebody else's code, with one's own state.
    let stolen = it.issuer.sign_in(&theirs.address, &named("bob"));
    let again = go(&browser, "");
    let state = parameters(&again.address)["state"].clone();
    refused(back(&browser, &again.cookie, &(stolen.0, state)));
    // The issuer says no.
    let state = parameters(&theirs.address)["state"].clone();
    let address = format!("{CALLBACK}?error=access_denied&state={state}");
    refused(browser.request("GET", &address, &[("Cookie", &theirs.cookie)]));
    refused(browser.get(CALLBACK));
}

fn an_id_token_for_somebody_else_or_another_attempt_is_refused(engine: Engine) {
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

fn who_may_register_is_the_same_as_for_programs(engine: Engine) {
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

fn an_issuer_that_is_away_is_told_of_and_tokens_go_on(engine: Engine) {
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

fn without_a_client_there_is_no_such_way_in(engine: Engine) {
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
    // It was used long ago: now that is noted, and nothing else.
    database.execute("UPDATE web_sessions SET last_used_at = created_at - 3600000000");
    let page = browser.request("GET", "/", &[("Cookie", &cookie)]);
    assert_eq!(page.status, 200);
    assert_eq!(database.number(life), 7 * 86_400);
    database.execute("UPDATE web_sessions SET expires_at = created_at");
    let page = browser.request("GET", "/", &[("Cookie", &cookie)]);
    assert_eq!(page.status, 303);
}
