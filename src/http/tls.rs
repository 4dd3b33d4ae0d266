//! HTTPS from a certificate and its key, without a proxy.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use rustls::ServerConfig;

use crate::error::{Code, Error, Result};

/// The TLS set-up of a certificate chain and its private key, both PEM.
///
/// # Errors
/// `invalid_value` naming the file that cannot be used.
pub fn config(cert: &Path, key: &Path) -> Result<ServerConfig> {
    let chain = rustls_pemfile::certs(&mut open(cert)?)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|e| unusable(cert, &e.to_string()))?;
    if chain.is_empty() {
        return Err(unusable(cert, "it holds no certificate"));
    }
    let secret = rustls_pemfile::private_key(&mut open(key)?)
        .map_err(|e| unusable(key, &e.to_string()))?
        .ok_or_else(|| unusable(key, "it holds no private key"))?;
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|e| unusable(cert, &e.to_string()))
}

fn open(path: &Path) -> Result<BufReader<File>> {
    File::open(path)
        .map(BufReader::new)
        .map_err(|e| unusable(path, &e.to_string()))
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::new(
        Code::InvalidValue,
        format!("{} cannot be used: {why}", path.display()),
    )
}
