//! nginx in front of a server, as contrib/debian configures it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running nginx. Dropped, it is killed.
pub(super) struct Nginx {
    process: Child,
    /// Where it listens.
    pub(super) address: String,
    _folder: TempDir,
}

/// Whether nginx is installed.
pub(super) fn is_installed() -> bool {
    let version = Command::new("nginx")
        .arg("-v")
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

impl Nginx {
    /// Starts nginx in front of a server that listens on a Unix socket.
    pub(super) fn start(socket: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
        let address = port.expect("a free port").to_string();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let locations = root.join("contrib/debian/nginx/locations.conf");
        let locations = std::fs::read_to_string(locations).expect("the locations");
        let own = socket.display().to_string();
        let locations = locations.replace("/run/crick-api/http.sock", &own);
        assert!(locations.contains(&own), "{locations}");
        let place = folder.path().display();
        // The user is for a test as root: nginx would else lack the right to the socket.
        let configuration = format!(
            "user root; daemon off; worker_processes 1; pid {place}/pid; error_log {place}/error.log;\n\
             events {{ worker_connections 512; }}\n\
             http {{ access_log off; client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;\n\
             fastcgi_temp_path {place}/1; uwsgi_temp_path {place}/2; scgi_temp_path {place}/3;\n\
             server {{ listen {address}; server_tokens off;\n{locations}\n}} }}\n"
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration).expect("the configuration");
        let mut process = Command::new("nginx")
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx starts");
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(&address).is_err() {
            let ended = process.try_wait().expect("a process");
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "nginx does not listen"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Self {
            process,
            address,
            _folder: folder,
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its worker when it is asked to, not when it is killed.
        let quit = format!("kill -TERM {}", self.process.id());
        drop(Command::new("sh").args(["-c", &quit]).status());
        drop(self.process.wait());
    }
}
