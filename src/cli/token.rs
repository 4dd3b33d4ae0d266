//! `reparc token create|list|revoke`.

use std::process::ExitCode;

use super::{out, serve};
use crate::app::{Actor, tokens};
use crate::domain::input;
use crate::domain::words::Role;
use crate::error::Result;
use crate::settings::Settings;

/// Make, list and revoke API tokens
#[derive(Debug, clap::Args)]
pub struct Token {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a token; it alone goes to stdout, and is never shown again
    Create {
        /// For whom or what it is
        #[arg(long)]
        name: String,
        /// viewer, technician, procurement, manager or administrator
        #[arg(long, value_parser = Role::parse)]
        role: Role,
        /// Key of the organisation it acts for, with all below; without it the token acts at the root
        #[arg(long, value_name = "KEY")]
        org: Option<String>,
        /// Days until it expires; never when absent
        #[arg(long, value_name = "N")]
        days: Option<u32>,
    },
    /// List tokens
    List,
    /// Revoke a token by its id, or every token of that name
    Revoke {
        /// Id or name
        #[arg(value_name = "ID|NAME")]
        which: String,
    },
}

impl Token {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of `app::tokens`.
    pub fn run(self, settings: &Settings) -> Result<ExitCode> {
        let app = serve::open(settings)?;
        let operator = Actor::operator();
        match self.what {
            What::Create {
                name,
                role,
                org,
                days,
            } => {
                let asked = serde_json::json!({"name": name, "role": role, "organisation": org, "days": days});
                let made = tokens::issue(&app, &operator, input::parse(asked)?)?;
                out::data(&made.secret.unwrap_or_default())?;
            }
            What::List => {
                for token in tokens::list(&app, &operator)? {
                    let state = match (token.revoked_at, token.expires_at) {
                        (Some(_), _) => "revoked".to_owned(),
                        (None, Some(end)) if end <= app.clock.now() => "expired".to_owned(),
                        (None, Some(end)) => format!("until {}", end.format("%Y-%m-%d")),
                        (None, None) => "live".to_owned(),
                    };
                    let org = token.organisation.as_deref().unwrap_or("-");
                    out::data(&format!(
                        "{}\t{}\t{}\t{org}\t{state}",
                        token.id, token.name, token.role
                    ))?;
                }
            }
            What::Revoke { which } => {
                let gone = tokens::revoke(&app, &operator, &which)?;
                out::words(&format!("{} revoked", gone.len()));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
