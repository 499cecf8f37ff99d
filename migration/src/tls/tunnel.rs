//! Forwards connections from a Unix socket of this process to a PostgreSQL server, with or without
//! TLS according to `sslmode`.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{IpAddr, Ipv4Addr, ServerName};
use rustls::{AlertDescription, ClientConfig};
use sea_orm_migration::sea_orm::sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::TlsError;
use super::settings::{SslMode, TlsSettings};
use super::verifier::client_config;

/// How long the server may take to respond to the first message.
const PATIENCE: Duration = Duration::from_secs(10);
/// The maximum size of the first message, as in PostgreSQL (`MAX_STARTUP_PACKET_LENGTH`).
const LONGEST_STARTUP: usize = 10_000;
/// The SQLSTATE of a failed connection.
const NOT_CONNECTED: &str = "08001";
/// A hint for a failed negotiation, because libpq supports more kinds of keys.
const NO_COMMON_WAY: &str = "TLS failed: server and crick-api support no common algorithm; the \
    server's key must be RSA of at least 2048 bits, P-256, P-384 or Ed25519";
/// The maximum size of an error message.
const LONGEST_ERROR: usize = 64 << 10;
/// The message that requests TLS: its length and its code.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A server, and how to connect to it.
struct Server {
    host: String,
    port: u16,
    mode: SslMode,
    name: ServerName<'static>,
    tls: TlsConnector,
}

/// A connection to the server.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection, and the first part of the server's response.
struct Opened {
    stream: Box<dyn Stream>,
    response: [u8; 5],
}

impl Opened {
    /// The text of the error in the response.
    async fn error_message(mut self) -> String {
        let [_, length @ ..] = self.response;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or_default();
        let mut fields = vec![0; length.saturating_sub(4).min(LONGEST_ERROR)];
        let read = timeout(PATIENCE, self.stream.read_exact(&mut fields)).await;
        let mut fields = fields.split(|byte| *byte == 0);
        let message = fields.find_map(|field| field.strip_prefix(b"M"));
        match (read, message) {
            (Ok(Ok(_)), Some(message)) => String::from_utf8_lossy(message).into_owned(),
            _ => "the server refuses the connection".to_owned(),
        }
    }
}

/// An attempt to connect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempt {
    Plain,
    /// With TLS if the server supports it.
    TlsIfOffered,
    Tls,
}

impl SslMode {
    /// The attempts, in order, until one succeeds.
    fn attempts(self) -> &'static [Attempt] {
        match self {
            Self::Disable => &[Attempt::Plain],
            Self::Allow => &[Attempt::Plain, Attempt::Tls],
            Self::Prefer => &[Attempt::TlsIfOffered, Attempt::Plain],
            Self::Require | Self::VerifyCa | Self::VerifyFull => &[Attempt::Tls],
        }
    }
}

/// Opens the socket, and returns the folder in which the driver finds it. The socket is abstract,
/// so it has no file; connections from other processes are rejected.
pub(super) fn open(options: &PgConnectOptions, tls: TlsSettings) -> Result<PathBuf, TlsError> {
    // The URL encloses an IPv6 address in brackets.
    let host = options.get_host().trim_matches(['[', ']']).to_owned();
    let port = options.get_port();
    let config: ClientConfig = client_config(&tls)?;
    let name = match ServerName::try_from(host.clone()) {
        Ok(name) => name,
        Err(_) if tls.mode == SslMode::VerifyFull => {
            return Err(TlsError::Combination(
                "sslmode=verify-full needs a host name that a certificate can contain",
            ));
        }
        // The name is not verified in this mode.
        Err(_) => ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([127, 0, 0, 1]))),
    };
    let server = Arc::new(Server {
        host,
        port,
        mode: tls.mode,
        name,
        tls: TlsConnector::from(Arc::new(config)),
    });
    let random = RandomState::new().build_hasher().finish();
    let folder = PathBuf::from(format!(
        "\0crick-api-tls-{}-{random:016x}",
        std::process::id()
    ));
    let socket = folder.join(format!(".s.PGSQL.{port}"));
    let listener = UnixListener::bind(socket).map_err(TlsError::Socket)?;
    tokio::spawn(serve(listener, server));
    Ok(folder)
}

