//! The gateway's secret: from the environment, or a file in the data folder that the first start makes.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// The variable that holds it where no file is wanted.
pub(crate) const VARIABLE: &str = "GATEWAY_SECRET_KEY";
const FILE: &str = "secret.key";

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The given text is no key.
    #[error(
        "{0} is not a key of 32 bytes; write 64 hex digits or base64, for example the output of `openssl rand -hex 32`"
    )]
    NotAKey(String),
    /// The file could not be read or made.
    #[error("the secret key file {}: {}", .0.display(), .1)]
    File(PathBuf, std::io::Error),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for the secret key")]
    Random,
}

/// The secret of that environment value, or of the data folder, made there if it is not there yet.
pub(crate) fn load(folder: &Path, variable: Option<&str>) -> Result<[u8; 32], SecretError> {
    if let Some(text) = variable {
        return decode(text).ok_or_else(|| SecretError::NotAKey(VARIABLE.to_owned()));
    }
    let path = folder.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => {
            let text = Zeroizing::new(text);
            decode(&text).ok_or_else(|| SecretError::NotAKey(path.display().to_string()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(&path),
        Err(error) => Err(SecretError::File(path, error)),
    }
}

fn make(path: &Path) -> Result<[u8; 32], SecretError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| SecretError::Random)?;
    let text = Zeroizing::new(hex(&key));
    write_privately(path, text.as_bytes()).map_err(|error| SecretError::File(path.to_owned(), error))?;
    Ok(key)
}

/// Writes a new file that only its owner can read, durably: settings sealed with a key that is lost could not be opened.
fn write_privately(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text)?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn decode(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    let bytes = if text.len() == 64 {
        Zeroizing::new(unhex(text)?)
    } else {
        let bare = text.trim_end_matches('=');
        Zeroizing::new(STANDARD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(bare)).ok()?)
    };
    bytes.as_slice().try_into().ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    Some(
        digits?
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect(),
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = load(folder.path(), None).unwrap();
        assert_eq!(load(folder.path(), None).unwrap(), first);
        assert_ne!(first, [0; 32]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn hex_and_base64_are_read_and_nothing_else() {
        let key = [0xAB; 32];
        let folder = tempfile::tempdir().unwrap();
        for text in [
            hex(&key),
            hex(&key).to_uppercase(),
            STANDARD.encode(key),
            URL_SAFE_NO_PAD.encode(key),
        ] {
            assert_eq!(load(folder.path(), Some(&text)).unwrap(), key, "{text}");
        }
        for text in ["", "short", &"zz".repeat(32), &"ab".repeat(31)] {
            let error = load(folder.path(), Some(text)).unwrap_err().to_string();
            assert!(error.contains(VARIABLE) && error.contains("openssl"), "{error}");
        }
    }
}
