//! TLS to PostgreSQL: what libpq does in each `sslmode`, with certificates of any form.

use crate::support::{Api, Cluster, Database, Engine, Server, frames};

const AUTHORITY: &str = include_str!("../support/tls/ca.crt");
const CERTIFICATE: &str = include_str!("../support/tls/server.crt");
const KEY: &str = include_str!("../support/tls/server.key");
/// Of X.509 version 1, as Debian's and Citus' scripts sign them.
const OLD_CERTIFICATE: &str = include_str!("../support/tls/v1.crt");
const OLD_KEY: &str = include_str!("../support/tls/v1.key");
/// Supported by libpq, but not by rustls.
const UNKNOWN_CERTIFICATE: &str = include_str!("../support/tls/p521.crt");
const UNKNOWN_KEY: &str = include_str!("../support/tls/p521.key");

/// A PostgreSQL server with a port, and a folder with the certificates of two authorities.
struct Fixture {
    cluster: Cluster,
    folder: tempfile::TempDir,
}

impl Fixture {
    fn start(certificate: &'static str, key: &'static str) -> Option<Self> {
        // Reports a missing PostgreSQL.
        Engine::postgres()?;
        let cluster = Cluster::with_port(certificate, key)?;
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("right.crt", AUTHORITY), ("wrong.crt", OLD_CERTIFICATE)] {
            std::fs::write(folder.path().join(name), text).expect("a certificate");
        }
        let postgres = Database::at(&cluster.dsn("postgres"));
        for name in ["tls", "plain", "mixed"] {
            postgres.execute(&format!("CREATE DATABASE {name}"));
        }
        Some(Self { cluster, folder })
    }

    /// An address with parameters; ROOT stands for the folder with the certificates.
    fn database(&self, host: &str, name: &str, parameters: &str) -> Database {
        let port = self.cluster.port.expect("a port");
        let folder = self.folder.path().display().to_string();
        let parameters = parameters.replace("ROOT", &folder);
        let dsn = format!("postgresql://crick@{host}:{port}/{name}?{parameters}");
        Database::at(&dsn)
    }

    /// Whether a connection has TLS.
    #[track_caller]
    fn assert_tls(&self, host: &str, name: &str, parameters: &str, expected: bool) {
        let sql = "SELECT count(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
        let has_tls = self.database(host, name, parameters).number(sql) == 1;
        assert_eq!(has_tls, expected, "{host} {name} {parameters}");
    }

    /// Connecting fails for this reason.
    #[track_caller]
    fn assert_refused(&self, host: &str, name: &str, parameters: &str, reason: &str) {
        let ran = self.database(host, name, parameters).migrate(&["status"]);
        let ran = ran.failed();
        assert!(ran.stderr.contains(reason), "{name} {parameters}: {ran:?}");
        for word in ["panicked", "error returned from database: cannot"] {
            assert!(!ran.stderr.contains(word), "{ran:?}");
        }
    }
}

#[test]
fn a_version_1_certificate_is_no_obstacle_where_libpq_verifies_none() {
    let Some(fixture) = Fixture::start(OLD_CERTIFICATE, OLD_KEY) else {
        return;
    };
    fixture.assert_tls("127.0.0.1", "mixed", "", true);
    fixture.assert_tls("127.0.0.1", "mixed", "sslmode=prefer", true);
    fixture.assert_tls("127.0.0.1", "tls", "sslmode=require", true);
    fixture.assert_tls("localhost", "tls", "sslmode=require", true);
    fixture.assert_tls("127.0.0.1", "mixed", "sslmode=disable", false);
    let verified = "sslmode=verify-ca&sslrootcert=ROOT/right.crt";
    let reason = "the server's certificate cannot be verified";
    fixture.assert_refused("127.0.0.1", "tls", verified, reason);

    let database = fixture.database("127.0.0.1", "tls", "sslmode=require");
    database.migrate(&["up"]).succeeded();
    database.add_user("alice");
    let token = database.create_token("alice", "laptop");
    let server = Server::start(&database, &["--database-connections", "3"]);
    let laptop = Api::new(&server.address, Some(&token));
    laptop.push(&frames(3_000));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| assert_eq!(laptop.pull_everything().len(), 3_000));
        }
    });
    assert_eq!(laptop.get("/readyz").status, 200);
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn an_unsupported_kind_of_key_is_refused_with_the_supported_ones() {
    let Some(fixture) = Fixture::start(UNKNOWN_CERTIFICATE, UNKNOWN_KEY) else {
        return;
    };
    let reason = "key must be RSA of at least 2048 bits, P-256, P-384 or Ed25519";
    fixture.assert_refused("127.0.0.1", "mixed", "sslmode=require", reason);
    // As in libpq when TLS fails.
    fixture.assert_tls("127.0.0.1", "mixed", "sslmode=prefer", false);
}

