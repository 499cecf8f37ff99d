//! `import`: stores frames from a file.

use std::path::PathBuf;
use std::pin::pin;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::complain;
use crate::formats;
use crate::formats::{ImportFormat, Reading};
use crate::model::{Frame, parse_zone};
use crate::store::{Imported, Store, StoreError, User};
use crate::systemd::StopSignals;

/// The number of frames in a transaction.
const CHUNK: usize = 5_000;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Watson's own `frames` file
    Watson,
    /// One JSON object per line, as `export --format jsonl` writes it
    Jsonl,
    /// A table with at least the columns start, end and project
    Csv,
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// The user
    login: String,
    /// A Watson `frames` file (~/.config/watson/frames), JSON Lines, or CSV
    file: PathBuf,
    /// The format [default: recognized by the first character]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// For CSV: the time zone of times without one, like Europe/Paris
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    tz: String,
}

#[derive(Default)]
struct Progress {
    /// Frames in committed chunks.
    stored: usize,
    /// Frames among them that were new or different.
    changed: u64,
    /// Frames among them that were removed on the server before.
    removed: u64,
}

impl Import {
    /// Stores the frames in chunks, each in a transaction. An interrupted import keeps the stored
    /// chunks, and running it again repeats nothing.
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        let user = store.find_user(&self.login).await?;
        let mut signals = StopSignals::new().context("cannot listen to signals")?;
        let mut reading = self.read()?;
        reading.keep_last_of_each_id();
        let frames: Vec<Frame> = reading.frames.drain(..).map(|(_, frame)| frame).collect();
        let total = frames.len();
        let mut progress = Progress::default();
        let outcome = store_frames(store, &user, frames, &mut signals, &mut progress).await;
        let Progress {
            stored,
            changed,
            removed,
        } = progress;
        if let Err(error) = outcome {
            bail!(
                "{error}\n{stored} of {total} frames are stored, {changed} of them new or \
                 different. Run the same command again to import the rest"
            );
        }
        complain(&format!(
            "{changed} of {total} frames were new or different"
        ));
        if removed > 0 {
            complain(&format!(
                "{removed} frames were removed on the server before and stay removed"
            ));
        }
        report_refusals(&reading)
    }

    fn read(&self) -> anyhow::Result<Reading> {
        let name = self.file.display();
        let zone = parse_zone(&self.tz).map_err(|error| anyhow!("--tz {error}"))?;
        let file = std::fs::read(&self.file).with_context(|| format!("cannot read {name}"))?;
        let text = formats::decode(&file).with_context(|| name.to_string())?;
        let format = match self.format {
            Some(Format::Watson) => ImportFormat::Watson,
            Some(Format::Jsonl) => ImportFormat::JsonLines,
            Some(Format::Csv) => ImportFormat::Csv,
            None => ImportFormat::guess(text),
        };
        format.read(text, &zone).with_context(|| name.to_string())
    }
}

/// Stores frames until the end, an error or a signal.
async fn store_frames(
    store: &Store,
    user: &User,
    frames: Vec<Frame>,
    signals: &mut StopSignals,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} frames, {eta} left")?;
    let bar = ProgressBar::new(frames.len() as u64).with_style(style);
    let mut rest = frames.into_iter();
    loop {
        let chunk: Vec<_> = rest.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            bar.finish_and_clear();
            return Ok(());
        }
        let count = chunk.len();
        let (imported, signal) = store_chunk(store, user, chunk, signals).await?;
        progress.stored += count;
        progress.changed += imported.taken + imported.changed;
        progress.removed += imported.removed;
        bar.inc(count as u64);
        if let Some(signal) = signal
            && rest.len() > 0
        {
            bar.finish_and_clear();
            bail!("stopped by {signal}");
        }
    }
}

/// Stores a chunk, and returns the signal that arrived meanwhile. A second signal aborts the chunk.
async fn store_chunk(
    store: &Store,
    user: &User,
    chunk: Vec<Frame>,
    signals: &mut StopSignals,
) -> anyhow::Result<(Imported, Option<&'static str>)> {
    let mut import = pin!(store.import_frames(user, chunk, false));
    let failed = |error: StoreError| anyhow::anyhow!("cannot store more frames: {error}");
    let signal = tokio::select! {
        imported = &mut import => return Ok((imported.map_err(failed)?, None)),
        signal = signals.next() => signal,
    };
    tokio::select! {
        imported = &mut import => Ok((imported.map_err(failed)?, Some(signal))),
        second = signals.next() => bail!("stopped at once by {signal} and {second}"),
    }
}

/// Lists the invalid frames. Fails if there are any.
fn report_refusals(reading: &Reading) -> anyhow::Result<()> {
    for refusal in &reading.refusals {
        complain(&format!("line {}: {}", refusal.line, refusal.reason));
    }
    match reading.refused {
        0 => Ok(()),
        1 => bail!("1 frame is invalid and was skipped; see above"),
        count => bail!("{count} frames are invalid and were skipped; see above"),
    }
}
