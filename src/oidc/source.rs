//! Where keys come from, and how often it is looked at.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use url::Url;

use super::client::{ANSWER_LIMIT, Client};
use super::discovery::Discovery;
use super::jwks::KeySet;
use crate::config::KeySource;

/// Where keys come from.
pub(super) enum Source {
    /// An address that discovery tells.
    Discovery(Discovery, Client),
    /// This address.
    Uri(Url, Client),
    /// This file.
    File(PathBuf),
}

/// What identifies a file's content without reading it: device, inode, size, and both times to the nanosecond.
pub(super) type Stamp = [i64; 7];

/// What a look at the source brought.
pub(super) enum Look {
    /// The file is the one that was read last.
    Unchanged,
    /// Keys; of a file, with its stamp.
    Loaded(KeySet, Option<Stamp>),
}

/// How often a source is looked at.
pub(super) struct Pace {
    /// Keys older than this are looked for again.
    pub(super) stale: SignedDuration,
    /// Whether a token waits for that. Else the keys that are known serve it.
    pub(super) waits: bool,
    /// How long after a look the next may follow because a token is signed with a key that is not known.
    pub(super) unknown_key: SignedDuration,
    /// How long after a look the next may follow while no keys are known at all.
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

    /// An issuer is asked seldom. A file costs next to nothing, so what it says holds after seconds.
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

    /// Looks at the source; of a file, when it is not the one with the stamp `known`.
    pub(super) async fn look(&self, known: Option<Stamp>) -> Result<Look, String> {
        let (uri, client) = match self {
            Self::Discovery(discovery, client) => {
                (discovery.fetch().await?.jwks_uri.clone(), client)
            }
            Self::Uri(uri, client) => (uri.clone(), client),
            Self::File(path) => {
                let path = path.clone();
                return tokio::task::spawn_blocking(move || {
                    read(&path, known).map_err(|cause| format!("{}: {cause}", path.display()))
                })
                .await
                .map_err(|error| error.to_string())?;
            }
        };
        let document = client.get(&uri, None).await?;
        let keys = KeySet::parse(&document).map_err(|cause| format!("{uri}: {cause}"))?;
        Ok(Look::Loaded(keys, None))
    }
}

fn read(path: &Path, known: Option<Stamp>) -> Result<Look, String> {
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
        return Ok(Look::Unchanged);
    }
    let mut document = Vec::new();
    let limit = ANSWER_LIMIT as u64;
    file.by_ref()
        .take(limit + 1)
        .read_to_end(&mut document)
        .map_err(|error| error.to_string())?;
    if document.len() > ANSWER_LIMIT {
        return Err(format!("longer than {limit} bytes"));
    }
    Ok(Look::Loaded(KeySet::parse(&document)?, Some(stamp)))
}
