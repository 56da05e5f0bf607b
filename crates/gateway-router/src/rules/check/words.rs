//! Names in faults, and which of them was probably meant.

pub(super) fn quoted(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// The name that was probably meant: a letter away, of a longer one two, or with the given one in it.
pub(super) fn nearest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let near = names.iter().map(|known| (distance(name, known), *known)).min()?;
    let holds = || {
        names
            .iter()
            .find(|known| name.len() > 2 && known.contains(name))
            .copied()
    };
    let letters = if name.len() > 4 { 2 } else { 1 };
    if near.0 <= letters && name.len() > 2 {
        Some(near.1)
    } else {
        holds()
    }
}

/// How many letters have to be put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let changed = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
