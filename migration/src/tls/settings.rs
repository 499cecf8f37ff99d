//! The TLS parameters of a database address.

use std::str::FromStr;

use url::Url;

use super::TlsError;
use crate::Dsn;

/// libpq's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS if the server rejects a connection without it.
    Allow,
    /// No TLS if a connection with it fails.
    Prefer,
    /// TLS, without verifying the server.
    Require,
    /// TLS, with a certificate from a trusted authority.
    VerifyCa,
    /// TLS, with a certificate from a trusted authority for the server's name.
    VerifyFull,
}

impl FromStr for SslMode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "disable" => Ok(Self::Disable),
            "allow" => Ok(Self::Allow),
            "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            _ => Err(()),
        }
    }
}

/// The trusted authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// Those of the system.
    System,
    /// Those of a file, or of a PEM text.
    Certificates(String),
}

/// The settings for TLS.
#[derive(Clone, Debug)]
pub(super) struct TlsSettings {
    pub(super) mode: SslMode,
    /// `None` means that the certificate is not verified.
    pub(super) root: Option<Root>,
    /// Certificate and key of the client: files, or PEM texts.
    pub(super) client: Option<(String, String)>,
}

impl TlsSettings {
    /// Reads the parameters of an address, or else the variables of libpq.
    pub(super) fn of(dsn: &Dsn) -> Result<Self, TlsError> {
        let parameters: Vec<(String, String)> = Url::parse(dsn.expose())
            .map(|url| url.query_pairs().into_owned().collect())
            .unwrap_or_default();
        let value = |names: &[&str], variable: &str| {
            let last = parameters.iter().rev();
            let given = last
                .into_iter()
                .find(|(key, _)| names.contains(&key.as_str()));
            let given = given.map(|(_, value)| value.clone());
            let value = given.or_else(|| std::env::var(variable).ok());
            value.filter(|value| !value.is_empty())
        };
        let root = value(&["sslrootcert", "ssl-root-cert", "ssl-ca"], "PGSSLROOTCERT");
        let root = root.map(|root| match root.as_str() {
            "system" => Root::System,
            _ => Root::Certificates(root),
        });
        let mode = value(&["sslmode", "ssl-mode"], "PGSSLMODE");
        let default = match root {
            Some(Root::System) => SslMode::VerifyFull,
            _ => SslMode::Prefer,
        };
        let mode = mode.map_or(Ok(default), |mode| mode.parse());
        let mode = mode.map_err(|()| TlsError::Combination(INVALID_MODE))?;
        let client = match (
            value(&["sslcert", "ssl-cert"], "PGSSLCERT"),
            value(&["sslkey", "ssl-key"], "PGSSLKEY"),
        ) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((certificate, key)),
            _ => return Err(TlsError::Combination("sslcert and sslkey belong together")),
        };
        Self { mode, root, client }.checked()
    }

    /// Rejects the same combinations of mode and root as libpq.
    fn checked(self) -> Result<Self, TlsError> {
        match (self.mode, &self.root) {
            (SslMode::VerifyCa | SslMode::VerifyFull, None) => Err(TlsError::Combination(
                "sslmode=verify-ca and verify-full need sslrootcert: a file with the certificate \
                 of the authority, or `system` for those that the system trusts",
            )),
            (SslMode::Disable | SslMode::VerifyFull, Some(Root::System)) => Ok(self),
            (_, Some(Root::System)) => Err(TlsError::Combination(
                "sslrootcert=system trusts every public authority, so sslmode must be verify-full",
            )),
            _ => Ok(self),
        }
    }
}

const INVALID_MODE: &str =
    "sslmode must be disable, allow, prefer, require, verify-ca or verify-full";

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Result<TlsSettings, String> {
        let dsn = Dsn::parse(&format!("postgresql://crick@db/crick?{query}"));
        let dsn = dsn.map_err(|error| error.to_string())?;
        TlsSettings::of(&dsn).map_err(|error| error.to_string())
    }

    #[test]
    fn the_default_is_to_prefer_tls_and_to_verify_nothing() {
        let settings = of("").expect("settings");
        assert_eq!(settings.mode, SslMode::Prefer);
        assert_eq!((settings.root, settings.client), (None, None));
    }

    #[test]
    fn nothing_is_verified_against_nothing() {
        for mode in ["verify-ca", "verify-full"] {
            let error = of(&format!("sslmode={mode}")).expect_err("no root");
            assert!(error.contains("sslrootcert"), "{error}");
            let settings = of(&format!("sslmode={mode}&sslrootcert=/ca.pem")).expect("settings");
            let root = Root::Certificates("/ca.pem".to_owned());
            assert_eq!(settings.root, Some(root));
        }
    }

    #[test]
    fn public_authorities_are_trusted_for_names_only() {
        let settings = of("sslrootcert=system").expect("settings");
        assert_eq!(settings.mode, SslMode::VerifyFull);
        for mode in ["allow", "prefer", "require", "verify-ca"] {
            let error = of(&format!("sslmode={mode}&sslrootcert=system")).expect_err("weak");
            assert!(error.contains("verify-full"), "{error}");
        }
    }

    #[test]
    fn a_certificate_needs_its_key() {
        assert!(of("sslcert=/a.pem").is_err());
        let settings = of("sslcert=/a.pem&sslkey=/a.key").expect("settings");
        assert_eq!(settings.client, Some(("/a.pem".into(), "/a.key".into())));
    }
}
