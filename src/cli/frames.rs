//! `frame remove`, `import` and `export`.

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use uuid::Uuid;

use crate::formats;
use crate::model::Frame;
use crate::store::{PulledFrame, Store};

/// Frames written in one transaction by an import.
const CHUNK: usize = 5_000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Remove a frame from the server
    ///
    /// Watson is never told of removals: devices that have the frame keep it, and pushing it unchanged does not bring
    /// it back.
    Remove {
        /// Whose
        login: String,
        /// The frame's id, as `watson log --json` shows it
        #[arg(value_parser = frame_id)]
        id: Uuid,
    },
}

fn frame_id(text: &str) -> Result<Uuid, &'static str> {
    Uuid::parse_str(text).map_err(|_| "expected a UUID")
}

impl Command {
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        let Self::Remove { login, id } = self;
        store.frame_remove(&store.user(&login).await?, id).await?;
        eprintln!("frame {id} removed");
        Ok(())
    }
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// Whose frames they are
    login: String,
    /// A Watson `frames` file (~/.config/watson/frames), or JSON lines as `export --format jsonl` writes them
    file: PathBuf,
}

impl Import {
    /// Writes the frames in chunks, each a transaction; starting again after a fault repeats nothing.
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        let user = store.user(&self.login).await?;
        let text = std::fs::read_to_string(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        let frames = parse(&text).with_context(|| self.file.display().to_string())?;
        drop(text);
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} frames, {eta} left")?;
        let bar = ProgressBar::new(frames.len() as u64).with_style(style);
        let (total, mut written) = (frames.len(), 0);
        let mut rest = frames.into_iter();
        loop {
            let chunk: Vec<_> = rest.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            bar.inc(chunk.len() as u64);
            written += store.frames_save(&user, chunk).await?.written;
        }
        bar.finish_and_clear();
        eprintln!("{written} of {total} frames were new or different");
        Ok(())
    }
}

/// Reads a whole file: a list is Watson's format, anything else JSON lines. One frame that is not in order spoils it.
fn parse(text: &str) -> anyhow::Result<Vec<Frame>> {
    let (what, reading) = if text.trim_start().starts_with('[') {
        ("frame", formats::read_watson(text)?)
    } else {
        ("line", formats::read_json_lines(text)?)
    };
    if let Some(refusal) = reading.refusals.first() {
        anyhow::bail!("{what} {}: {}", refusal.line, refusal.reason);
    }
    Ok(reading.frames.into_iter().map(|(_, frame)| frame).collect())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The format of Watson's own `frames` file, whole seconds
    Watson,
    /// One JSON object a line, as on the wire
    Jsonl,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Whose frames
    login: String,
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Watson)]
    format: Format,
    /// Where to [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        let user = store.user(&self.login).await?;
        let mut out: Box<dyn Write> = match &self.output {
            Some(path) => Box::new(BufWriter::new(
                File::options()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(path)
                    .with_context(|| format!("cannot make {}", path.display()))?,
            )),
            None => Box::new(BufWriter::new(stdout().lock())),
        };
        let mut pull = store.pull_all(&user);
        let mut count = 0_u64;
        while !pull.is_done() {
            let take = |frame: PulledFrame<&str>| -> anyhow::Result<()> {
                match self.format {
                    Format::Watson => formats::write_watson(&mut out, frame, count == 0)?,
                    Format::Jsonl => formats::write_line(&mut out, frame)?,
                }
                count += 1;
                Ok(())
            };
            store.pull_page(&mut pull, take).await?;
        }
        if let Format::Watson = self.format {
            out.write_all(if count == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        out.flush()?;
        Ok(())
    }
}
