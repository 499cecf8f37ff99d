//! `token create|list|revoke`.

use std::time::Duration;

use clap::Subcommand;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::{complain, is_terminal, print_line, watson_lines};
use crate::config::{Config, Number};
use crate::model::Scope;
use crate::store::{Device, Store};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create a token for a device and print it; it is not shown again
    ///
    /// Give each device its own token: the server identifies devices by their tokens, and then
    /// knows exactly which frames each has. A device continues where it stopped if it gets a new
    /// token under the name of a revoked one.
    Create {
        /// The user
        login: String,
        /// The name of the device
        #[arg(long, value_name = "NAME")]
        device: String,
        /// The number of days until the token expires [default: never]
        #[arg(long, value_name = "COUNT")]
        expires_in_days: Option<Number<1, 65_535>>,
        /// What the token allows: sync (Watson), read and write (the API)
        #[arg(long, value_enum, value_delimiter = ',', default_values = ["sync", "read"])]
        scopes: Vec<Scope>,
        /// Let several devices use the token, if they cannot have one each
        ///
        /// The server then guesses by their clocks which device is syncing. A wrong guess sends
        /// frames twice, and may overwrite edits that a device has not pushed. Without this flag,
        /// the server notices only after several syncs that two devices use the token; `token list`
        /// shows it.
        #[arg(long)]
        shared: bool,
        /// Print only the token (default when output is not a terminal)
        #[arg(long)]
        quiet: bool,
    },
    /// List a user's devices: name, creation, last use, expiry, scopes, and whether the token is
    /// shared
    List {
        /// The user
        login: String,
    },
    /// Send all frames to a device at its next sync, including its own
    ///
    /// For a device that was restored from a backup and lacks frames. This overwrites edits that
    /// the device has not pushed, and restores frames that were removed on it with `watson remove`.
    /// If the token is shared, all its devices receive all frames.
    Resend {
        /// The user
        login: String,
        /// The device
        #[arg(long, value_name = "NAME")]
        device: String,
    },
    /// Revoke a device's token
    Revoke {
        /// The user
        login: String,
        /// The device
        #[arg(long, value_name = "NAME")]
        device: String,
    },
}

impl Command {
    pub(super) async fn run(self, store: &Store, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Create {
                login,
                device,
                expires_in_days,
                scopes,
                shared,
                quiet,
            } => {
                let user = store.find_user(&login).await?;
                let expires_at = expires_in_days
                    .map(|days| Duration::from_secs(86_400 * u64::from(days)))
                    .map(|validity| Timestamp::now().checked_add(validity))
                    .transpose()?;
                let scopes = scopes.into_iter().collect();
                let token = store
                    .create_token(&user, &device, scopes, expires_at, shared)
                    .await?;
                let token = token.secret.expose_secret();
                if quiet || !is_terminal() {
                    return print_line(token);
                }
                // The server may listen on an address that other devices cannot reach.
                let lines = watson_lines(
                    "http://ADDRESS-OF-THIS-SERVER",
                    &config.settings.watson_path,
                    token,
                );
                print_line(&format!(
                    "Type on {device} (the token is not shown again):\n\n{lines}"
                ))?;
            }
            Self::List { login } => {
                let user = store.find_user(&login).await?;
                for device in store.list_tokens(&user).await? {
                    let or = |at: Option<Timestamp>, never: &str| {
                        at.map_or(never.to_owned(), format_second)
                    };
                    print_line(&format!(
                        "{}	created {}\tlast used {}\tvalid until {}\tmay {}{}",
                        device.name,
                        format_second(device.created_at),
                        or(device.last_used_at, "never"),
                        or(device.expires_at, "revoked"),
                        device.scopes,
                        describe_sharing(&device)
                    ))?;
                }
            }
            Self::Resend { login, device } => {
                let user = store.find_user(&login).await?;
                store.resend_to(&user, &device).await?;
                complain(&format!(
                    "{device} will receive all frames at its next sync"
                ));
            }
            Self::Revoke { login, device } => {
                let user = store.find_user(&login).await?;
                store.revoke_token(&user, &device).await?;
                complain(&format!("the token of {device} is no longer valid"));
            }
        }
        Ok(())
    }
}

fn describe_sharing(device: &Device) -> &'static str {
    match (device.is_shared, device.found_shared_at) {
        (false, _) => "",
        (true, None) => "\tshared",
        (true, Some(_)) => "\tseems to be used by two devices: create a token for each",
    }
}

fn format_second(at: Timestamp) -> String {
    at.strftime("%FT%TZ").to_string()
}
