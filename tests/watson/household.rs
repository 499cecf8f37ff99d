//! Four devices of one person, in four time zones.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::device::WatsonDevice;
use super::relay::Relay;
use crate::support::Crick;

/// Device A in UTC behind a relay, and the others.
pub(super) struct Household<'a> {
    /// The server.
    pub(super) crick: &'a Crick,
    /// Between A and the server.
    pub(super) relay: Relay,
    /// The one that mostly acts.
    pub(super) a: WatsonDevice,
    /// The ones that mostly receive; shared with the relay's thread.
    pub(super) others: Vec<Arc<WatsonDevice>>,
    login: String,
    python: PathBuf,
}

impl<'a> Household<'a> {
    /// A new user with four devices, a token each.
    pub(super) fn new(crick: &'a Crick, login: &str, python: &Path) -> Self {
        crick.database.add_user(login);
        let relay = Relay::to(&crick.server.address);
        let token = |device: &str| crick.database.create_token(login, device);
        let through_relay = format!("http://{}/watson", relay.address);
        let a = WatsonDevice::new(python.to_owned(), "UTC", &through_relay, &token("a"));
        let others = ["Europe/Paris", "Asia/Tokyo", "America/New_York"].map(|zone| {
            let url = crick.server.watson_url();
            Arc::new(WatsonDevice::new(
                python.to_owned(),
                zone,
                &url,
                &token(zone),
            ))
        });
        Self {
            crick,
            relay,
            a,
            others: others.into(),
            login: login.to_owned(),
            python: python.to_owned(),
        }
    }

    /// Another device of the same person, in UTC.
    pub(super) fn one_more(&self, name: &str) -> WatsonDevice {
        let token = self.crick.database.create_token(&self.login, name);
        WatsonDevice::new(
            self.python.clone(),
            "UTC",
            &self.crick.server.watson_url(),
            &token,
        )
    }

    /// Syncs A and then, at the same time, all others.
    #[track_caller]
    pub(super) fn sync(&self) {
        self.a.sync();
        self.sync_others();
    }

    /// Syncs all but A at the same time.
    #[track_caller]
    pub(super) fn sync_others(&self) {
        let outcomes: Vec<bool> = std::thread::scope(|scope| {
            let syncs: Vec<_> = self
                .others
                .iter()
                .map(|device| scope.spawn(|| device.sync()))
                .collect();
            syncs.into_iter().map(|sync| sync.join().is_ok()).collect()
        });
        assert!(outcomes.iter().all(|ok| *ok), "a sync failed");
    }

    /// Asserts what every device has for a frame's project.
    #[track_caller]
    pub(super) fn assert_everywhere(&self, id: &str, project: &str) {
        assert_eq!(self.a.project(id).as_deref(), Some(project), "on A");
        self.assert_on_others(id, project);
    }

    /// Asserts what every device but A has for a frame's project.
    #[track_caller]
    pub(super) fn assert_on_others(&self, id: &str, project: &str) {
        for device in &self.others {
            assert_eq!(
                device.project(id).as_deref(),
                Some(project),
                "in {}",
                device.zone()
            );
        }
    }
}
