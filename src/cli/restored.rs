//! `restored`.

use clap::Args;
use migration::output::complain;

use super::print_line;
use crate::store::Store;

#[derive(Args)]
pub(super) struct Command {
    /// Print the devices that have not started over yet: user and device
    #[arg(long, conflicts_with = "end")]
    list: bool,
    /// End this: a device that has not started over is not asked any more for what it pushed after the backup
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
            complain("devices sync as usual again");
            return Ok(());
        }
        anyhow::ensure!(
            store.begin_merging().await?,
            "this was done before and has not been ended; if the database has been restored once more since, run \
             `crick-api-server restored --end` first"
        );
        complain(
            "each device has to start over now, and `watson sync` says how; \
             `crick-api-server restored --list` shows which have not, and when all have: \
             crick-api-server restored --end",
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
