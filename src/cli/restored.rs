//! `restored`: makes devices sync from scratch after a restored backup.

use clap::Args;
use migration::output::complain;

use super::print_line;
use crate::store::Store;

#[derive(Args)]
pub(super) struct Command {
    /// List the devices that have not synced from scratch yet: user and device
    #[arg(long, conflicts_with = "end")]
    list: bool,
    /// End this mode: the remaining devices no longer have to sync from scratch
    #[arg(long)]
    end: bool,
}

impl Command {
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        if self.list {
            return list(store).await;
        }
        if self.end {
            store.end_merging().await?;
            complain("devices sync normally again");
            return Ok(());
        }
        anyhow::ensure!(
            store.begin_merging().await?,
            "this mode is active already; if the database has been restored again since, run \
             `crick-api-server restored --end` first"
        );
        complain(
            "each device must now sync from scratch, and `watson sync` shows how; \
             `crick-api-server restored --list` shows which have not; when all have, run \
             `crick-api-server restored --end`",
        );
        Ok(())
    }
}

async fn list(store: &Store) -> anyhow::Result<()> {
    for (login, device) in store.unmerged_devices().await? {
        print_line(&format!("{login}\t{device}"))?;
    }
    Ok(())
}
