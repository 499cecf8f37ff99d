//! Settings: sources, their priority, and invalid values.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Api, Engine, Ran, Server, migrate_command, run, server_command};

/// A folder with a settings file and a credentials folder, and a command that reads them.
pub(super) struct Sources {
    folder: TempDir,
    pub(super) command: Command,
}

impl Sources {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = server_command();
        command
            .arg("check-config")
            .env("XDG_DATA_HOME", folder.path());
        Self { folder, command }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn file(mut self, text: &str) -> Self {
        let path = self.path("crick.toml");
        std::fs::write(&path, text).expect("a settings file");
        self.command.arg("--config").arg(path);
        self
    }

    fn credential(mut self, name: &str, text: &str) -> Self {
        let folder = self.path("credentials");
        std::fs::create_dir_all(&folder).expect("a credentials folder");
        std::fs::write(folder.join(name), text).expect("a credential");
        self.command.env("CREDENTIALS_DIRECTORY", folder);
        self
    }

    pub(super) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    fn flag(mut self, name: &str, value: &str) -> Self {
        self.command.args([name, value]);
        self
    }

    fn check(mut self) -> Ran {
        run(&mut self.command)
    }

    /// The effective settings.
    #[track_caller]
    fn effective(self) -> toml::Table {
        let printed = self.check().succeeded().stdout;
        printed
            .parse()
            .unwrap_or_else(|error| panic!("{error} in {printed}"))
    }

    /// A setting that must be present.
    #[track_caller]
    fn text(self, name: &str) -> String {
        let settings = self.effective();
        settings[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name} in {settings}"))
            .to_owned()
    }
}

/// The error message for invalid settings.
#[track_caller]
pub(super) fn refusal(sources: Sources) -> String {
    let ran = sources.check().failed();
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    ran.stderr
}

