//! Benchmarks of the most expensive functions, without a network and a database server: `cargo
//! bench`. `benches/load` measures a whole server.

use crick_api::api::{read_frames, write_frame};
use crick_api::model::{Frame, Scopes};
use crick_api::store::{Caller, Dsn, PulledFrame, Store, SyncState};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use jiff::{Timestamp, ToSpan as _};
use tokio::runtime::Runtime;
use uuid::Uuid;

fn main() {
    divan::main();
}

fn frames(count: usize) -> Vec<Frame> {
    let first: Timestamp = "2026-03-01T09:00:00Z".parse().expect("an instant");
    let frame = |at: usize| {
        let start_at = first + i64::try_from(at).expect("few").hours();
        Frame {
            id: Uuid::now_v7(),
            start_at,
            end_at: start_at + 50.minutes(),
            project: format!("project {}", at % 40),
            tags: (0..at % 3).map(|tag| format!("tag {tag}")).collect(),
        }
    };
    (0..count).map(frame).collect()
}

fn pulled(count: usize) -> Vec<PulledFrame> {
    let pulled = |frame: Frame| PulledFrame {
        id: frame.id,
        start_at: frame.start_at,
        end_at: frame.end_at,
        project: frame.project,
        tags: serde_json::to_string(&frame.tags).expect("texts"),
    };
    frames(count).into_iter().map(pulled).collect()
}

fn list(frames: &[PulledFrame], out: &mut Vec<u8>) {
    for frame in frames {
        out.push(if out.is_empty() { b'[' } else { b',' });
        write_frame(out, frame.by_ref()).expect("a frame in order");
    }
    out.push(b']');
}

/// Parses the body of a push.
#[divan::bench(args = [1, 100, 10_000])]
fn read_push(bencher: Bencher, count: usize) {
    let mut body = Vec::new();
    list(&pulled(count), &mut body);
    bencher
        .counter(BytesCount::new(body.len()))
        .counter(ItemsCount::new(count))
        .bench(|| read_frames(black_box(&body)).expect("frames in order"));
}

/// Writes frames as the body of a pull.
#[divan::bench(args = [1, 100, 10_000])]
fn write_pull(bencher: Bencher, count: usize) {
    let frames = pulled(count);
    let mut body = Vec::new();
    list(&frames, &mut body);
    bencher
        .counter(BytesCount::new(body.len()))
        .counter(ItemsCount::new(count))
        .bench_local(|| {
            body.clear();
            list(black_box(&frames), &mut body);
        });
}

/// Writes the same bytes from a constant, which is the lower bound.
#[divan::bench(args = [1, 100, 10_000])]
fn write_constant(bencher: Bencher, count: usize) {
    let mut constant = Vec::new();
    list(&pulled(count), &mut constant);
    let mut body = constant.clone();
    bencher
        .counter(BytesCount::new(constant.len()))
        .counter(ItemsCount::new(count))
        .bench_local(|| {
            body.clear();
            body.extend_from_slice(black_box(&constant));
        });
}

/// A token, and its database: SQLite in memory.
struct Server {
    runtime: Runtime,
    store: Store,
    token: String,
}

impl Server {
    fn new(count: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let (store, token) = runtime.block_on(async {
            let dsn = Dsn::parse("sqlite::memory:").expect("an address");
            let store = Store::open(&dsn, 1, true).await.expect("a database");
            let user = store.create_user("somebody").await.expect("a user");
            let token = store
                .create_token(&user, "device", Scopes::ALL, None, false)
                .await;
            store
                .save_frames(&user, frames(count))
                .await
                .expect("saved");
            use secrecy::ExposeSecret as _;
            (
                store,
                token.expect("a token").secret.expose_secret().to_owned(),
            )
        });
        Self {
            runtime,
            store,
            token,
        }
    }

    async fn authenticate(&self, last_sync: Option<Timestamp>) -> (Caller, SyncState) {
        let found = self.store.authenticate_for_sync(&self.token, last_sync);
        found.await.expect("a database").expect("a valid token")
    }

    /// Writes the response to a pull with this `last_sync`.
    fn pull(&self, last_sync: Timestamp, body: &mut Vec<u8>) {
        self.runtime.block_on(async {
            let (caller, state) = self.authenticate(Some(last_sync)).await;
            let pull = self.store.pull(&caller, Some(state), last_sync).await;
            let mut pull = pull.expect("a pull");
            while !pull.is_done() {
                let write = |frame: PulledFrame<&str>| write_frame(body, frame);
                self.store
                    .pull_page(&mut pull, write)
                    .await
                    .expect("a page");
            }
        });
    }
}

/// Repeated first pulls of a new device.
#[divan::bench(args = [1, 100, 10_000])]
fn pull_everything(bencher: Bencher, count: usize) {
    let server = Server::new(count);
    let mut body = Vec::new();
    bencher.counter(ItemsCount::new(count)).bench_local(|| {
        body.clear();
        server.pull(Timestamp::UNIX_EPOCH, &mut body);
    });
}

/// A sync without changes: a pull and a push, for users with this number of frames.
#[divan::bench(args = [0, 100, 10_000])]
fn sync_nothing(bencher: Bencher, count: usize) {
    let server = Server::new(count);
    let mut body = Vec::new();
    let mut at = Timestamp::UNIX_EPOCH;
    bencher.bench_local(|| {
        server.pull(at, &mut body);
        let push = async {
            let (caller, state) = server.authenticate(None).await;
            server.store.push(&caller, Some(state), Vec::new()).await
        };
        server.runtime.block_on(push).expect("a push");
        body.clear();
        at = Timestamp::now();
    });
}
