//! The settings of the program, each written once: flag, environment variable, key of the file, default.
//!
//! Precedence: flag, then environment, then file, then default. The file is TOML (`--config`, or
//! `reparc.toml` in the working directory when there is one); its keys are the long flags with `_`.
//! The README's configuration table is tested against this list.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command};
use serde::{Serialize, Serializer};

use crate::error::{Code, Error, Result};

/// The database when nothing else is said.
pub const DEFAULT_DATABASE: &str = "sqlite://data/reparc.db";

/// What every command may be told.
#[derive(Debug, Clone, Args, Serialize)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// File of settings (TOML); `reparc.toml` of the working directory is read when there is one
    #[arg(long, global = true, value_name = "FILE", env = "REPARC_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Where the data live: sqlite://PATH (made when absent) or postgres://…
    #[arg(long, global = true, value_name = "URL", env = "REPARC_DATABASE_URL", hide_env_values = true, default_value = DEFAULT_DATABASE)]
    pub database: Secret,

    /// Do not migrate the database at start (another instance, or `reparc migrate`, does)
    #[arg(long, global = true, env = "REPARC_NO_MIGRATE", value_parser = clap::builder::BoolishValueParser::new())]
    pub no_migrate: bool,

    /// Address and port to listen on; port 0 takes a free one
    #[arg(
        long,
        global = true,
        value_name = "ADDRESS",
        env = "REPARC_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: String,

    /// Address that people and labels use, when it is not the one listened on
    #[arg(long, global = true, value_name = "URL", env = "REPARC_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// Certificate chain (PEM); with --tls-key, the program serves HTTPS itself
    #[arg(long, global = true, value_name = "FILE", env = "REPARC_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,

    /// Private key of the certificate (PEM)
    #[arg(long, global = true, value_name = "FILE", env = "REPARC_TLS_KEY")]
    pub tls_key: Option<PathBuf>,

    /// Proxies whose Forwarded headers are believed (addresses or CIDR, comma-separated)
    #[arg(
        long,
        global = true,
        value_name = "CIDR",
        env = "REPARC_TRUSTED_PROXY",
        value_delimiter = ','
    )]
    pub trusted_proxy: Vec<Cidr>,

    /// What is logged on stderr: error, warn, info, debug, or a filter such as `warn,reparc=debug`
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "REPARC_LOG",
        default_value = "info"
    )]
    pub log: String,

    /// How it is logged
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        env = "REPARC_LOG_FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,

    /// Requests a second that one client address may make, ten seconds' worth at once; 0 lets all through
    #[arg(
        long,
        global = true,
        value_name = "N",
        env = "REPARC_RATE_LIMIT",
        default_value = "1000"
    )]
    pub rate_limit: u32,
}

impl Settings {
    /// Database URL, password included: for the store alone.
    pub fn database_url(&self) -> &str {
        &self.database.0
    }

    /// Every setting that has a value, by its name in the file, secrets hidden.
    pub fn shown(&self) -> Vec<(String, String)> {
        let Ok(serde_json::Value::Object(all)) = serde_json::to_value(self) else {
            return Vec::new();
        };
        let text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Array(all) => {
                let all = all.iter().filter_map(serde_json::Value::as_str);
                all.collect::<Vec<_>>().join(", ")
            }
            value => value.to_string(),
        };
        all.into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, text(value)))
            .collect()
    }

    /// The address people use, without a closing slash: `--public-url`, else made from `--listen`.
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if self.tls_cert.is_some() => format!("https://{}", self.listen),
            None => format!("http://{}", self.listen),
        }
    }

    /// Refuses what no single option can see.
    pub fn check(&self) -> Result<()> {
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return Err(wrong(
                "HTTPS needs both --tls-cert and --tls-key; one of them is missing",
            ));
        }
        if let Some(url) = &self.public_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err(wrong(format!(
                "--public-url {url}: give an address that begins with http:// or https://"
            )));
        }
        let scheme = self.database.0.split_once("://").map(|(scheme, _)| scheme);
        if !matches!(scheme, Some("sqlite" | "postgres" | "postgresql")) {
            return Err(wrong(
                "--database takes sqlite://PATH (sqlite:///ABSOLUTE/PATH) or postgres://…, nothing else",
            ));
        }
        Ok(())
    }
}

