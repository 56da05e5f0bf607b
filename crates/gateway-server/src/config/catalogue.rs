//! The file of an operator's own prices, under watch. It stands over the embedded catalogue, so that the gateway always has
//! one: where the file cannot be taken, at the start or later, what was in force stays, and the error is told in the log,
//! in `/readyz` and in `/api/config`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gateway::{Control, Gateway};

/// How often is looked.
const LOOK: Duration = Duration::from_secs(2);

/// A file, and what it held when it was last looked at.
#[derive(Debug)]
pub(crate) struct CatalogueFile {
    path: PathBuf,
    seen: Option<Result<String, String>>,
}

impl CatalogueFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, seen: None }
    }

    /// Takes the file up if it has changed.
    pub(crate) async fn look(&mut self, control: &Control) {
        let found = read(&self.path);
        if self.seen.as_ref() == Some(&found) {
            return;
        }
        match take(control, &self.path, &found).await {
            Ok(models) => tracing::info!(file = %self.path.display(), models, "the catalogue was taken up"),
            Err(error) => {
                tracing::error!(file = %self.path.display(), %error, "the catalogue was refused; what was in force stays");
            }
        }
        self.seen = Some(found);
    }
}

/// Looks every two seconds, as long as the gateway lives.
pub(crate) async fn watch(mut file: CatalogueFile, gateway: Gateway) {
    loop {
        tokio::time::sleep(LOOK).await;
        file.look(gateway.control()).await;
    }
}

/// Reads the file now, whether it has changed or not. Gives the number of models that are known then.
pub(crate) async fn read_again(control: &Control, path: &Path) -> Result<usize, String> {
    take(control, path, &read(path)).await
}

async fn take(control: &Control, path: &Path, found: &Result<String, String>) -> Result<usize, String> {
    let taken = match found {
        Ok(text) => control
            .take_catalogue(path, text)
            .await
            .map_err(|error| error.to_string()),
        Err(error) => Err(error.clone()),
    };
    if let Err(error) = &taken {
        control.refuse_catalogue(path, error);
    }
    taken
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("it cannot be read: {error}"))
}
