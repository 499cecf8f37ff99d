//! Runs a private PostgreSQL server for the test process, on a Unix socket in a temporary folder.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::requirements::missing;

/// Creates and runs a cluster, prints its folder, and deletes it when standard input is closed,
/// which happens however this process ends.
const KEEPER: &str = r#"
set -eu
folder=$(mktemp -d "${TMPDIR:-/tmp}/crick-pg.XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$1/initdb" -D "$folder/data" -U crick -A trust -E UTF8 --locale=C -N >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
tcp="-c listen_addresses="
if [ -n "${TCP_PORT-}" ]; then
    printf '%s' "$TCP_HBA" >"$folder/data/pg_hba.conf"
    tcp="-c listen_addresses=127.0.0.1 -c port=$TCP_PORT"
    if [ -n "${TCP_CERTIFICATE-}" ]; then
        printf '%s' "$TCP_CERTIFICATE" >"$folder/data/server.crt"
        (umask 077; printf '%s' "$TCP_KEY" >"$folder/data/server.key")
        tcp="$tcp -c ssl=on"
    fi
fi
# Several words.
# shellcheck disable=SC2086
"$1/postgres" -D "$folder/data" -k "$folder" $tcp -c fsync=on -c max_connections=300 \
    -c shared_buffers=64MB >"$folder/log" 2>&1 </dev/null &
server=$!
until grep -q '^ready' "$folder/data/postmaster.pid" 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.05
done
echo "$folder"
cat >/dev/null || true
kill -QUIT "$server" 2>/dev/null || true
wait "$server" || true
"#;

/// The running cluster.
pub(crate) struct Cluster {
    folder: PathBuf,
    /// The folder of PostgreSQL's programs.
    programs: PathBuf,
    /// Its TCP port, if it has one.
    pub(crate) port: Option<u16>,
    /// Deletes the cluster when its standard input is closed, which happens when this process ends.
    _keeper: Child,
}

impl Cluster {
    /// The path of a PostgreSQL program of the same version. `postgres` on PATH may be a link.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let server = self.programs.join("postgres").canonicalize();
        server.expect("the server is there").with_file_name(name)
    }

    /// The DSN of a database in it.
    pub(crate) fn dsn(&self, database: &str) -> String {
        format!(
            "postgresql://crick@localhost/{database}?host={}{}",
            self.folder.display(),
            self.port
                .map(|port| format!("&port={port}"))
                .unwrap_or_default()
        )
    }
}

/// The cluster of this process, started by the first call, or `None` if PostgreSQL is not
/// installed.
pub(crate) fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| programs().map(|folder| start(&folder, None)));
    if cluster.is_none() {
        missing(
            "postgres",
            "the PostgreSQL half of the tests",
            "no initdb and postgres on PATH or in /usr/lib/postgresql/*/bin",
        );
    }
    cluster.as_ref()
}

/// The folder with `initdb` and `postgres`: from PATH, or the newest version of Debian.
fn programs() -> Option<PathBuf> {
    let holds_both =
        |folder: &Path| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = std::env::split_paths(&path).find(|folder| holds_both(folder)) {
        return Some(folder);
    }
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .map(|(version, folder)| (version, folder.join("bin")))
        .filter(|(_, folder)| holds_both(folder))
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| folder)
}

/// The TCP options of a cluster that also listens on 127.0.0.1.
struct Tcp {
    port: u16,
    certificate: &'static str,
    key: &'static str,
}

/// Client authentication: databases that only accept TLS, no TLS, and both.
const HBA: &str = "local all all trust\n\
    hostssl tls all 127.0.0.1/32 trust\n\
    hostnossl plain all 127.0.0.1/32 trust\n\
    host mixed all 127.0.0.1/32 trust\n";

impl Cluster {
    /// Starts a cluster for one test that also listens on a TCP port, with TLS if `certificate` is
    /// not empty, and with a database for each kind of connection: `tls`, `plain`, `mixed`.
    pub(crate) fn with_port(certificate: &'static str, key: &'static str) -> Option<Self> {
        // Another program could take the port now, which is very unlikely.
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let tcp = Tcp {
            port,
            certificate,
            key,
        };
        Some(start(&programs()?, Some(tcp)))
    }
}

fn start(programs: &Path, tcp: Option<Tcp>) -> Cluster {
    let mut command = Command::new("sh");
    command
        .args(["-c", KEEPER, "crick-test-postgres"])
        .arg(programs)
        .current_dir("/")
        .env("LC_ALL", "C")
        // Ctrl-C must not reach the keeper, which notices the end of the tests by itself.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(tcp) = &tcp {
        command
            .env("TCP_PORT", tcp.port.to_string())
            .env("TCP_HBA", HBA)
            .env("TCP_CERTIFICATE", tcp.certificate)
            .env("TCP_KEY", tcp.key);
    }
    if let Some((uid, gid)) = somebody_else() {
        command.uid(uid).gid(gid);
    }
    let mut keeper = command.spawn().expect("sh starts");
    let mut folder = String::new();
    BufReader::new(keeper.stdout.take().expect("stdout is piped"))
        .read_line(&mut folder)
        .expect("the keeper says where");
    if folder.is_empty() {
        let mut why = String::new();
        let mut stderr = keeper.stderr.take().expect("stderr is piped");
        stderr
            .read_to_string(&mut why)
            .expect("the keeper says why");
        panic!("PostgreSQL did not start: {why}");
    }
    Cluster {
        folder: PathBuf::from(folder.trim_end()),
        programs: programs.to_owned(),
        port: tcp.map(|tcp| tcp.port),
        _keeper: keeper,
    }
}

/// The user and group that run PostgreSQL if this process is root, which PostgreSQL refuses.
pub(crate) fn somebody_else() -> Option<(u32, u32)> {
    let mine = tempfile::tempfile().expect("a temporary file");
    if mine.metadata().expect("its owner").uid() != 0 {
        return None;
    }
    let passwd = std::fs::read_to_string("/etc/passwd").expect("a list of users");
    let ids = |name: &str| {
        passwd.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let found = fields.first() == Some(&name) && fields.len() > 3;
            found.then(|| Some((fields[2].parse().ok()?, fields[3].parse().ok()?)))?
        })
    };
    Some(
        ids("postgres")
            .or_else(|| ids("nobody"))
            .expect("root needs a user postgres or nobody to run PostgreSQL as"),
    )
}
