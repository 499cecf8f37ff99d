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
    /// Make a token for a device and print it, this once
    ///
    /// Give each device a token of its own: the server tells devices apart by it, and then knows exactly what each has. A
    /// device whose token was revoked takes up where it left off when it is given a new one under its old name.
    Create {
        /// Whose
        login: String,
        /// The device's name, as you would call it
        #[arg(long, value_name = "NAME")]
        device: String,
        /// Days until the token stops being valid by itself [default: never]
        #[arg(long, value_name = "COUNT")]
        expires_in_days: Option<Number<1, 65_535>>,
        /// What the token allows: sync (Watson), read and write (the web API)
        #[arg(long, value_enum, value_delimiter = ',', default_values = ["sync", "read"])]
        scopes: Vec<Scope>,
        /// Let several devices use the token, where a token for each is not possible
        ///
        /// The server then guesses which of them is syncing, by their clocks. A wrong guess sends frames twice, and may
        /// overwrite edits that a device has not pushed yet. Without this, the server notices that two devices use the
        /// token only after several syncs, and `token list` then says so.
        #[arg(long)]
        shared: bool,
        /// Print the token alone, as is done anyway when nobody reads it
        #[arg(long)]
        quiet: bool,
    },
    /// Print a user's devices: name, made, last used, valid until, scopes, and whether the token is shared
    List {
        /// Whose
        login: String,
    },
    /// Send a device everything at its next sync, its own frames included
    ///
    /// For a device that was restored from a backup and lacks frames. Edits on it that it has not pushed yet are
    /// overwritten, and frames that were removed on it with `watson remove` come back. If the token is shared, all its
    /// devices are sent everything.
    Resend {
        /// Whose
        login: String,
        /// Which device
        #[arg(long, value_name = "NAME")]
        device: String,
    },
    /// Make a device's token invalid from now on
    Revoke {
        /// Whose
        login: String,
        /// Which device's
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
                // Another device does not find the server at an address of this one's own.
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
                    let or = |at: Option<Timestamp>, none: &str| at.map_or(none.to_owned(), second);
                    print_line(&format!(
                        "{}	made {}\tlast used {}\tvalid until {}\tmay {}{}",
                        device.name,
                        second(device.created_at),
                        or(device.last_used_at, "never"),
                        or(device.expires_at, "revoked"),
                        device.scopes,
                        shared_words(&device)
                    ))?;
                }
            }
            Self::Resend { login, device } => {
                let user = store.find_user(&login).await?;
                store.resend_to(&user, &device).await?;
                complain(&format!(
                    "{device} will be sent everything at its next sync"
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

fn shared_words(device: &Device) -> &'static str {
    match (device.is_shared, device.found_shared_at) {
        (false, _) => "",
        (true, None) => "\tshared",
        (true, Some(_)) => "\tseems to be used by two devices: create a token for each of them",
    }
}

fn second(at: Timestamp) -> String {
    at.strftime("%FT%TZ").to_string()
}
