//! The rows of the two-device table: what a person expects of their devices.

use std::sync::Arc;

use super::device::Synced;
use super::household::Household;
use super::install::faketime;
use super::relay::AtNextPush;
use crate::support::Clock;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// As people expect.
    Ok,
    /// Something that it needs is not installed.
    Skipped,
}

/// A row: its name, and what is asserted. They follow one another on the same devices.
pub(super) type Row = (&'static str, fn(&Household<'_>) -> Verdict);

/// The table.
pub(super) const ROWS: [Row; 14] = [
    ("first add on A, sync, sync B", first_add),
    ("a second add on A, sync, sync B", second_add),
    ("A edits, both sync", edit),
    ("A edits again before B synced", edit_twice),
    ("A edits and syncs, then B edits and syncs", edits_in_turn),
    ("both edit before sync", conflict),
    ("A removes, both sync", remove),
    ("A renames a project", rename),
    ("B pushes between A's pull and A's last_sync", overlap),
    ("A's sync breaks between pull and push", interrupted),
    (
        "A's push is stored, its answer lost, A edits again",
        lost_answer,
    ),
    ("A's clock ten minutes ahead", clock_ahead),
    ("wiped device", wiped),
    ("nothing new", nothing_new),
];

fn first_add(home: &Household<'_>) -> Verdict {
    let id = home.a.add("first");
    home.sync();
    home.assert_everywhere(&id, "first");
    Verdict::Ok
}

fn second_add(home: &Household<'_>) -> Verdict {
    let id = home.a.add("second");
    home.sync();
    home.assert_everywhere(&id, "second");
    Verdict::Ok
}

fn edit(home: &Household<'_>) -> Verdict {
    let id = home.a.add("to be edited");
    home.sync();
    home.a.edit(&id, "edited");
    assert_eq!(
        home.a.sync(),
        Synced {
            received: 0,
            pushed: 1
        }
    );
    home.sync_others();
    home.a.sync();
    home.assert_everywhere(&id, "edited");
    Verdict::Ok
}

fn edit_twice(home: &Household<'_>) -> Verdict {
    let id = home.a.add("to be edited twice");
    home.a.sync();
    home.a.edit(&id, "edited once");
    home.a.sync();
    home.a.edit(&id, "edited twice");
    home.sync();
    home.assert_everywhere(&id, "edited twice");
    Verdict::Ok
}

fn edits_in_turn(home: &Household<'_>) -> Verdict {
    let id = home.a.add("to be edited in turn");
    home.sync();
    home.a.edit(&id, "by a");
    home.sync();
    let b = &home.others[0];
    b.edit(&id, "by b");
    b.sync();
    home.sync();
    home.assert_everywhere(&id, "by b");
    Verdict::Ok
}

fn conflict(home: &Household<'_>) -> Verdict {
    let id = home.a.add("to be fought over");
    home.sync();
    let b = &home.others[0];
    home.a.edit(&id, "by a");
    b.edit(&id, "by b");
    home.a.sync();
    b.sync();
    home.sync();
    let winner = home.a.project(&id).expect("the frame is still there");
    assert!(["by a", "by b"].contains(&winner.as_str()), "{winner}");
    home.assert_everywhere(&id, &winner);
    Verdict::Ok
}

fn remove(home: &Household<'_>) -> Verdict {
    let id = home.a.add("to be removed");
    home.sync();
    // On each of them: no client can be told of another's removal.
    home.a.remove(&id);
    home.others[0].remove(&id);
    for _ in 0..2 {
        home.a.sync();
        home.others[0].sync();
    }
    assert_eq!(home.a.project(&id), None, "gone on A, and it stays so");
    assert_eq!(
        home.others[0].project(&id),
        None,
        "gone on B, and it stays so"
    );
    Verdict::Ok
}

