//! The report's place on a page that is written by hand around it.

use std::path::Path;

use crate::Failure;

/// Between these two lines everything is the rig's.
const BEGIN: &str = "<!-- The rig writes from here: cargo xtask bench -->";
const END: &str = "<!-- to here -->";

/// Puts a report into a file: between its marks, where it has them; a file that is not there is made.
pub(crate) fn put(path: &Path, report: &str) -> Result<(), Failure> {
    let page = match std::fs::read_to_string(path) {
        Ok(page) => {
            with(&page, report).ok_or_else(|| format!("{} lacks the lines `{BEGIN}` and `{END}`", path.display()))?
        }
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => between(report),
        Err(why) => return Err(why.into()),
    };
    Ok(std::fs::write(path, page)?)
}

fn with(page: &str, report: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{}{}", between(report).trim_end(), after))
}

fn between(report: &str) -> String {
    format!("{BEGIN}\n\n{}\n\n{END}\n", report.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_it_stays() {
        let page = format!("# Title\n\nBefore.\n\n{}\nAfter.\n", between("old"));
        let new = with(&page, "new\n").unwrap();
        assert_eq!(new, format!("# Title\n\nBefore.\n\n{}\nAfter.\n", between("new")));
        assert_eq!(with(&new, "new").unwrap(), new);
    }

    #[test]
    fn a_page_without_marks_is_left_alone() {
        assert_eq!(with("# Title\n", "new"), None);
    }
}
