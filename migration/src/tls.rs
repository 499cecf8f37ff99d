//! TLS to PostgreSQL as libpq does it, mode by mode (docs/deploy.md lists them).
//!
//! The driver's own TLS differs: it parses the certificate even in modes without verification, so
//! that a server with a version 1 certificate is unreachable; it ignores a root certificate in some
//! modes, and trusts all public authorities besides it in the others; and it never falls back. It
//! does not accept another implementation. Therefore it connects to a Unix socket of this process,
//! which [`tunnel`] forwards to the server.

mod settings;
mod tunnel;
mod verifier;

use std::path::PathBuf;

use sea_orm_migration::sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};

use settings::{SslMode, TlsSettings};

use crate::Dsn;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file in the address cannot be read.
    #[error("cannot read {name} {file}: {cause}")]
    Unreadable {
        /// The parameter.
        name: &'static str,
        /// The file.
        file: String,
        /// The error of the operating system.
        cause: std::io::Error,
    },
    /// A file is invalid.
    #[error("{name} contains no usable {what}: {cause}")]
    Unusable {
        /// The parameter.
        name: &'static str,
        /// What was expected.
        what: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// Parameters exclude each other.
    #[error("{0}")]
    Combination(&'static str),
    /// The socket between driver and tunnel cannot be opened.
    #[error("cannot open a socket for connections with TLS: {0}")]
    Socket(std::io::Error),
}

/// How the driver connects to the server.
pub(crate) enum Transport {
    /// Without TLS.
    Plain,
    /// Through the Unix socket in this folder.
    Tunnel(PathBuf),
    /// The driver connects itself.
    Driver,
}

impl Transport {
    /// Opens a tunnel if one is needed.
    pub(crate) fn open(dsn: &Dsn, options: &PgConnectOptions) -> Result<Self, TlsError> {
        // Like libpq: no TLS over a Unix socket.
        if options.get_socket().is_some() || options.get_host().starts_with('/') {
            return Ok(Self::Plain);
        }
        let settings = TlsSettings::of(dsn)?;
        if settings.mode == SslMode::Disable {
            return Ok(Self::Plain);
        }
        // The tunnel uses an abstract socket, which only Linux supports.
        if !cfg!(target_os = "linux") {
            return Ok(Self::Driver);
        }
        tunnel::open(options, settings).map(Self::Tunnel)
    }

    /// Adds the transport to the driver's options.
    pub(crate) fn apply(&self, options: PgConnectOptions) -> PgConnectOptions {
        match self {
            Self::Plain => options.ssl_mode(PgSslMode::Disable),
            Self::Tunnel(folder) => options.socket(folder).ssl_mode(PgSslMode::Disable),
            Self::Driver => options,
        }
    }
}

/// Checks the parameters for TLS, without reading a file.
pub(crate) fn check(dsn: &Dsn) -> Result<(), &'static str> {
    match TlsSettings::of(dsn) {
        Err(TlsError::Combination(problem)) => Err(problem),
        _ => Ok(()),
    }
}
