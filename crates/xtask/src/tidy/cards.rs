//! Each library opens with a card of four lines: what the room owns, does not know, asks for, and where to begin.

use std::path::Path;

const LINES: [&str; 4] = ["Owns", "Does not know", "Ports it asks for", "Read first"];

pub(super) fn findings(root: &Path) -> Vec<String> {
    let Ok(crates) = std::fs::read_dir(root.join("crates")) else {
        return vec!["crates: no such folder".into()];
    };
    let mut findings: Vec<String> = crates
        .flatten()
        .map(|entry| entry.path().join("src/lib.rs"))
        .filter(|lib| lib.is_file())
        .filter_map(|lib| {
            let shown = lib.strip_prefix(root).unwrap_or(&lib).display().to_string();
            let text = std::fs::read_to_string(&lib).ok()?;
            Some(format!("{shown}: {}", wrong(&text)?))
        })
        .collect();
    findings.sort();
    findings
}

/// What is wrong with the card that a library opens with.
fn wrong(source: &str) -> Option<String> {
    let card: Vec<&str> = source
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .filter_map(|line| line.strip_prefix("//! - "))
        .take(LINES.len())
        .collect();
    for (index, want) in LINES.iter().enumerate() {
        let start = format!("**{want}**: ");
        if !card
            .get(index)
            .is_some_and(|line| line.starts_with(&start) && line.len() > start.len())
        {
            return Some(format!("line {} of the room card must be `//! - {start}…`", index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "//! A room.\n//!\n//! - **Owns**: a.\n//! - **Does not know**: b\n//!   and c.\n\
                        //! - **Ports it asks for**: d.\n//! - **Read first**: e.\nmod e;\n";

    #[test]
    fn a_whole_card_passes() {
        assert_eq!(wrong(GOOD), None);
    }

    #[test]
    fn a_missing_line_is_named() {
        let found = wrong(&GOOD.replace("//! - **Does not know**: b\n", "")).expect("a line is missing");
        assert!(found.contains("Does not know"), "{found}");
    }

    #[test]
    fn an_empty_line_is_no_line() {
        assert!(wrong(&GOOD.replace("**Owns**: a.", "**Owns**: ")).is_some());
    }

    #[test]
    fn a_card_further_down_does_not_count() {
        assert!(wrong(&format!("mod a;\n{GOOD}")).is_some());
    }
}
