//! Starts and stops the real server.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::log::Log;
use super::{Database, RawConnection};

/// How long the server may take to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server. It is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    reader: Option<JoinHandle<()>>,
    /// Its log.
    pub(crate) log: Log,
    /// Its standard output.
    pub(crate) printed: Log,
    /// Where it listens, as `address:port` or `unix:/path`.
    pub(crate) address: String,
}

impl Server {
    /// Starts a server on `database` with additional command-line options and waits until it is
    /// ready. Rates are unlimited unless the options limit them.
    #[track_caller]
    pub(crate) fn start(database: &Database, options: &[&str]) -> Self {
        Self::start_at(database, "127.0.0.1:0", options)
    }

    /// Starts a server that listens on `listen`.
    #[track_caller]
    pub(crate) fn start_at(database: &Database, listen: &str, options: &[&str]) -> Self {
        let mut command = database.server_command();
        // Environment variables, because `options` may contain the flags, which override them.
        for unlimited in ["CRICK_RATE_LIMIT_TOKEN", "CRICK_RATE_LIMIT_ADDRESS"] {
            command.env(unlimited, "0");
        }
        command.args(["--listen", listen, "--log-format", "json"]);
        command.args(options);
        Self::spawn(&mut command)
    }

    /// Runs a command that starts a server which logs JSON, and waits until it is ready.
    #[track_caller]
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server program starts");
        let (printed, _) = Log::collect(child.stdout.take().expect("stdout is piped"));
        let (log, reader) = Log::collect(child.stderr.take().expect("stderr is piped"));
        let mut server = Self {
            child,
            reader: Some(reader),
            log,
            printed,
            address: String::new(),
        };
        let listening = server.log.wait_for(|line| {
            let event: Value = serde_json::from_str(line).ok()?;
            let fields = event.get("fields")?;
            (fields.get("message")? == "listening")
                .then(|| Some(fields.get("address")?.as_str()?.to_owned()))?
        });
        server.address = listening.expect("the server says where it listens before it ends");
        server
    }

    /// The URL that a Watson user configures.
    pub(crate) fn watson_url(&self) -> String {
        format!("http://{}/watson", self.address)
    }

    /// Opens a connection.
    pub(crate) fn connect(&self) -> RawConnection {
        RawConnection::open(&self.address)
    }

    /// Its peak resident memory in KiB (`VmHWM` in proc(5)).
    #[track_caller]
    pub(crate) fn peak_memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|kib| kib.parse().ok()).expect("a size")
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends SIGTERM and waits until it ends.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.terminate();
        self.wait()
    }

    /// Waits until it ends.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                self.read_log_to_its_end();
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "the server did not stop within {PATIENCE:?}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills it.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("SIGKILL is sent");
        self.wait();
    }

    /// Sends a signal by name, with the `kill` of the shell, which is always available.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status();
        let status = status.expect("sh runs");
        assert!(status.success(), "the server was gone before SIG{name}");
    }

    /// Stops it and returns the number of SQL statements of each request, in the order of the
    /// requests. The server must log `sqlx=debug`.
    #[track_caller]
    pub(crate) fn statements_by_request(&mut self) -> Vec<usize> {
        self.terminate();
        assert_eq!(self.wait().code(), Some(0));
        let events = self.log.events();
        let requests = events
            .iter()
            .filter(|event| event["fields"]["message"] == "request");
        let of_request = |request: &Value| {
            let id = &request["span"]["request_id"];
            assert!(id.is_string(), "{request}");
            let is_statement = |event: &&Value| {
                let summary = event["fields"]["summary"].as_str().unwrap_or_default();
                // These belong to opening a connection, which any request may cause.
                event["target"] == "sqlx::query"
                    && &event["span"]["request_id"] == id
                    && !summary.starts_with("PRAGMA")
                    && !summary.starts_with("SET jit")
            };
            events.iter().filter(is_statement).count()
        };
        requests.map(of_request).collect()
    }

    fn read_log_to_its_end(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the log is read");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended.
        drop(self.child.kill());
        drop(self.child.wait());
        self.read_log_to_its_end();
        if std::thread::panicking() {
            #[expect(clippy::disallowed_macros, reason = "the test runner captures it")]
            {
                eprintln!("the server's log:\n{}", self.log.text());
            }
        }
    }
}