/// Accepts the driver's connections.
async fn serve(listener: UnixListener, server: Arc<Server>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) if is_own(&client) => {
                let server = Arc::clone(&server);
                tokio::spawn(async move {
                    if let Err(error) = relay(client, &server).await {
                        tracing::debug!(%error, "a connection to PostgreSQL ended");
                    }
                });
            }
            Ok(_) => tracing::warn!("another process tried to use the connections to PostgreSQL"),
            Err(error) => {
                tracing::error!(%error, "accepting a connection failed; waiting a second");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_own(client: &UnixStream) -> bool {
    let own = i32::try_from(std::process::id()).ok();
    client.peer_cred().is_ok_and(|peer| peer.pid() == own)
}

/// Forwards data in both directions until one side closes.
async fn relay(mut client: UnixStream, server: &Server) -> io::Result<()> {
    let startup = read_startup(&mut client).await?;
    match server.open(&startup).await {
        Ok(mut opened) => {
            client.write_all(&opened.response).await?;
            copy_bidirectional(&mut client, &mut opened.stream).await?;
            Ok(())
        }
        Err(problem) => client.write_all(&error_response(&problem)).await,
    }
}

/// Reads the driver's first message, which begins with its length.
async fn read_startup(client: &mut UnixStream) -> io::Result<Vec<u8>> {
    let length = client.read_u32().await?;
    let rest = usize::try_from(length)
        .unwrap_or(usize::MAX)
        .saturating_sub(4);
    if rest > LONGEST_STARTUP {
        return Err(io::Error::other("the first message is too long"));
    }
    let mut message = length.to_be_bytes().to_vec();
    message.resize(rest + 4, 0);
    client.read_exact(&mut message[4..]).await?;
    Ok(message)
}

impl Server {
    /// Makes the attempts in order. The driver gets the response to the last one.
    async fn open(&self, startup: &[u8]) -> Result<Opened, String> {
        let (host, port) = (self.host.as_str(), self.port);
        let mut problems: Vec<String> = Vec::new();
        let mut attempts = self.mode.attempts().iter().peekable();
        while let Some(attempt) = attempts.next() {
            let connected = timeout(PATIENCE, TcpStream::connect((host, port))).await;
            let tcp = match connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
                Ok(tcp) => tcp,
                Err(error) => return Err(format!("cannot connect to {host}:{port}: {error}")),
            };
            let opened = timeout(PATIENCE, self.attempt(*attempt, tcp, startup)).await;
            match opened.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
                // `E` is an error, for instance that this user must, or must not, use TLS.
                Ok(opened) if opened.response[0] == b'E' && attempts.peek().is_some() => (),
                // Explains why TLS failed as well.
                Ok(opened) if opened.response[0] == b'E' && !problems.is_empty() => {
                    problems.push(format!("without TLS: {}", opened.error_message().await));
                }
                Ok(opened) => return Ok(opened),
                Err(error) => problems.push(describe(*attempt, &error)),
            }
        }
        let problems = problems.join("; ");
        Err(format!("cannot connect to {host}:{port}: {problems}"))
    }

    async fn attempt(
        &self,
        attempt: Attempt,
        tcp: TcpStream,
        startup: &[u8],
    ) -> io::Result<Opened> {
        tcp.set_nodelay(true)?;
        let mut stream: Box<dyn Stream> = match attempt {
            Attempt::Plain => Box::new(tcp),
            Attempt::Tls | Attempt::TlsIfOffered => self.with_tls(attempt, tcp).await?,
        };
        stream.write_all(startup).await?;
        stream.flush().await?;
        let mut response = [0; 5];
        stream.read_exact(&mut response).await?;
        Ok(Opened { stream, response })
    }

    async fn with_tls(&self, attempt: Attempt, mut tcp: TcpStream) -> io::Result<Box<dyn Stream>> {
        tcp.write_all(&SSL_REQUEST).await?;
        match tcp.read_u8().await? {
            b'S' => {
                let stream = self.tls.connect(self.name.clone(), tcp).await?;
                Ok(Box::new(stream))
            }
            b'N' if attempt == Attempt::TlsIfOffered => Ok(Box::new(tcp)),
            b'N' => Err(io::Error::other("the server does not offer TLS")),
            _ => Err(io::Error::other(
                "the server does not speak PostgreSQL's protocol",
            )),
        }
    }
}

/// The error message.
fn describe(attempt: Attempt, error: &io::Error) -> String {
    let tls = error
        .get_ref()
        .and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match (tls, attempt) {
        (Some(rustls::Error::InvalidCertificate(problem)), _) => format!(
            "the server's certificate cannot be verified ({problem}); see sslmode and sslrootcert"
        ),
        (Some(rustls::Error::AlertReceived(AlertDescription::HandshakeFailure)), _) => {
            NO_COMMON_WAY.to_owned()
        }
        (Some(error), _) => format!("TLS failed: {error}"),
        (None, Attempt::Plain) => format!("without TLS: {error}"),
        (None, _) => error.to_string(),
    }
}

/// An error message in PostgreSQL's protocol: severity, SQLSTATE and text.
fn error_response(problem: &str) -> Vec<u8> {
    let problem = problem.replace('\0', "");
    let fields = format!("SFATAL\0VFATAL\0C{NOT_CONNECTED}\0M{problem}\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap_or(u32::MAX);
    let mut message = vec![b'E'];
    message.extend(length.to_be_bytes());
    message.extend(fields.into_bytes());
    message
}
