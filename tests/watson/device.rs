//! A device with the real Watson: a folder and a time zone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Clock, Ran, run};

/// Watson with its own folder.
pub(super) struct WatsonDevice {
    folder: TempDir,
    python: PathBuf,
    zone: &'static str,
}

/// What a sync printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Synced {
    pub(super) received: usize,
    pub(super) pushed: usize,
}

impl WatsonDevice {
    /// A device in a time zone, which syncs with `url`.
    pub(super) fn new(python: PathBuf, zone: &'static str, url: &str, token: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("crick-watson.")
            .tempdir()
            .expect("a folder");
        let device = Self {
            folder,
            python,
            zone,
        };
        device.watson(&["config", "backend.url", url]).succeeded();
        device
            .watson(&["config", "backend.token", token])
            .succeeded();
        device
    }

    /// Writes frames into its file as if they had been added there: start and end in seconds,
    /// project, tags.
    pub(super) fn write(&self, frames: &[(i64, i64, String, Vec<String>)]) {
        let now = Clock::ahead(0).second();
        let rows: Vec<Value> = frames
            .iter()
            .map(|(start, end, project, tags)| {
                let id = uuid::Uuid::new_v4().simple().to_string();
                serde_json::json!([start, end, project, id, tags, now])
            })
            .collect();
        let file = self.watson_folder().join("frames");
        std::fs::write(file, Value::from(rows).to_string()).expect("the file can be written");
        // Watson does not push what was added in the second of its last sync.
        Clock::ahead(0).pass(now);
    }

    /// Adds a frame of an hour.
    #[track_caller]
    pub(super) fn add(&self, project: &str) -> String {
        self.wait_for_a_new_second();
        let before = self.frames();
        let from_to = [
            "--from",
            "2026-03-01 10:00:00",
            "--to",
            "2026-03-01 11:00:00",
        ];
        self.watson(&[&["add"], &from_to[..], &[project, "+moon"]].concat())
            .succeeded();
        let new = self
            .frames()
            .into_keys()
            .find(|id| !before.contains_key(id));
        new.expect("watson add adds a frame")
    }

    /// Deletes everything except the configuration.
    pub(super) fn wipe(&self) {
        for name in [
            "frames",
            "frames.bak",
            "last_sync",
            "last_sync.bak",
            "state",
        ] {
            let path = self.watson_folder().join(name);
            if path.exists() {
                std::fs::remove_file(path).expect("the file can be removed");
            }
        }
    }

    /// Starts over, as the server asks after its database was restored.
    pub(super) fn remove_last_sync(&self) {
        let file = self.watson_folder().join("last_sync");
        std::fs::remove_file(file).expect("the file can be removed");
    }

    /// Syncs, and returns what Watson reports.
    #[track_caller]
    pub(super) fn sync(&self) -> Synced {
        let said = self.try_sync().succeeded().stdout;
        let number = |before: &str| -> usize {
            let (_, rest) = said
                .split_once(before)
                .unwrap_or_else(|| panic!("no {before} in {said}"));
            rest.split(' ')
                .next()
                .and_then(|word| word.parse().ok())
                .expect("a number")
        };
        Synced {
            received: number("Received "),
            pushed: number("Pushed "),
        }
    }

    /// Syncs, and may fail.
    pub(super) fn try_sync(&self) -> Ran {
        self.wait_for_a_new_second();
        self.watson(&["sync"])
    }

    /// The rows of its file by id: start, stop, project, tags.
    pub(super) fn frames(&self) -> BTreeMap<String, Value> {
        let text = std::fs::read_to_string(self.watson_folder().join("frames")).unwrap_or_default();
        if text.is_empty() {
            return BTreeMap::new();
        }
        let rows: Vec<Vec<Value>> = serde_json::from_str(&text).expect("Watson's own file");
        rows.into_iter()
            .map(|row| {
                let id = row[3].as_str().expect("an id").to_owned();
                (id, Value::from([&row[..3], &row[4..5]].concat()))
            })
            .collect()
    }

    /// The project of a frame; `None` if there is no such frame.
    pub(super) fn project(&self, id: &str) -> Option<String> {
        let frame = self.frames().remove(id)?;
        frame[2].as_str().map(str::to_owned)
    }

    /// Runs Watson.
    pub(super) fn watson(&self, arguments: &[&str]) -> Ran {
        run(&mut self.command(arguments))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command
            .args(["-m", "watson"])
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("WATSON_DIR", self.watson_folder())
            .env("TZ", self.zone)
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// Watson does not push what changed in the second of its last sync.
    fn wait_for_a_new_second(&self) {
        let last_sync = std::fs::read_to_string(self.watson_folder().join("last_sync"));
        let last_sync = last_sync
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0);
        Clock::right().pass(last_sync);
    }

    fn watson_folder(&self) -> PathBuf {
        self.folder.path().join("watson")
    }
}