/// A value that is used but never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl FromStr for Secret {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(Secret(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Shows a URL without its user, password and parameters; anything else as stars.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return f.write_str("***");
        };
        let rest = rest.split('?').next().unwrap_or_default();
        match rest.rsplit_once('@') {
            Some((_, place)) => write!(f, "{scheme}://***@{place}"),
            None => write!(f, "{scheme}://{rest}"),
        }
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Form of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A block of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    base: IpAddr,
    bits: u8,
}

impl Cidr {
    /// Whether the address is in the block. An IPv4 address written as IPv6 counts as IPv4.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(other)) => {
                let apart = u32::from(base) ^ u32::from(other);
                apart.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(base), IpAddr::V6(other)) => {
                let apart = u128::from(base) ^ u128::from(other);
                apart.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

impl FromStr for Cidr {
    type Err = String;
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let refused =
            || format!("`{text}` is no address block; write 10.0.0.0/8, 192.0.2.7 or fd00::/8");
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits.parse::<u8>().map_err(|_| refused())?)),
            None => (text, None),
        };
        let base: IpAddr = base.trim().parse().map_err(|_| refused())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most {
            return Err(refused());
        }
        Ok(Cidr { base, bits })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One setting as documented: for the README's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Long flag, without dashes.
    pub flag: String,
    /// Environment variable.
    pub variable: String,
    /// Default, when there is one.
    pub default: Option<String>,
    /// What it does, one line.
    pub help: String,
}

/// Every setting, in the order of the help.
pub fn list() -> Vec<Described> {
    Settings::augment_args(Command::new("reparc"))
        .get_arguments()
        .filter_map(|arg| {
            let takes_value = arg.get_action().takes_values();
            Some(Described {
                flag: arg.get_long()?.to_owned(),
                variable: arg.get_env()?.to_string_lossy().into_owned(),
                default: arg
                    .get_default_values()
                    .first()
                    .filter(|_| takes_value)
                    .map(|v| v.to_string_lossy().into_owned()),
                help: arg.get_help().map(ToString::to_string).unwrap_or_default(),
            })
        })
        .collect()
}

/// The settings of the file as flags, for those that neither flag nor environment gave (`first` is the
/// command line parsed without the file): they are read by the same parsers and refused in the same words.
pub fn flags_of_file(first: &ArgMatches) -> Result<Vec<String>> {
    let path = match first.get_one::<PathBuf>("config") {
        Some(path) => path.as_path(),
        None if Path::new("reparc.toml").is_file() => Path::new("reparc.toml"),
        None => return Ok(Vec::new()),
    };
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|e| wrong(format!("the settings file {shown} cannot be read: {e}")))?;
    let table: toml::Table = text
        .parse()
        .map_err(|e: toml::de::Error| wrong(format!("{shown}: {}", e.to_string().trim_end())))?;
    let known = list();
    let mut flags = Vec::new();
    for (key, value) in table {
        let flag = key.replace('_', "-");
        if flag == "config" || !known.iter().any(|s| s.flag == flag) {
            let names: Vec<_> = known.iter().map(|s| s.flag.replace('-', "_")).collect();
            let names = names.join(", ").replace("config, ", "");
            return Err(wrong(format!(
                "{shown}: `{key}` is no setting; the settings are {names}"
            )));
        }
        if first.value_source(&flag.replace('-', "_")) > Some(ValueSource::DefaultValue) {
            continue;
        }
        match value {
            toml::Value::Boolean(true) => flags.push(format!("--{flag}")),
            toml::Value::Boolean(false) => {}
            value => {
                let values = scalars(&value).ok_or_else(|| {
                    wrong(format!(
                        "{shown}: `{key}` takes a text, a number, true or false, or a list of texts"
                    ))
                })?;
                flags.extend(values.into_iter().map(|v| format!("--{flag}={v}")));
            }
        }
    }
    Ok(flags)
}

fn scalars(value: &toml::Value) -> Option<Vec<String>> {
    Some(match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Integer(n) => vec![n.to_string()],
        toml::Value::Array(items) => {
            let mut all = Vec::new();
            for item in items {
                if matches!(item, toml::Value::Array(_)) {
                    return None;
                }
                all.extend(scalars(item)?);
            }
            all
        }
        _ => return None,
    })
}

fn wrong(detail: impl Into<String>) -> Error {
    Error::new(Code::InvalidParameter, detail)
}
