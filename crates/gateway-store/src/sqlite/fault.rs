/// What went wrong, in words; each port wraps it in its own error.
#[derive(Clone, Debug)]
pub(crate) struct Fault(pub(crate) String);

impl Fault {
    /// The answer to every call after the close.
    pub(crate) fn closed() -> Self {
        Self(String::from("it is closed"))
    }

    /// A record in a format that this build does not read.
    pub(crate) fn format(what: &str, found: u32, known: u32) -> Self {
        Self(format!(
            "{what} is in format {found}, this gateway reads formats up to {known}"
        ))
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self(format!("a stored record cannot be read: {error}"))
    }
}

impl From<Fault> for gateway_governance::ledger::StoreError {
    fn from(fault: Fault) -> Self {
        Self(fault.0)
    }
}

#[cfg(feature = "gateway")]
impl From<Fault> for gateway::ports::StoreError {
    fn from(fault: Fault) -> Self {
        Self(fault.0)
    }
}
