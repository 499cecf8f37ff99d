//! Many devices of one user at the same time.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Clock, Crick, Device, Engine, batch, on_both_engines};

on_both_engines![
    a_slow_reader_misses_nothing_of_what_eight_devices_push_at_once,
    one_new_project_pushed_by_many_at_once_exists_once,
    the_same_frames_pushed_by_many_at_once_are_stored_once,
];

fn a_slow_reader_misses_nothing_of_what_eight_devices_push_at_once(engine: Engine) {
    const ROUNDS: usize = 12;
    let crick = Crick::start(engine);
    let device = |name: &str| Device::new(crick.device(name)).with_clock(Clock::moved_by_hand());
    let mut writers: Vec<Device> = (0..8)
        .map(|number| device(&format!("writer {number}")))
        .collect();
    let mut reader = device("reader");
    let all_written = AtomicBool::new(false);
    let everything_before = |reader: &mut Device| {
        while !all_written.load(Ordering::Acquire) {
            reader.sync();
        }
    };
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| everything_before(&mut reader));
        let writing: Vec<_> = writers
            .iter_mut()
            .enumerate()
            .map(|(number, writer)| {
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let id = writer.add(&format!("by {number}"));
                        writer.sync();
                        if round % 3 == 0 {
                            writer.edit(id, &format!("edited by {number}"));
                            writer.sync();
                        }
                    }
                })
            })
            .collect();
        let outcomes: Vec<_> = writing.into_iter().map(|thread| thread.join()).collect();
        // Also when a writer failed, so that the reader ends.
        all_written.store(true, Ordering::Release);
        reader.join().expect("the reader reads");
        assert!(outcomes.iter().all(Result::is_ok), "a writer failed");
    });
    reader.sync();
    assert_eq!(reader.frames().len(), 8 * ROUNDS);
    for writer in &mut writers {
        writer.sync();
        assert_eq!(writer.frames(), reader.frames());
    }
}

fn one_new_project_pushed_by_many_at_once_exists_once(engine: Engine) {
    let crick = Crick::start(engine);
    let devices: Vec<_> = (0..8)
        .map(|number| crick.device(&format!("device {number}")))
        .collect();
    for round in 0..5 {
        let project = format!("project {round}");
        std::thread::scope(|scope| {
            for device in &devices {
                scope.spawn(|| device.push(&batch(&project, 3)));
            }
        });
    }
    let projects = devices[0].get("/watson/projects").json();
    assert_eq!(
        projects["projects"].as_array().expect("a list").len(),
        5,
        "{projects}"
    );
    assert_eq!(devices[0].pull_everything().len(), 8 * 5 * 3);
}

fn the_same_frames_pushed_by_many_at_once_are_stored_once(engine: Engine) {
    let crick = Crick::start(engine);
    let devices: Vec<_> = (0..8)
        .map(|number| crick.device(&format!("device {number}")))
        .collect();
    let forwards = batch("apollo", 200);
    let backwards: Vec<_> = forwards.iter().rev().cloned().collect();
    std::thread::scope(|scope| {
        for (number, device) in devices.iter().enumerate() {
            // In opposite orders, so that row locks taken in this order would deadlock.
            let frames = if number % 2 == 0 {
                &forwards
            } else {
                &backwards
            };
            scope.spawn(|| device.push(frames));
        }
    });
    assert_eq!(devices[0].pull_everything().len(), 200);
}
