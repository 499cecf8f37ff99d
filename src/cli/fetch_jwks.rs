//! `fetch-jwks FILE`: fetches the issuer's keys for a server without a network.

use std::fs::{File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use uuid::Uuid;

use crate::config;
use crate::config::KeySource;
use crate::oidc::{Issuer, OidcError};

/// Fetches the keys and replaces the file, by default the one from the settings. The file stays
/// unchanged if anything fails.
pub(super) async fn run(issuer: Option<config::Oidc>, file: Option<PathBuf>) -> anyhow::Result<()> {
    let issuer = issuer.context("oidc_issuer is not set, so there are no keys to fetch")?;
    let configured = match &issuer.keys {
        KeySource::File(file) => Some(file.clone()),
        KeySource::Discovery | KeySource::Uri(_) => None,
    };
    let file = file
        .or(configured)
        .context("name the file, or set oidc_jwks_file")?;
    let keys = match Issuer::new(issuer.publisher()).fetch_keys().await {
        Ok(keys) => keys,
        // The detail is for the bearer of a token.
        Err(OidcError::Unavailable { cause, .. }) => {
            anyhow::bail!("cannot fetch the keys: {cause}")
        }
        Err(refused) => return Err(refused.into()),
    };
    replace_file(&file, keys.as_bytes()).with_context(|| format!("cannot write {}", file.display()))
}

/// Atomically replaces a file by one that everyone may read, also in case of a power cut.
fn replace_file(file: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let new = folder.join(format!(".{}.new", Uuid::new_v4().simple()));
    let result = write_file(&new, content).and_then(|()| std::fs::rename(&new, file));
    if result.is_err() {
        // The file may not exist.
        drop(std::fs::remove_file(&new));
    }
    result?;
    File::open(folder)?.sync_all()
}

fn write_file(new: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut new = File::create_new(new)?;
    new.write_all(content)?;
    // Independent of the umask.
    new.set_permissions(Permissions::from_mode(0o644))?;
    new.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use url::Url;

    use super::*;
    use crate::config::KeySource;

    #[test]
    fn a_file_is_replaced_and_readable_by_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("jwks.json");
        for content in ["old", "new"] {
            replace_file(&file, content.as_bytes()).expect("a written file");
            assert_eq!(fs::read_to_string(&file).expect("readable"), content);
        }
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn no_temporary_file_remains_after_a_failure() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("jwks.json");
        fs::create_dir(&file).expect("a folder");
        replace_file(&file, b"new").expect_err("a folder is in its place");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[tokio::test]
    async fn the_old_file_stays_when_the_keys_are_unavailable() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("jwks.json");
        fs::write(&file, "old").expect("a written file");
        let nobody = Url::parse("http://127.0.0.1:1/jwks").expect("a URL");
        let issuer = config::Oidc {
            issuer: "https://id.example/".to_owned(),
            audience: "crick".to_owned(),
            keys: KeySource::File(file.clone()),
            published: Some(nobody),
            userinfo: None,
            client: None,
        };
        let error = run(Some(issuer), None).await;
        let error = error.expect_err("nobody answers");
        assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
        assert_eq!(fs::read_to_string(&file).expect("readable"), "old");
    }
}
