//! Which tool wrote a table, which column says what, and which tables are no inventories.

mod columns;
mod plan;
mod recognise;
mod refuse;
pub mod vocabulary;

pub use columns::{Column, Decided, Meaning, given_meaning};
pub use plan::{Choice, Plan, custom_fields};
pub use vocabulary::Field;

/// The tool whose words are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Any table with a header, French, English or Spanish; our own export among them.
    Csv,
    /// Snipe-IT.
    SnipeIt,
    /// GLPI list export.
    Glpi,
    /// Ralph.
    Ralph,
    /// NumEcoEval and G4IT physical equipment.
    NumEcoEval,
    /// eReuse, Devicehub.
    Ereuse,
}

impl Profile {
    /// The profile as the contract names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Profile::Csv => "csv",
            Profile::SnipeIt => "snipe-it",
            Profile::Glpi => "glpi",
            Profile::Ralph => "ralph",
            Profile::NumEcoEval => "numecoeval",
            Profile::Ereuse => "ereuse",
        }
    }
    /// Reads a name; `auto` is None.
    ///
    /// # Errors
    /// A sentence with the names.
    pub fn parse(text: &str) -> Result<Option<Profile>, String> {
        Ok(Some(match text {
            "auto" => return Ok(None),
            "csv" => Profile::Csv,
            "snipe-it" => Profile::SnipeIt,
            "glpi" => Profile::Glpi,
            "ralph" => Profile::Ralph,
            "numecoeval" => Profile::NumEcoEval,
            "ereuse" => Profile::Ereuse,
            "ocs" | "fusioninventory" => {
                return Err(format!(
                    "the profile {text} reads what agents send, which this version does not take as a file yet; \
                     use auto, csv, snipe-it, glpi, ralph, numecoeval or ereuse"
                ));
            }
            other => {
                return Err(format!(
                    "“{}” is none of: auto, csv, snipe-it, glpi, ocs, fusioninventory, ralph, numecoeval, ereuse",
                    other.chars().take(40).collect::<String>()
                ));
            }
        }))
    }
}
