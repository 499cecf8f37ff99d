//! Parsing of database addresses.

use super::*;

#[test]
fn a_password_is_never_shown() {
    for text in [
        "postgres://crick:s3cret@db/crick",
        "postgresql:///crick?host=/run/postgresql&password=s3cret",
        "host=db user=crick password=s3cret dbname=crick",
    ] {
        let dsn = Dsn::parse(text).expect(text);
        assert!(dsn.has_password(), "{text}");
        assert!(!format!("{dsn} {dsn:?}").contains("s3cret"), "{dsn}");
    }
}

#[test]
fn the_key_value_form_is_parsed() {
    let dsn = Dsn::parse("host=/run/postgresql user=crick dbname='cr ick' sslmode=disable")
        .expect("a DSN");
    assert_eq!(
        dsn.expose(),
        "postgresql:///cr%20ick?host=%2Frun%2Fpostgresql&user=crick&sslmode=disable"
    );
    assert_eq!(Dsn::parse("host=db user"), Err(DsnError::InvalidPair));
    assert_eq!(Dsn::parse("host='db"), Err(DsnError::InvalidPair));
}

#[test]
fn other_schemes_are_rejected_without_quoting() {
    assert_eq!(
        Dsn::parse("mysql://root:s3cret@db/x"),
        Err(DsnError::UnknownScheme)
    );
}

#[test]
fn the_file_of_a_sqlite_address_is_found() {
    for text in [
        "sqlite:/a/b.db",
        "sqlite:///a/b.db",
        "sqlite:/a/b.db?mode=rwc",
    ] {
        assert_eq!(
            Dsn::parse(text).expect(text).file(),
            Some(PathBuf::from("/a/b.db")),
            "{text}"
        );
    }
    let strange = Dsn::parse("sqlite:/a/100%25%3F.db").expect("a DSN");
    assert_eq!(strange.file(), Some(PathBuf::from("/a/100%?.db")));
    assert_eq!(Dsn::sqlite_file(&PathBuf::from("/a/100%?.db")), strange);
}

#[test]
fn only_its_name_selects_a_database_in_memory() {
    for text in ["sqlite::memory:", "sqlite://:memory:", " sqlite::memory: "] {
        let dsn = Dsn::parse(text).expect(text);
        assert!(dsn.is_in_memory() && dsn.file().is_none(), "{text}");
    }
    for text in [
        "sqlite:",
        "sqlite: ",
        "sqlite://",
        "sqlite:///",
        "sqlite:%20",
        "sqlite:?mode=rwc",
        "sqlite://?mode=rwc",
        "sqlite:/var/lib/crick/",
    ] {
        assert_eq!(Dsn::parse(text), Err(DsnError::NoFile), "{text}");
    }
    let mode = |mode: &str| Err(DsnError::Mode(mode.to_owned()));
    assert_eq!(Dsn::parse("sqlite:/a.db?mode=memory"), mode("memory"));
    assert_eq!(Dsn::parse("sqlite:/a.db?mode=ro"), mode("ro"));
    let unknown = |name: &str| Err(DsnError::UnknownParameter(name.to_owned()));
    assert_eq!(Dsn::parse("sqlite:/a.db?cache=shared"), unknown("cache"));
    assert_eq!(Dsn::parse("sqlite:/a.db?immutable=1"), unknown("immutable"));
}

#[test]
fn empty_and_multiline_addresses_are_rejected() {
    for text in ["", " ", "\t "] {
        assert_eq!(Dsn::parse(text), Err(DsnError::Blank), "{text:?}");
    }
    for text in [
        "sqlite:/a.db\n",
        "sqlite:\n",
        "sqlite:/a\nb.db",
        "sqlite:/a%0ab.db",
        "sqlite:/a%00b.db",
        "# comment\npostgresql://crick@localhost/crick",
        "postgresql://crick@localhost/crick\r\n",
    ] {
        assert_eq!(
            Dsn::parse(text),
            Err(DsnError::ControlCharacter),
            "{text:?}"
        );
    }
    assert_eq!(Dsn::parse("sqlite:/a%ff.db"), Err(DsnError::NotUtf8));
}

#[test]
fn the_driver_opens_the_intended_file() {
    for (text, url) in [
        ("sqlite:/a/b.db", "sqlite:/a/b.db"),
        ("sqlite:///a/b.db", "sqlite:/a/b.db"),
        ("sqlite:////a/b.db", "sqlite:/a/b.db"),
        ("sqlite:b.db", "sqlite:b.db"),
        ("sqlite:sqlite:b.db", "sqlite:./sqlite:b.db"),
        ("sqlite:%3Amemory%3A", "sqlite:./:memory:"),
        ("sqlite:/a.db?mode=rw", "sqlite:/a.db?mode=rw"),
        ("sqlite:/a.db?mode=rwc", "sqlite:/a.db"),
    ] {
        assert_eq!(Dsn::parse(text).expect(text).expose(), url, "{text}");
    }
}

#[test]
fn invalid_parameters_are_rejected_before_the_driver_parses_them() {
    for (text, name) in [
        ("host=localhost port=abc", "port"),
        ("host=localhost port=", "port"),
        ("host=localhost port=65536", "port"),
        ("host=localhost port=0", "port"),
        ("postgresql://crick@localhost:0/crick", "port"),
        ("host='' dbname=crick", "host"),
        ("postgresql:///crick?host=%20", "host"),
        ("hostaddr=localhost dbname=crick", "hostaddr"),
        (
            "postgresql://crick@localhost/crick?statement-cache-capacity=-1",
            "statement-cache-capacity",
        ),
    ] {
        let error = Dsn::parse(text).expect_err(text);
        let is_named = matches!(&error, DsnError::Parameter { name: named, .. } if named == name);
        assert!(is_named, "{text}: {error}");
    }
    for text in [
        "postgresql://%ff@localhost/crick",
        "postgresql://crick:%ff@localhost/crick",
        "postgresql://crick@localhost/%ff",
        "postgresql://crick@localhost/%00",
        "postgresql:///crick?user=a%00b",
    ] {
        assert_eq!(Dsn::parse(text), Err(DsnError::NotText), "{text}");
    }
    for text in [
        "host=/run/postgresql port=5433 dbname=crick",
        "hostaddr=::1 dbname=crick user=crick",
        "postgresql://cr%C3%AFck:p%40ss@db.example.org:65535/crick?statement-cache-capacity=0",
    ] {
        Dsn::parse(text).expect(text);
    }
}