fn rename(home: &Household<'_>) -> Verdict {
    let ids = [home.a.add("old name"), home.a.add("old name")];
    home.sync();
    home.a.rename("old name", "new name");
    home.sync();
    for id in &ids {
        home.assert_everywhere(id, "new name");
    }
    Verdict::Ok
}

fn overlap(home: &Household<'_>) -> Verdict {
    let b = Arc::clone(&home.others[0]);
    let id = b.add("in between");
    home.relay.at_next_push(AtNextPush::First(Box::new(move || {
        b.sync();
    })));
    home.a.sync();
    assert_eq!(home.a.project(&id), None, "B's sync fell into A's");
    home.a.sync();
    home.sync_others();
    home.assert_everywhere(&id, "in between");
    Verdict::Ok
}

fn interrupted(home: &Household<'_>) -> Verdict {
    let of_b = home.others[0].add("by b while A's net is bad");
    home.others[0].sync();
    let of_a = home.a.add("by a while its net is bad");
    for _ in 0..2 {
        home.relay.at_next_push(AtNextPush::Break);
        let ran = home.a.try_sync().failed();
        assert!(!ran.output().contains("Traceback"), "{ran:?}");
        assert_eq!(
            home.a.project(&of_b),
            None,
            "Watson saves nothing of a broken sync"
        );
    }
    home.sync();
    home.assert_everywhere(&of_b, "by b while A's net is bad");
    home.assert_everywhere(&of_a, "by a while its net is bad");
    Verdict::Ok
}

fn lost_answer(home: &Household<'_>) -> Verdict {
    let id = home.a.add("pushed into silence");
    home.relay.at_next_push(AtNextPush::LoseAnswer);
    home.a.try_sync().failed();
    home.a.edit(&id, "edited after silence");
    home.a.sync();
    home.a.edit(&id, "edited again after silence");
    home.sync();
    home.assert_everywhere(&id, "edited again after silence");
    Verdict::Ok
}

fn clock_ahead(home: &Household<'_>) -> Verdict {
    let Some(library) = faketime() else {
        return Verdict::Skipped;
    };
    let ahead = home.one_more("ahead").ahead(library);
    ahead.sync();
    let of_b = home.others[0].add("by b in the right time");
    home.others[0].sync();
    ahead.sync();
    assert_eq!(
        ahead.project(&of_b).as_deref(),
        Some("by b in the right time")
    );
    ahead.edit(&of_b, "edited ahead of time");
    assert_eq!(
        ahead.sync(),
        Synced {
            received: 0,
            pushed: 1
        }
    );
    let of_ahead = ahead.add("added ahead of time");
    ahead.sync();
    home.sync();
    home.assert_everywhere(&of_b, "edited ahead of time");
    home.assert_everywhere(&of_ahead, "added ahead of time");
    Verdict::Ok
}

fn wiped(home: &Household<'_>) -> Verdict {
    let b = &home.others[0];
    b.sync();
    let own = b.add("by b before the wipe");
    b.sync();
    let before = b.frames();
    b.wipe();
    // Nobody sets a device up anew within seconds of its last sync.
    let clock = Clock::right();
    clock.pass(clock.second() + 3);
    b.sync();
    // And what was removed on devices only: the server still knows it.
    for (id, frame) in before {
        assert_eq!(b.frames().get(&id), Some(&frame));
    }
    b.edit(&own, "edited after the wipe");
    assert_eq!(
        b.sync(),
        Synced {
            received: 0,
            pushed: 1
        }
    );
    home.sync();
    home.assert_everywhere(&own, "edited after the wipe");
    Verdict::Ok
}

fn nothing_new(home: &Household<'_>) -> Verdict {
    home.sync();
    let nothing = Synced {
        received: 0,
        pushed: 0,
    };
    assert_eq!(home.a.sync(), nothing);
    for device in &home.others {
        assert_eq!(device.sync(), nothing, "in {}", device.zone());
    }
    Verdict::Ok
}
