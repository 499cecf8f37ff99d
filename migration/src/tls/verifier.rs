//! Verification of the server's certificate.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::TlsError;
use super::settings::{Root, SslMode, TlsSettings};

/// The TLS configuration of the client.
pub(super) fn client_config(settings: &TlsSettings) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match &settings.root {
        None => Arc::new(AcceptAny(Arc::clone(&provider))),
        Some(root) => {
            let roots = Arc::new(roots(root)?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider.clone());
            let verifier = verifier.build().map_err(|error| TlsError::Unusable {
                name: "sslrootcert",
                what: "certificates",
                cause: error.to_string(),
            })?;
            match settings.mode {
                SslMode::VerifyFull => verifier,
                _ => Arc::new(AcceptAnyName(verifier)),
            }
        }
    };
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| TlsError::Unusable {
        name: "sslmode",
        what: "version of TLS",
        cause: error.to_string(),
    })?;
    let config = config
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    match &settings.client {
        None => Ok(config.with_no_client_auth()),
        Some((certificate, key)) => {
            let chain = certificates("sslcert", certificate)?;
            let key = read("sslkey", key)?;
            let key = PrivateKeyDer::from_pem_slice(&key);
            let unusable = |what, cause: String| TlsError::Unusable {
                name: "sslkey",
                what,
                cause,
            };
            let key = key.map_err(|error| unusable("key", error.to_string()))?;
            let config = config.with_client_auth_cert(chain, key);
            config.map_err(|error| unusable("key for sslcert", error.to_string()))
        }
    }
}

fn roots(root: &Root) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    match root {
        Root::System => {
            let found = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(found.certs);
        }
        Root::Certificates(file) => {
            for certificate in certificates("sslrootcert", file)? {
                store.add(certificate).map_err(|error| TlsError::Unusable {
                    name: "sslrootcert",
                    what: "certificate",
                    cause: error.to_string(),
                })?;
            }
        }
    }
    Ok(store)
}

fn certificates(name: &'static str, value: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(name, value)?;
    let unusable = |cause: String| TlsError::Unusable {
        name,
        what: "certificate",
        cause,
    };
    let list: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let list = list.map_err(|error| unusable(error.to_string()))?;
    if list.is_empty() {
        return Err(unusable("it is not PEM".to_owned()));
    }
    Ok(list)
}

/// The content of a file, or a PEM text that was given in place of one.
fn read(name: &'static str, value: &str) -> Result<Vec<u8>, TlsError> {
    if value.trim_start().starts_with("-----BEGIN") {
        return Ok(value.as_bytes().to_vec());
    }
    std::fs::read(Path::new(value)).map_err(|cause| TlsError::Unreadable {
        name,
        file: value.to_owned(),
        cause,
    })
}

/// Accepts every certificate in any form. Does not verify the signature of the handshake either,
/// which would not prove the server's identity.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Accepts a certificate of a trusted authority for any name.
#[derive(Debug)]
struct AcceptAnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AcceptAnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self
            .0
            .verify_server_cert(certificate, intermediates, name, ocsp, now);
        match verified {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
