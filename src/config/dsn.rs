//! The address of the database, from one of its two settings or the default.

use std::path::PathBuf;

use super::error::{ConfigError, invalid};
use super::sources::{read_line, variable};
use crate::store::Dsn;

/// Reads `dsn` or the file `dsn_file`. Also returns whether neither is set.
pub(super) fn resolve(
    dsn: Option<String>,
    dsn_file: Option<PathBuf>,
) -> Result<(Dsn, bool), ConfigError> {
    let text = match (dsn, dsn_file) {
        (Some(_), Some(_)) => {
            return Err(invalid("dsn", "is given twice, with dsn_file; keep one"));
        }
        (Some(text), None) => text,
        (None, Some(path)) if path.as_os_str().is_empty() => {
            let problem = "is empty; name a file, or remove the setting";
            return Err(invalid("dsn_file", problem));
        }
        (None, Some(path)) => read_line("dsn_file", &path)?,
        (None, None) => return Ok((Dsn::sqlite_file(&default_folder()?.join("crick.db")), true)),
    };
    let dsn = Dsn::parse(&text).map_err(|error| invalid("dsn", &error.to_string()))?;
    Ok((dsn, false))
}

/// `$STATE_DIRECTORY` of a systemd service, else the data folder of the XDG base directory
/// specification.
fn default_folder() -> Result<PathBuf, ConfigError> {
    // systemd separates several folders with colons.
    let folders = variable("STATE_DIRECTORY")?;
    if let Some(folder) = folders.as_deref().and_then(|all| all.split(':').next()) {
        return Ok(PathBuf::from(folder));
    }
    let data = variable("XDG_DATA_HOME")?
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
    let problem = "there is no home folder to keep a database in; name one";
    let data = data.ok_or_else(|| invalid("dsn", problem))?;
    Ok(data.join("crick-api"))
}
