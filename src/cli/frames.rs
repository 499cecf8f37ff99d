//! `frame remove` and `export`.

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use uuid::Uuid;

use super::complain;
use crate::formats;
use crate::store::{PulledFrame, Store};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Remove a frame from the server
    ///
    /// Watson cannot be told about removals: devices keep the frame, but pushing it unchanged does
    /// not restore it.
    Remove {
        /// The user
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
        store
            .delete_frame(&store.find_user(&login).await?, id)
            .await?;
        complain(&format!("frame {id} removed"));
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Watson's own `frames` file, with whole seconds
    Watson,
    /// One JSON object per line, as in the API
    Jsonl,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// The user
    login: String,
    /// The format
    #[arg(long, value_enum, default_value_t = Format::Watson)]
    format: Format,
    /// The file to create [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        let user = store.find_user(&self.login).await?;
        let mut out: Box<dyn Write> = match &self.output {
            Some(path) => Box::new(BufWriter::new(
                File::options()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(path)
                    .with_context(|| format!("cannot create {}", path.display()))?,
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
