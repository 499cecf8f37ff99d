//! TLS to PostgreSQL as libpq does it, mode by mode (docs/deploy.md lists them).
//!
//! The driver's own TLS differs: it checks the certificate's form even where nothing is verified,
//! so that a server with a version 1 certificate cannot be reached; it ignores a root certificate
//! in some modes and trusts all public authorities beside it in the others; and it never falls back.
//! It takes no other implementation. Hence it is given a Unix socket of this process, and what it
//! sends there goes to the server through [`tunnel`].

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
    /// A file that is named in the address.
    #[error("cannot read {name} {file}: {cause}")]
    Unreadable {
        /// The parameter.
        name: &'static str,
        /// Its value.
        file: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file with something else in it.
    #[error("{name} holds no {what} that can be used: {cause}")]
    Unusable {
        /// The parameter.
        name: &'static str,
        /// What was expected.
        what: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// Parameters that do not go together.
    #[error("{0}")]
    Combination(&'static str),
    /// The socket between the driver and the tunnel.
    #[error("cannot open a socket for connections with TLS: {0}")]
    Socket(std::io::Error),
}

/// How the driver gets to the server.
pub(crate) enum Transport {
    /// Without TLS.
    Plain,
    /// Through the socket in this folder.
    Tunnel(PathBuf),
    /// As the driver does it by itself.
    Driver,
}

impl Transport {
    /// Opens a tunnel if one is needed.
    ///
    /// # Errors
    /// When certificates or keys cannot be used.
    pub(crate) fn open(dsn: &Dsn, options: &PgConnectOptions) -> Result<Self, TlsError> {
        // Like libpq: no TLS over a Unix socket, which no other machine can read.
        if options.get_socket().is_some() || options.get_host().starts_with('/') {
            return Ok(Self::Plain);
        }
        let settings = TlsSettings::of(dsn)?;
        if settings.mode == SslMode::Disable {
            return Ok(Self::Plain);
        }
        // The tunnel's socket has no file, which only Linux knows.
        if !cfg!(target_os = "linux") {
            return Ok(Self::Driver);
        }
        tunnel::open(options, settings).map(Self::Tunnel)
    }

    /// The driver's options for this way.
    pub(crate) fn apply(&self, options: PgConnectOptions) -> PgConnectOptions {
        match self {
            Self::Plain => options.ssl_mode(PgSslMode::Disable),
            Self::Tunnel(folder) => options.socket(folder).ssl_mode(PgSslMode::Disable),
            Self::Driver => options,
        }
    }
}

/// Makes sure that the parameters about TLS go together, without reading any file.
///
/// # Errors
/// Says which do not.
pub(crate) fn check(dsn: &Dsn) -> Result<(), &'static str> {
    match TlsSettings::of(dsn) {
        Err(TlsError::Combination(problem)) => Err(problem),
        _ => Ok(()),
    }
}
