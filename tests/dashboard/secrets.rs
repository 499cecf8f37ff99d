//! No secret of a session is logged or stored in clear text.

use super::{Browser, after};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![
    no_secret_is_logged,
    the_sessions_secret_is_not_stored_in_clear_text,
];

fn no_secret_is_logged(engine: Engine) {
    let mut crick = Crick::start_with(engine, &["--log", "debug", "--drain-grace", "0"]);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let page = browser.page("/dashboard/teams");
    let csrf = after(&page, "name=\"csrf\" value=\"").to_owned();
    browser.done("/dashboard/zone", &[("zone", "Asia/Tokyo")]);
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", "phone"),
        ("scopes", "read"),
    ];
    let made = browser.send("/dashboard/devices", &fields);
    assert_eq!(made.status, 201, "{made:?}");
    let made = super::text(made);
    let shown = made.split("<pre").nth(1).expect("the token");
    let shown = shown.split('>').nth(1).and_then(|it| it.split('<').next());
    assert_eq!(browser.post("/dashboard/sign-out", &[]).status, 303);
    crick.server.terminate();
    assert_eq!(crick.server.wait().code(), Some(0));
    let log = crick.server.log.text();
    assert!(log.contains("/dashboard/sign-out"), "requests are logged");
    let secret = browser.cookie.trim_start_matches("crick=");
    for secret in [alice.token(), secret, &csrf, shown.expect("the token")] {
        assert!(secret.len() > 40, "{secret}");
        assert!(!log.contains(secret), "{log}");
        assert!(!log.contains(&secret[secret.len() / 2..]), "not even half");
    }
}

fn the_sessions_secret_is_not_stored_in_clear_text(engine: Engine) {
    let crick = Crick::start(engine);
    let browser = Browser::sign_in(&crick, &crick.person("alice"), "Asia/Tokyo");
    let secret = browser.cookie.trim_start_matches("crick=");
    let page = browser.page("/dashboard/teams");
    let csrf = after(&page, "name=\"csrf\" value=\"");
    if engine.is_embedded() {
        let file = |text| crick.database.file_contains(text);
        assert!(file("Asia/Tokyo"), "the search finds what is there");
        assert!(!file(secret) && !file(csrf));
    } else {
        let rows = |text: &str| {
            let sql = format!("SELECT count(*) FROM web_sessions t WHERE t::text LIKE '%{text}%'");
            crick.database.number(&sql)
        };
        let hexadecimal = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let [secret_bytes, csrf_bytes]: [String; 2] = [secret, csrf].map(hexadecimal);
        assert_eq!(rows("Asia/Tokyo"), 1, "the search finds what is there");
        for text in [secret, csrf, &secret_bytes, &csrf_bytes] {
            assert_eq!(rows(text), 0);
        }
    }
}
