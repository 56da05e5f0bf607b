//! A configuration file under watch. Its content is compared, not its times: that works on network file systems and
//! with the links that orchestrators swap.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gateway::{Control, ControlError, Gateway};
use serde_json::Value;
use tokio::sync::watch;

use super::load::{self, load};

/// How often is looked.
const LOOK: Duration = Duration::from_secs(2);

/// A file, and what it held when it was last looked at.
#[derive(Debug)]
pub(crate) struct Watched {
    path: PathBuf,
    seen: Content,
    /// A file that is being replaced may be missing for a moment, so it must be missing twice to be gone.
    missing: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Text(String),
    Missing,
    Unreadable(String),
}

impl Watched {
    /// Takes the file up for the first time. Here a mistake is an error: whoever starts the process is there to read it.
    pub(crate) async fn first(path: PathBuf, control: &Control) -> Result<Self, String> {
        let document = load(&path).map_err(|error| error.to_string())?;
        let warnings = take(control, &path, document)
            .await
            .map_err(|error| format!("{}: {error}", path.display()))?;
        warn(&path, &warnings);
        Ok(Self {
            seen: read(&path),
            path,
            missing: false,
        })
    }

    /// Takes the file up if it has changed.
    async fn look(&mut self, control: &Control) {
        let found = read(&self.path);
        if found == Content::Missing && !std::mem::replace(&mut self.missing, true) {
            return;
        }
        self.missing = found == Content::Missing;
        if found == self.seen {
            return;
        }
        let outcome = match &found {
            Content::Text(text) => match load::parse(&self.path, text) {
                Ok(document) => take(control, &self.path, document)
                    .await
                    .map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            },
            // A file that was lost must not take every provider with it.
            Content::Missing => Err("the file is gone; put it back, or start the gateway without it".to_owned()),
            Content::Unreadable(error) => Err(error.clone()),
        };
        match outcome {
            Ok(warnings) => {
                tracing::info!(file = %self.path.display(), "the configuration file was taken up");
                warn(&self.path, &warnings);
            }
            Err(error) => {
                tracing::error!(file = %self.path.display(), %error, "the configuration file was refused; what was in force stays");
                control.refuse_file(&self.path, &error);
            }
        }
        self.seen = found;
    }
}

/// Looks every two seconds, and whenever asked, until nobody can ask any more.
pub(crate) async fn watch(mut file: Watched, gateway: Gateway, mut asked: watch::Receiver<()>) {
    loop {
        tokio::select! {
            asked = asked.changed() => if asked.is_err() { return },
            () = tokio::time::sleep(LOOK) => {}
        }
        file.look(gateway.control()).await;
    }
}

async fn take(control: &Control, path: &Path, document: Value) -> Result<Vec<String>, ControlError> {
    control.take_file(path.to_owned(), Some(document)).await
}

fn warn(path: &Path, warnings: &[String]) {
    for warning in warnings {
        tracing::warn!(file = %path.display(), "{warning}");
    }
}

fn read(path: &Path) -> Content {
    match std::fs::read_to_string(path) {
        Ok(text) => Content::Text(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Content::Missing,
        Err(error) => Content::Unreadable(error.to_string()),
    }
}
