//! `user add|list|link|sign-out|remove`.

use anyhow::Context as _;
use clap::Subcommand;

use super::{complain, print_line};
use crate::config::Config;
use crate::store::Store;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add a user
    Add {
        /// 1 to 64 letters, digits and . _ - @ +
        login: String,
    },
    /// Print every user's login
    List,
    /// Let a person whom the issuer knows sign in as this user
    Link {
        /// The user
        login: String,
        /// The issuer's identifier of the person: the sub of their tokens
        #[arg(long, value_name = "TEXT")]
        subject: String,
    },
    /// End all sessions of a user at the dashboard; their tokens stay
    SignOut {
        /// The user
        login: String,
    },
    /// Remove a user with all frames, projects and tokens
    Remove {
        /// The user
        login: String,
        /// Confirm the deletion of all their data
        #[arg(long)]
        yes: bool,
    },
}

impl Command {
    pub(super) async fn run(self, store: &Store, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Add { login } => {
                store.create_user(&login).await?;
                complain(&format!(
                    "user {login} added; next: crick-api-server token create {login} --device NAME"
                ));
            }
            Self::List => {
                for user in store.list_users().await? {
                    print_line(user.login())?;
                }
            }
            Self::Link { login, subject } => {
                let issuer = config.oidc.as_ref();
                let issuer = issuer.context("oidc_issuer is not set, so people cannot sign in")?;
                let user = store.find_user(&login).await?;
                store.link_identity(&user, &issuer.issuer, &subject).await?;
                complain(&format!(
                    "{subject} of {} signs in as {login}",
                    issuer.issuer
                ));
            }
            Self::SignOut { login } => {
                let user = store.find_user(&login).await?;
                let sessions = store.delete_sessions(&user).await?;
                complain(&format!("{login} is signed out: {sessions} sessions ended"));
            }
            Self::Remove { login, yes } => {
                let user = store.find_user(&login).await?;
                anyhow::ensure!(
                    yes,
                    "this removes {login} with all frames, projects and tokens; confirm with --yes"
                );
                store.delete_user(&user).await?;
                complain(&format!("user {login} removed"));
            }
        }
        Ok(())
    }
}
