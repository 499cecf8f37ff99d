//! Simulates Watson's sync step by step, as the clients from 1.5 to 2.1 do it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Api, Clock, FrameJson};

/// The key that a client version uses for the start of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// `start_at`: 1.5 to 1.9.
    StartAt,
    /// `begin_at`: since 1.10.
    BeginAt,
}

/// The visible content of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// The project's name.
    pub(crate) project: String,
    /// The tags in order.
    pub(crate) tags: Vec<String>,
    /// Seconds since 1970.
    pub(crate) start: i64,
    /// Seconds since 1970.
    pub(crate) end: i64,
}

/// A frame in the device's `frames` file.
#[derive(Clone, Debug)]
struct Saved {
    content: Content,
    /// In whole seconds of the device's clock, as the file stores it.
    updated_at: i64,
}

/// A device with Watson on it.
#[derive(Clone)]
pub(crate) struct Device {
    /// Its client. Tests replace it when the server's address changes.
    pub(crate) api: Api,
    clock: Clock,
    zone: TimeZone,
    wire: Wire,
    saved: BTreeMap<Uuid, Saved>,
    last_sync: i64,
}

/// A sync that has pulled, but has not saved anything yet.
#[derive(Debug)]
pub(crate) struct Sync {
    began_at: i64,
    frames: BTreeMap<Uuid, Saved>,
    /// The pulled frames.
    pub(crate) received: BTreeMap<Uuid, Content>,
    /// The pushed frames.
    pub(crate) pushed: BTreeMap<Uuid, Content>,
}

impl Device {
    /// A new device with an empty Watson folder.
    pub(crate) fn new(api: Api) -> Self {
        Self {
            api,
            clock: Clock::right(),
            zone: TimeZone::UTC,
            wire: Wire::BeginAt,
            saved: BTreeMap::new(),
            last_sync: 0,
        }
    }

    /// Uses another clock.
    pub(crate) fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Uses a time zone at an offset in minutes east of UTC.
    pub(crate) fn with_zone(self, minutes: i32) -> Self {
        let offset = Offset::from_seconds(minutes * 60).expect("an offset");
        Self {
            zone: TimeZone::fixed(offset),
            ..self
        }
    }

    /// Uses the keys of another Watson version.
    pub(crate) fn with_wire(self, wire: Wire) -> Self {
        Self { wire, ..self }
    }

    /// The `last_sync` that the next pull presents.
    pub(crate) fn last_sync_in_microseconds(&self) -> i64 {
        self.last_sync * 1_000_000
    }

    /// `watson add`.
    pub(crate) fn add(&mut self, project: &str) -> Uuid {
        let id = Uuid::new_v4();
        let content = Content {
            project: project.to_owned(),
            tags: vec!["nasa".to_owned()],
            start: 1_772_359_200,
            end: 1_772_362_800,
        };
        self.write(id, content);
        id
    }

    /// `watson edit`: another project.
    pub(crate) fn edit(&mut self, id: Uuid, project: &str) {
        let content = Content {
            project: project.to_owned(),
            ..self.saved[&id].content.clone()
        };
        self.write(id, content);
    }

    /// `watson rename project`.
    pub(crate) fn rename(&mut self, old: &str, new: &str) {
        let of_old: Vec<Uuid> = self
            .ids()
            .into_iter()
            .filter(|id| self.saved[id].content.project == old)
            .collect();
        for id in of_old {
            self.edit(id, new);
        }
    }

    /// `watson remove`, which the server does not learn about.
    pub(crate) fn remove(&mut self, id: Uuid) {
        self.saved.remove(&id).expect("a frame to remove");
    }

    /// Deletes all files of Watson except its configuration.
    pub(crate) fn wipe(&mut self) {
        self.saved.clear();
        self.last_sync = 0;
    }

    /// Deletes the file `last_sync`.
    pub(crate) fn remove_last_sync(&mut self) {
        self.last_sync = 0;
    }

    /// Runs a `watson sync` whose pull fails with this status, and returns the reason.
    #[track_caller]
    pub(crate) fn rejected_sync(&self, status: u16) -> String {
        self.api.try_pull(&self.encoded_last_sync()).problem(status)
    }

    /// `watson sync`.
    #[track_caller]
    pub(crate) fn sync(&mut self) -> Sync {
        let mut sync = self.pull();
        self.push(&mut sync);
        self.finish(&sync);
        sync
    }

