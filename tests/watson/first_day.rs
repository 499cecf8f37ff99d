//! A new user's first day: the lines that the server prints at its first start work in Watson.

use super::device::WatsonDevice;
use super::install::{VERSIONS, watson};
use crate::support::{Server, server_command};

#[test]
fn the_lines_of_the_first_start_make_watson_sync() {
    for version in VERSIONS {
        let Some(python) = watson(version) else {
            return;
        };
        let home = tempfile::tempdir().expect("a home");
        let mut command = server_command();
        command.env("HOME", home.path());
        let server =
            Server::spawn(command.args(["--listen", "127.0.0.1:0", "--log-format", "json"]));
        let typed = |key: &str| {
            let line = format!("watson config {key} ");
            let value = server
                .printed
                .wait_for(|text| Some(text.trim().strip_prefix(&line)?.to_owned()));
            value.expect("the server prints what to type")
        };
        let (url, token) = (typed("backend.url"), typed("backend.token"));

        // Exactly as `watson config` writes it.
        let device = WatsonDevice::new(python, "Europe/Paris", &url, &token);
        let id = device.add("apollo");
        assert_eq!(device.sync().pushed, 1, "Watson {version}");
        device.wipe();
        // A device that is wiped before its second sync looks as if the response to its first push
        // had been lost. What it does not push again is sent with the next sync.
        assert_eq!(device.sync().received, 0, "Watson {version}");
        assert_eq!(device.sync().received, 1, "Watson {version}");
        assert_eq!(device.project(&id).as_deref(), Some("apollo"));
    }
}

#[test]
fn watson_shows_the_reason_of_a_refusal_and_no_stack_trace() {
    for version in VERSIONS {
        let Some(python) = watson(version) else {
            return;
        };
        let crick = crate::support::Crick::start(crate::support::Engine::sqlite());
        for (url, token) in [
            (crick.server.watson_url(), "wrong".to_owned()),
            (
                format!("http://{}/elsewhere", crick.server.address),
                crick.device("laptop").token().to_owned(),
            ),
        ] {
            let device = WatsonDevice::new(python.clone(), "UTC", &url, &token);
            let ran = device.try_sync().failed();
            assert!(
                !ran.output().contains("Traceback"),
                "Watson {version}: {ran:?}"
            );
            assert!(ran.output().contains("detail"), "Watson {version}: {ran:?}");
        }
    }
}