#[test]
fn each_sslmode_behaves_as_in_libpq() {
    let Some(fixture) = Fixture::start(CERTIFICATE, KEY) else {
        return;
    };
    let (ip, name) = ("127.0.0.1", "localhost");
    // allow: without TLS, unless the server requires it.
    fixture.assert_tls(ip, "mixed", "sslmode=allow", false);
    fixture.assert_tls(ip, "tls", "sslmode=allow", true);
    // prefer: with TLS, unless the server rejects it.
    fixture.assert_tls(ip, "mixed", "sslmode=prefer", true);
    fixture.assert_tls(ip, "plain", "sslmode=prefer", false);
    // require: only with TLS.
    fixture.assert_tls(ip, "mixed", "sslmode=require", true);
    fixture.assert_refused(ip, "plain", "sslmode=require", "no pg_hba.conf entry");
    fixture.assert_refused(ip, "tls", "sslmode=disable", "no pg_hba.conf entry");

    // With a root certificate, the issuer is verified in every mode.
    let unverified = "the server's certificate cannot be verified";
    for (mode, is_verified) in [("require", true), ("verify-ca", true), ("prefer", false)] {
        let right = format!("sslmode={mode}&sslrootcert=ROOT/right.crt");
        let wrong = format!("sslmode={mode}&sslrootcert=ROOT/wrong.crt");
        fixture.assert_tls(ip, "mixed", &right, true);
        if is_verified {
            fixture.assert_refused(ip, "mixed", &wrong, unverified);
        } else {
            fixture.assert_tls(ip, "mixed", &wrong, false);
        }
        fixture.assert_refused(ip, "tls", &wrong, unverified);
    }
    // verify-full: the name is verified as well.
    let full = "sslmode=verify-full&sslrootcert=ROOT/right.crt";
    fixture.assert_tls(name, "mixed", full, true);
    fixture.assert_refused(ip, "mixed", full, unverified);
    // The system does not trust this authority.
    fixture.assert_refused(name, "mixed", "sslrootcert=system", unverified);

    for (parameters, reason) in [
        ("sslrootcert=ROOT/nowhere.crt", "cannot read sslrootcert"),
        (
            "sslcert=ROOT/right.crt&sslkey=ROOT/right.crt",
            "sslkey contains no usable key",
        ),
    ] {
        fixture.assert_refused(ip, "mixed", parameters, reason);
    }
}

#[test]
fn a_server_without_tls_is_reached_unless_tls_is_required() {
    let Some(fixture) = Fixture::start("", "") else {
        return;
    };
    for parameters in ["", "sslmode=allow", "sslmode=prefer", "sslmode=disable"] {
        fixture.assert_tls("127.0.0.1", "mixed", parameters, false);
    }
    let reason = "the server does not offer TLS";
    fixture.assert_refused("127.0.0.1", "mixed", "sslmode=require", reason);
}

#[test]
fn an_unreachable_server_is_named() {
    let database = Database::at("postgresql://crick@127.0.0.1:1/crick");
    let ran = database.migrate(&["status"]).failed();
    let words = "cannot connect to 127.0.0.1:1: Connection refused";
    assert!(ran.stderr.contains(words), "{ran:?}");
    let served = crate::support::run(database.server_command().args(["--listen", "127.0.0.1:0"]));
    assert!(served.failed().stderr.contains(words));
}

#[test]
fn conflicting_parameters_are_refused_before_connecting() {
    for parameters in [
        "sslmode=verify-full",
        "sslmode=verify-ca",
        "sslmode=prefe",
        "sslmode=require&sslrootcert=system",
        "sslcert=/a.crt",
    ] {
        let dsn = format!("postgresql://crick@db.example.org/crick?{parameters}");
        let ran = Database::at(&dsn).crick(&["check-config"]).failed();
        assert_eq!(ran.code, Some(2), "{parameters}: {ran:?}");
        assert!(ran.stderr.contains("dsn: ssl"), "{parameters}: {ran:?}");
    }
    // A socket needs no TLS.
    let socket = "postgresql://crick@localhost/crick?host=/run/postgresql&sslmode=verify-full";
    Database::at(socket).crick(&["check-config"]).succeeded();
}