#[test]
fn the_defaults_are_as_documented() {
    let settings = Sources::new().effective();
    let expected = [
        ("listen", toml::Value::from("127.0.0.1:7878")),
        ("watson_path", toml::Value::from("/watson")),
        ("bulk_body_limit", toml::Value::from(33_554_432)),
        ("body_limit", toml::Value::from(65_536)),
        ("header_timeout", toml::Value::from(10)),
        ("request_timeout", toml::Value::from(60)),
        ("drain_grace", toml::Value::from(10)),
        ("drain_deadline", toml::Value::from(60)),
        ("log", toml::Value::from("info")),
        ("migrate_on_start", toml::Value::from(true)),
    ];
    for (name, value) in expected {
        assert_eq!(settings.get(name), Some(&value), "{name} in {settings}");
    }
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_defaults() {
    let file = || Sources::new().file("watson_path = \"/from-file\"\n");
    assert_eq!(Sources::new().text("watson_path"), "/watson");
    assert_eq!(file().text("watson_path"), "/from-file");
    let environment = || file().env("CRICK_WATSON_PATH", "/from-environment");
    assert_eq!(environment().text("watson_path"), "/from-environment");
    let flag = environment().flag("--watson-path", "/from-flag");
    assert_eq!(flag.text("watson_path"), "/from-flag");
}

#[test]
fn a_credential_wins_over_the_file_but_not_over_the_environment() {
    let file = || Sources::new().file("dsn = \"sqlite:/from/file.db\"\n");
    assert!(file().text("dsn").contains("/from/file.db"));
    let credential = || file().credential("dsn", "sqlite:/from/credential.db\n");
    assert!(credential().text("dsn").contains("/from/credential.db"));
    let environment = || credential().env("CRICK_DSN", "sqlite:/from/environment.db");
    assert!(environment().text("dsn").contains("/from/environment.db"));
    let flag = environment().flag("--dsn", "sqlite:/from/flag.db");
    assert!(flag.text("dsn").contains("/from/flag.db"));
}

#[test]
fn every_setting_can_come_from_the_environment_and_the_file() {
    let settings = [
        ("listen", "\"unix:/run/x.sock\""),
        ("metrics_listen", "\"127.0.0.1:9187\""),
        ("watson_path", "\"/w\""),
        ("database_connections", "7"),
        ("bulk_body_limit", "1001"),
        ("body_limit", "1002"),
        ("header_timeout", "3"),
        ("request_timeout", "4"),
        ("drain_grace", "5"),
        ("drain_deadline", "6"),
        ("log", "\"warn\""),
        ("log_format", "\"json\""),
        ("migrate_on_start", "false"),
    ];
    for (name, value) in settings {
        let expected = format!("{name} = {value}");
        let expected: toml::Table = expected.parse().expect("TOML");
        let file = Sources::new()
            .file(&format!("{name} = {value}\n"))
            .effective();
        assert_eq!(file[name], expected[name], "from the file");
        let variable = format!("CRICK_{}", name.to_uppercase());
        let environment = Sources::new()
            .env(&variable, value.trim_matches('"'))
            .effective();
        assert_eq!(environment[name], expected[name], "from {variable}");
    }
}

#[test]
fn the_port_variable_of_the_first_crick_works() {
    assert_eq!(
        Sources::new().env("PORT", "8123").text("listen"),
        "0.0.0.0:8123"
    );
    let both = Sources::new()
        .env("PORT", "8123")
        .env("CRICK_LISTEN", "127.0.0.1:8124");
    assert_eq!(both.text("listen"), "127.0.0.1:8124");
}

#[test]
fn an_unknown_key_in_the_file_is_refused_by_name() {
    let stderr = refusal(Sources::new().file("watson_path = \"/w\"\nheader_timeuot = 5\n"));
    assert!(stderr.contains("header_timeuot"), "{stderr}");
}

#[test]
fn an_invalid_value_is_refused_by_name() {
    for (name, value) in [
        ("header_timeout", "\"soon\""),
        ("listen", "\"nowhere\""),
        ("listen", "\"127.0.0.1:99999\""),
        ("log_format", "\"xml\""),
        ("body_limit", "-1"),
        ("migrate_on_start", "\"perhaps\""),
        ("dsn", "\"mysql://root@db/x\""),
    ] {
        let stderr = refusal(Sources::new().file(&format!("{name} = {value}\n")));
        assert!(stderr.contains(name), "{name} = {value}: {stderr}");
    }
}

#[test]
fn a_missing_or_invalid_file_is_refused_by_its_path() {
    let missing = refusal(Sources::new().flag("--config", "/nonexistent/crick.toml"));
    assert!(missing.contains("/nonexistent/crick.toml"), "{missing}");
    let broken = refusal(Sources::new().file("watson_path = \n"));
    assert!(broken.contains("crick.toml"), "{broken}");
}

#[test]
fn checking_settings_opens_no_database() {
    let sources = Sources::new().env("CRICK_DSN", "postgresql://crick@127.0.0.1:1/none");
    sources.check().succeeded();
}

#[test]
fn an_invalid_database_address_is_refused_from_every_source() {
    for dsn in [
        "",
        " ",
        "sqlite:",
        "sqlite://",
        "sqlite: ",
        "sqlite:\n",
        "sqlite:?mode=memory",
        "sqlite:/a.db?mode=memory",
        "sqlite:/a.db?mode=ro",
        "sqlite:/a\nb.db",
        "# the database\nsqlite:/a.db",
        "postgresql://crick@localhost/crick\npostgresql://crick@localhost/other",
    ] {
        let toml = toml::Table::from_iter([("dsn".to_owned(), dsn.into())]).to_string();
        let in_file = |line_end: &str| {
            let sources = Sources::new();
            let file = sources.path("address");
            std::fs::write(&file, format!("{dsn}{line_end}")).expect("a file");
            sources.env("CRICK_DSN_FILE", file.to_str().expect("UTF-8"))
        };
        for (source, sources) in [
            ("flag", Sources::new().flag("--dsn", dsn)),
            ("environment", Sources::new().env("CRICK_DSN", dsn)),
            ("settings", Sources::new().file(&toml)),
            ("credential", Sources::new().credential("dsn", dsn)),
            (
                "credential",
                Sources::new().credential("dsn", &format!("{dsn}\n")),
            ),
            ("dsn_file", in_file("")),
            ("dsn_file", in_file("\n")),
        ] {
            let stderr = refusal(sources);
            assert!(stderr.contains("dsn: "), "{source} {dsn:?}: {stderr}");
        }
        // The migrator has the same rules.
        for flag in [true, false] {
            let mut command = migrate_command();
            if flag {
                command.args(["--dsn", dsn]);
            } else {
                command.env("CRICK_DSN", dsn);
            }
            let ran = run(command.arg("status")).failed();
            assert_eq!(ran.code, Some(2), "{dsn:?}: {ran:?}");
        }
    }
    let line_end = Sources::new().env("CRICK_DSN", "sqlite:/a.db\n");
    assert!(refusal(line_end).contains("line break"));
    let no_file = Sources::new().env("CRICK_DSN_FILE", "");
    assert!(refusal(no_file).contains("dsn_file"));
    let memory = Sources::new().env("CRICK_DSN", "sqlite::memory:");
    assert_eq!(memory.text("dsn"), "sqlite::memory:");
}

#[test]
fn a_variable_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut sources = Sources::new();
    let latin = std::ffi::OsStr::from_bytes(b"sqlite:/tmp/\xe9.db");
    sources.command.env("CRICK_DSN", latin);
    assert!(refusal(sources).contains("CRICK_DSN"));
}

#[test]
fn a_reserved_or_invalid_watson_path_is_refused() {
    for path in [
        "/dashboard",
        "/livez",
        "/readyz",
        "/frames",
        "/frames.csv",
        "/docs",
        "/users/me",
        "/calendar/watson/",
        "/metrics",
        "/",
        "",
        "watson",
        "/a//b",
        "/a/../b",
        "/.",
        "/{id}",
        "/w?x",
        "/w x",
    ] {
        let stderr = refusal(Sources::new().flag("--watson-path", path));
        assert!(stderr.contains("watson_path: "), "{path:?}: {stderr}");
    }
}

#[test]
fn any_other_watson_path_is_served() {
    for path in [
        "/w",
        "/a/b/c/",
        "/dashboards",
        "/Frames",
        "/watson/frames",
        "/~crick",
    ] {
        let database = Engine::sqlite().migrated();
        database.add_user("alice");
        let token = database.create_token("alice", "laptop");
        let server = Server::start(&database, &["--watson-path", path]);
        let laptop = Api::new(&server.address, Some(&token));
        let projects = format!("{}/projects", path.trim_end_matches('/'));
        assert_eq!(laptop.get(&projects).status, 200, "{path}");
    }
}
