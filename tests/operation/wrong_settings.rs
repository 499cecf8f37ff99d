//! Invalid settings and arguments are refused in plain words.

use super::config::{Sources, refusal};
use crate::support::{assert_plain, migrate_command, run, server_command};

/// Clap's prefix and the example of a filter are allowed, and the path of a temporary file may
/// contain anything.
#[track_caller]
fn plain(said: &str, of: &str) {
    let said = said.replace("error: invalid value", "error:");
    let words = said.split(' ').filter(|word| !word.starts_with('/'));
    let said = words.collect::<Vec<_>>().join(" ");
    assert_plain(&said.replace("sqlx=debug", ""), of);
}

#[test]
fn a_wrong_value_from_any_source_is_refused_in_plain_words() {
    for (name, wrong) in [
        ("listen", "nowhere"),
        ("metrics_listen", "unix:x"),
        ("migrate_on_start", "maybe"),
        ("database_connections", "many"),
        ("bulk_body_limit", "-1"),
        ("body_limit", "1.5"),
        ("rate_limit_token", "99999999999"),
        ("rate_limit_address", ""),
        ("header_timeout", "10s"),
        ("request_timeout", "99999999999999999999"),
        ("drain_grace", "x"),
        ("drain_deadline", " 1"),
        ("dashboard", "1"),
        ("registration", "everybody"),
        ("registration_allow", "ada"),
        ("cors_allowed_origins", "*"),
        ("oidc_issuer", "issuer"),
        ("oidc_jwks_uri", "x"),
        ("oidc_userinfo_uri", "http://"),
        ("log", "crick=loud"),
        ("log", "info[x]"),
        ("log_format", "xml"),
    ] {
        let issuer = || match name {
            "oidc_issuer" => Sources::new().env("CRICK_OIDC_AUDIENCE", "x"),
            name if name.starts_with("oidc") => Sources::new()
                .env("CRICK_OIDC_AUDIENCE", "x")
                .env("CRICK_OIDC_ISSUER", "https://issuer.example.org/"),
            _ => Sources::new(),
        };
        let flag = format!("--{}={wrong}", name.replace('_', "-"));
        let mut by_flag = issuer();
        by_flag.command.arg(flag);
        plain(&refusal(by_flag), name);
        // An empty variable is tested with the flag only.
        if !wrong.is_empty() {
            let variable = format!("CRICK_{}", name.to_uppercase());
            plain(&refusal(issuer().env(&variable, wrong)), name);
        }
        let lists = ["registration_allow", "cors_allowed_origins"];
        let quoted = match lists.contains(&name) {
            true => format!("{name} = [{wrong:?}]\n"),
            false => format!("{name} = {wrong:?}\n"),
        };
        for text in [
            quoted,
            format!("{name} = {{ x = 1 }}\n"),
            format!("{name} = [[1]]\n"),
        ] {
            let why = refusal(issuer().file(&text));
            plain(&why, &text);
            assert!(why.contains(name) || name == "log", "{text}: {why}");
        }
    }
    for (text, why) in [
        ("\n\nlog = \n", "syntax error in line 3"),
        ("\ncolour = 1\n", "\"colour\" is unknown"),
        ("log = \"info\"\nlog = \"debug\"\n", "line 2"),
    ] {
        let said = refusal(Sources::new().file(text));
        plain(&said, text);
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_wrong_argument_of_a_command_is_refused_in_plain_words() {
    for arguments in [
        &["frame", "remove", "ada", "x"][..],
        &[
            "token",
            "create",
            "ada",
            "--device",
            "x",
            "--expires-in-days",
            "x",
        ],
        &[
            "token",
            "create",
            "ada",
            "--device",
            "x",
            "--expires-in-days",
            "0",
        ],
        &["token", "create", "ada", "--device", "x", "--scopes", "all"],
        &["export", "ada", "--format", "xml"],
    ] {
        let ran = run(server_command().args(arguments)).failed();
        plain(&ran.stderr, &format!("{arguments:?}"));
    }
    let ran = run(migrate_command().args(["down", "x"])).failed();
    plain(&ran.stderr, "down x");
}
