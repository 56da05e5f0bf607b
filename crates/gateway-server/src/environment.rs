//! The process's environment, as far as `env.NAME` values may read it.

use gateway::environment::Environment;

/// Variables with this prefix are the gateway's own: its secrets must not be readable through a setting.
const OWN: &str = "GATEWAY_";

/// The process's variables but the gateway's own, narrowed to what the operator allows.
#[derive(Debug)]
pub(crate) struct Process {
    allowed: Vec<String>,
}

impl Process {
    /// All variables that one of the patterns names; every one where there are no patterns.
    pub(crate) fn allowing(patterns: &[String]) -> Self {
        Self {
            allowed: patterns.iter().map(|pattern| pattern.trim().to_owned()).collect(),
        }
    }

    fn may_read(&self, name: &str) -> bool {
        // Windows takes names without regard to case, so the refusal does as well.
        let own = name
            .get(..OWN.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(OWN));
        !own && (self.allowed.is_empty() || self.allowed.iter().any(|pattern| matches(pattern, name)))
    }
}

impl Environment for Process {
    fn value(&self, name: &str) -> Option<String> {
        self.may_read(name).then(|| std::env::var(name).ok()).flatten()
    }
}

/// Whether a pattern with any number of `*` covers the name.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateways_own_variables_are_never_read() {
        let all = Process::allowing(&[]);
        assert!(all.may_read("OPENAI_API_KEY") && !all.may_read("GATEWAY_ADMIN_TOKEN") && !all.may_read("gateway_x"));
        assert!(!Process::allowing(&["*".into()]).may_read("GATEWAY_SECRET_KEY"));
        assert!(all.value("PATH").is_some() && all.value("GATEWAY_NO_SUCH").is_none());
    }

    #[test]
    fn patterns_narrow_what_is_read() {
        let some = Process::allowing(&["*_API_KEY".into(), "LLM_*_V*".into(), "EXACT".into()]);
        for (name, may) in [
            ("OPENAI_API_KEY", true),
            ("_API_KEY", true),
            ("OPENAI_API_KEY_2", false),
            ("LLM_A_V2", true),
            ("LLM_A", false),
            ("EXACT", true),
            ("EXACTLY", false),
            ("AWS_SECRET", false),
        ] {
            assert_eq!(some.may_read(name), may, "{name}");
        }
    }
}
