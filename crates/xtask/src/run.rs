//! Runs a command, shows what it prints as it prints it, and keeps it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// A finished command.
pub(crate) struct Ran {
    /// Whether it ended well.
    pub(crate) good: bool,
    /// What it wrote to its standard output.
    pub(crate) lines: Vec<String>,
}

/// A command that is stopped, with its children, after that many minutes.
pub(crate) fn limited(minutes: u32, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("timeout");
    command.arg("--kill-after=20s").arg(format!("{minutes}m")).arg(program);
    command
}

/// Runs it to its end.
pub(crate) fn run(command: &mut Command) -> Ran {
    println!("$ {}", shown(command));
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(why) => {
            return Ran {
                good: false,
                lines: vec![why.to_string()],
            };
        }
    };
    let mut lines = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            println!("{line}");
            lines.push(line);
        }
    }
    let good = child.wait().is_ok_and(|status| status.success());
    Ran { good, lines }
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
