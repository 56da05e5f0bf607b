use std::path::PathBuf;

/// Why the state of a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder cannot be made or written.
    #[error("the data folder {} cannot be written: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another gateway has the folder open.
    #[error("the data folder {} is in use by another gateway; stop it or name another folder", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The file was written by a newer version. Migrations run forward only.
    #[error("{} has schema version {found}, this gateway knows versions up to {known}; use a newer gateway", file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: u32,
        /// The latest version that this build knows.
        known: u32,
    },
    /// The file is not there, and this does not make it.
    #[error("{} does not exist; name the data folder of a gateway with --data-dir", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// The file is of an earlier version, and this does not bring it up to date.
    #[error("{} has schema version {found}, this gateway reads version {known}; start this gateway on it once", file.display())]
    Older {
        /// The file.
        file: PathBuf,
        /// How many migrations it went through.
        found: usize,
        /// How many there are.
        known: usize,
    },
    /// A migration that the file went through is not the one that this build has.
    #[error(
        "{} went through another migration {version} than this gateway has; it was made by a different build",
        file.display()
    )]
    Changed {
        /// The file.
        file: PathBuf,
        /// The migration.
        version: u32,
    },
    /// The database cannot be opened or brought up to date.
    #[error("{} cannot be opened: {reason}", file.display())]
    Database {
        /// The file.
        file: PathBuf,
        /// What the database says.
        reason: String,
    },
}
