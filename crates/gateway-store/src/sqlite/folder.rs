//! The data folder: made where it is missing, and held by one process at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;

use crate::OpenError;

/// The file whose lock means that the folder is in use.
const LOCK: &str = "gateway.lock";

/// The right to use a data folder, until the last clone is gone or the process ends, however it ends.
#[derive(Clone, Debug)]
pub(crate) struct Claim(#[expect(dead_code, reason = "the lock is held by the file being open")] Arc<File>);

impl Claim {
    /// Makes the folder if need be and claims it.
    pub(crate) fn take(folder: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Folder {
            folder: folder.to_path_buf(),
            source,
        };
        make(folder).map_err(unusable)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(LOCK))
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Arc::new(file))),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                folder: folder.to_path_buf(),
            }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}

/// Makes the folder, for its owner's eyes only: keys and prompts are in it.
fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
