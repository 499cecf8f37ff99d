//! The real Watson with odd frames: they end before they start, have no project, or cannot be
//! stored.

use super::device::WatsonDevice;
use super::install::{VERSIONS, watson};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![frames_that_cannot_be_stored_do_not_keep_others_from_syncing];

const HOUR: (i64, i64) = (1_772_359_200, 1_772_362_800);

fn frames_that_cannot_be_stored_do_not_keep_others_from_syncing(engine: Engine) {
    for version in VERSIONS {
        let Some(python) = watson(version) else {
            return;
        };
        let crick = Crick::start(engine);
        let url = crick.server.watson_url();
        let device = |name| {
            let token = crick.device(name).token().to_owned();
            WatsonDevice::new(python.clone(), "Europe/Paris", &url, &token)
        };
        let (laptop, phone) = (device("laptop"), device("phone"));
        let (start, end) = HOUR;
        laptop.write(&[
            (start, end, "apollo".into(), vec!["moon".into()]),
            (end, start, "backwards".into(), Vec::new()),
            (start, end, String::new(), Vec::new()),
            (start, end, "too long a tag".into(), vec!["x".repeat(513)]),
        ]);
        assert_eq!(laptop.sync().pushed, 4, "Watson {version}");
        assert_eq!(phone.sync().received, 3, "Watson {version}");
        let mut on_laptop = laptop.frames();
        on_laptop.retain(|_, row| row[2] != "too long a tag");
        for (id, row) in &on_laptop {
            let of_phone = &phone.frames()[id];
            for column in 0..3 {
                assert_eq!(of_phone[column], row[column], "Watson {version}: {row}");
            }
        }

        // Both continue to sync.
        let id = phone.add("gemini");
        assert_eq!(phone.sync().pushed, 1, "Watson {version}");
        let synced = laptop.sync();
        assert_eq!((synced.received, synced.pushed), (1, 0), "Watson {version}");
        assert_eq!(laptop.project(&id).as_deref(), Some("gemini"));
    }
}
