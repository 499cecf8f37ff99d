//! The source of the keys, and how often it is read.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use url::Url;

use super::client::{Client, RESPONSE_LIMIT};
use super::discovery::Discovery;
use super::jwks::KeySet;
use crate::config::KeySource;

pub(super) enum Source {
    /// The address from the discovery document.
    Discovery(Discovery, Client),
    /// This address.
    Uri(Url, Client),
    /// This file.
    File(PathBuf),
}

/// Identifies a file's content without reading it: device, inode, size, and both times.
pub(super) type Stamp = [i64; 7];

pub(super) enum Loaded {
    /// The file is the same as before.
    Unchanged,
    /// Keys, and the stamp if they come from a file.
    Keys(KeySet, Option<Stamp>),
}

/// How often a source is read.
pub(super) struct Pace {
    /// The age at which keys are reloaded.
    pub(super) stale: SignedDuration,
    /// Whether a request waits for that, instead of using the stale keys.
    pub(super) waits: bool,
    /// The minimum time between reloads for a token with an unknown key.
    pub(super) unknown_key: SignedDuration,
    /// The minimum time between reloads while there are no keys.
    pub(super) no_keys: SignedDuration,
}

impl Source {
    pub(super) fn new(keys: &KeySource, client: Client, discovery: Discovery) -> Self {
        match keys {
            KeySource::Discovery => Self::Discovery(discovery, client),
            KeySource::Uri(uri) => Self::Uri(uri.clone(), client),
            KeySource::File(path) => Self::File(path.clone()),
        }
    }

    /// Requests to an issuer are rare; reading a file is cheap.
    pub(super) fn pace(&self) -> Pace {
        match self {
            Self::Discovery(..) | Self::Uri(..) => Pace {
                stale: SignedDuration::from_hours(1),
                waits: false,
                unknown_key: SignedDuration::from_mins(1),
                no_keys: SignedDuration::from_secs(5),
            },
            Self::File(_) => Pace {
                stale: SignedDuration::from_secs(5),
                waits: true,
                unknown_key: SignedDuration::ZERO,
                no_keys: SignedDuration::ZERO,
            },
        }
    }

    /// Loads the keys, unless they are a file with the stamp `known`.
    pub(super) async fn load(&self, known: Option<Stamp>) -> Result<Loaded, String> {
        let (uri, client) = match self {
            Self::Discovery(discovery, client) => {
                (discovery.fetch().await?.jwks_uri.clone(), client)
            }
            Self::Uri(uri, client) => (uri.clone(), client),
            Self::File(path) => {
                let path = path.clone();
                return tokio::task::spawn_blocking(move || {
                    read_file(&path, known).map_err(|cause| format!("{}: {cause}", path.display()))
                })
                .await
                .map_err(|error| error.to_string())?;
            }
        };
        let document = client.get(&uri, None).await?;
        let keys = KeySet::parse(&document).map_err(|cause| format!("{uri}: {cause}"))?;
        Ok(Loaded::Keys(keys, None))
    }
}

fn read_file(path: &Path, known: Option<Stamp>) -> Result<Loaded, String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    let about = file.metadata().map_err(|error| error.to_string())?;
    let stamp = [
        about.dev().cast_signed(),
        about.ino().cast_signed(),
        about.size().cast_signed(),
        about.mtime(),
        about.mtime_nsec(),
        about.ctime(),
        about.ctime_nsec(),
    ];
    if known == Some(stamp) {
        return Ok(Loaded::Unchanged);
    }
    let mut document = Vec::new();
    let limit = RESPONSE_LIMIT as u64;
    file.by_ref()
        .take(limit + 1)
        .read_to_end(&mut document)
        .map_err(|error| error.to_string())?;
    if document.len() > RESPONSE_LIMIT {
        return Err(format!("longer than {limit} bytes"));
    }
    Ok(Loaded::Keys(KeySet::parse(&document)?, Some(stamp)))
}
