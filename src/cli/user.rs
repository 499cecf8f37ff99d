//! `user add|list|remove`.

use clap::Subcommand;

use super::print_line;
use crate::store::Store;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a user
    Add {
        /// 1 to 64 letters, digits and . _ - @ +
        login: String,
    },
    /// Print every user's login
    List,
    /// Remove a user with all frames, projects and tokens
    Remove {
        /// Whom
        login: String,
        /// Yes, with all their data
        #[arg(long)]
        yes: bool,
    },
}

impl Command {
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        match self {
            Self::Add { login } => {
                store.user_add(&login).await?;
                eprintln!(
                    "user {login} added; next: crick-api-server token create {login} --device NAME"
                );
            }
            Self::List => {
                for user in store.users().await? {
                    print_line(user.login())?;
                }
            }
            Self::Remove { login, yes } => {
                let user = store.user(&login).await?;
                anyhow::ensure!(
                    yes,
                    "this removes {login} with all frames, projects and tokens; say --yes"
                );
                store.user_remove(&user).await?;
                eprintln!("user {login} removed");
            }
        }
        Ok(())
    }
}