    /// The first half of a sync: pulls, and overwrites frames in memory.
    #[track_caller]
    pub(crate) fn pull(&self) -> Sync {
        // Two syncs within one second would present the same `last_sync`.
        self.clock.pass(self.last_sync);
        self.pull_now()
    }

    /// Pulls without waiting for the next second.
    #[track_caller]
    pub(crate) fn pull_now(&self) -> Sync {
        let began_at = self.clock.now();
        let mut sync = Sync {
            began_at,
            frames: self.saved.clone(),
            received: BTreeMap::new(),
            pushed: BTreeMap::new(),
        };
        for frame in self.api.try_pull(&self.encoded_last_sync()).frames() {
            let (id, content) = self.understand(&frame);
            let updated_at = self.clock.second();
            sync.frames.insert(
                id,
                Saved {
                    content: content.clone(),
                    updated_at,
                },
            );
            sync.received.insert(id, content);
        }
        sync
    }

    /// The second half: pushes the frames that changed after the last sync and before this pull.
    /// Watson sends an empty list if there are none.
    #[track_caller]
    pub(crate) fn push(&self, sync: &mut Sync) {
        let changed = |saved: &Saved| {
            sync.began_at > saved.updated_at * 1_000_000 && saved.updated_at > self.last_sync
        };
        sync.pushed = sync
            .frames
            .iter()
            // The pull sets the time of change of pulled frames.
            .filter(|(id, saved)| !sync.received.contains_key(id) && changed(saved))
            .map(|(id, saved)| (*id, saved.content.clone()))
            .collect();
        let batch: Vec<FrameJson> = sync
            .pushed
            .iter()
            .map(|(id, content)| self.express(*id, content))
            .collect();
        self.api.push(&batch);
    }

    /// The end of a sync: saves the frames, and the time as the new `last_sync`.
    pub(crate) fn finish(&mut self, sync: &Sync) {
        self.saved = sync.frames.clone();
        self.last_sync = self.clock.second();
    }

    /// The frames in its file.
    pub(crate) fn frames(&self) -> BTreeMap<Uuid, Content> {
        self.saved
            .iter()
            .map(|(id, saved)| (*id, saved.content.clone()))
            .collect()
    }

    /// The ids in its file.
    pub(crate) fn ids(&self) -> Vec<Uuid> {
        self.saved.keys().copied().collect()
    }

    /// The project of a frame, or `None` if the frame is not in the file.
    pub(crate) fn project(&self, id: Uuid) -> Option<&str> {
        self.saved
            .get(&id)
            .map(|saved| saved.content.project.as_str())
    }

    /// Watson does not push what changed in the second of its last sync, so an edit waits until
    /// that second is over.
    fn write(&mut self, id: Uuid, content: Content) {
        self.clock.pass(self.last_sync);
        let updated_at = self.clock.second();
        self.saved.insert(
            id,
            Saved {
                content,
                updated_at,
            },
        );
    }

    fn encoded_last_sync(&self) -> String {
        let last_sync = Timestamp::from_second(self.last_sync).expect("an instant");
        // A first sync presents the epoch in UTC in every zone.
        let zone = if self.last_sync == 0 {
            TimeZone::UTC
        } else {
            self.zone.clone()
        };
        let text = last_sync
            .to_zoned(zone)
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string();
        text.replace(':', "%3A").replace('+', "%2B")
    }

    fn understand(&self, frame: &Value) -> (Uuid, Content) {
        let text = |name: &str| {
            frame[name]
                .as_str()
                .unwrap_or_else(|| panic!("no {name} in {frame}"))
        };
        let second = |name: &str| {
            text(name)
                .parse::<Timestamp>()
                .expect("an instant")
                .as_second()
        };
        let tags = frame["tags"].as_array().expect("a list of tags");
        let content = Content {
            project: text("project").to_owned(),
            tags: tags
                .iter()
                .map(|tag| tag.as_str().expect("a tag").to_owned())
                .collect(),
            start: second(self.start_name()),
            end: second("end_at"),
        };
        (text("id").parse().expect("an id"), content)
    }

    fn express(&self, id: Uuid, content: &Content) -> FrameJson {
        let instant = |second: i64| {
            let instant = Timestamp::from_second(second).expect("an instant");
            instant.to_string().replace('Z', "+00:00")
        };
        json!({
            "id": id.urn().to_string(),
            self.start_name(): instant(content.start),
            "end_at": instant(content.end),
            "project": content.project,
            "tags": content.tags,
        })
    }

    fn start_name(&self) -> &'static str {
        match self.wire {
            Wire::StartAt => "start_at",
            Wire::BeginAt => "begin_at",
        }
    }
}
