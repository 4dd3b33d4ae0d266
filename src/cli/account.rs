//! `reparc account add|list|disable|enable|password`.

use std::io::{IsTerminal, Read};
use std::process::ExitCode;

use super::{out, serve};
use crate::app::{Actor, accounts, passwords};
use crate::domain::input;
use crate::domain::words::Role;
use crate::error::{Code, Error, Result};
use crate::settings::Settings;

/// Add, list and lock accounts (people who log in)
#[derive(Debug, clap::Args)]
pub struct Account {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Add an account; a password is made and printed unless --password-stdin
    Add {
        /// Login name
        name: String,
        /// viewer, technician, procurement, manager or administrator
        #[arg(long, value_parser = Role::parse)]
        role: Role,
        /// Key of the organisation it acts for, with all below; without it the account acts at the root
        #[arg(long, value_name = "KEY")]
        org: Option<String>,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
    },
    /// List accounts
    List,
    /// Lock an account out
    Disable {
        /// Id or name
        #[arg(value_name = "ID|NAME")]
        which: String,
    },
    /// Let a locked account in again
    Enable {
        /// Id or name
        #[arg(value_name = "ID|NAME")]
        which: String,
    },
    /// Set a password: made and printed unless --password-stdin
    Password {
        /// Id or name
        #[arg(value_name = "ID|NAME")]
        which: String,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
    },
}

impl Account {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of `app::accounts`.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let app = serve::open(settings)?;
        let operator = Actor::operator();
        match self.what {
            What::Add {
                name,
                role,
                org,
                password_stdin,
            } => {
                let password = if password_stdin {
                    Some(from_stdin()?)
                } else {
                    None
                };
                let asked = serde_json::json!({"name": name, "role": role, "organisation": org, "password": password});
                let (_, made) = accounts::add(&app, &operator, input::parse(asked)?)?;
                if let Some(made) = made {
                    out::data(&made)?;
                }
            }
            What::List => {
                for account in accounts::list(&app, &operator)? {
                    let org = account.organisation.as_deref().unwrap_or("-");
                    let state = if account.disabled { "disabled" } else { "live" };
                    out::data(&format!(
                        "{}\t{}\t{}\t{org}\t{state}",
                        account.id, account.name, account.role
                    ))?;
                }
            }
            What::Disable { which } => lock(&app, &which, true)?,
            What::Enable { which } => lock(&app, &which, false)?,
            What::Password {
                which,
                password_stdin,
            } => {
                let password = if password_stdin {
                    from_stdin()?
                } else {
                    passwords::generate()?
                };
                let change = accounts::Change {
                    password: Some(password.clone()),
                    ..Default::default()
                };
                accounts::change(&app, &operator, &which, change)?;
                if !password_stdin {
                    out::data(&password)?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn lock(app: &crate::app::App, which: &str, disabled: bool) -> Result<()> {
    let change = accounts::Change {
        disabled: Some(disabled),
        ..Default::default()
    };
    accounts::change(app, &Actor::operator(), which, change).map(drop)
}

/// The first line of stdin; never asked for on a terminal, where it would be shown.
fn from_stdin() -> Result<String> {
    let mut text = String::new();
    if std::io::stdin().is_terminal() {
        return Err(Error::new(
            Code::InvalidParameter,
            "give the password through a pipe or a file, not on the terminal",
        ));
    }
    std::io::stdin()
        .lock()
        .take(4096)
        .read_to_string(&mut text)
        .map_err(Error::internal)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
