//! What a virtual key may ask about itself.

use gateway_governance::directory::{Limited, recognise};
use gateway_governance::settings::{CustomerSettings, TeamSettings};
use gateway_types::{Error, ErrorKind};
use http::HeaderMap;
use serde_json::{Value, json};

use super::super::Control;
use super::name;

impl Control {
    /// `GET /api/governance/virtual-keys/quota`, asked with the key itself in any of the places for credentials: its budgets and
    /// limits with their use, and those of its team and customer. A disabled key may ask too; one that has expired or was
    /// replaced may not.
    pub fn own_quota(&self, headers: &HeaderMap) -> Result<Value, Error> {
        let (shared, snapshot) = (&self.shared, self.shared.snapshot.load());
        let presented = crate::line::credential(headers);
        let known = recognise(&snapshot.directory, &shared.hasher, presented, shared.clock.now())?;
        let state = shared.state.load();
        let key = state.virtual_key(known.id.as_str()).ok_or_else(|| {
            // Deleted between the two looks.
            Error::new(ErrorKind::VirtualKeyBlocked, "the virtual key has been deleted")
        })?;
        let mut answer = json!({
            "virtual_key_name": name(key),
            "is_active": key.is_active,
            "expires_at": key.expires_at,
            "provider_configs": key.provider_configs.iter().map(|entry| json!({ "provider": entry.provider })).collect::<Vec<_>>(),
            "model_configs": key.model_limits.iter().map(|limit| json!({ "model_name": limit.model_name })).collect::<Vec<_>>(),
        });
        for allowance in key.allowances() {
            let path = allowance.path.replace("model_limits", "model_configs");
            shared.show_limits(super::shown::place(&mut answer, &path), &allowance);
        }
        let team = known.team.as_ref();
        if let Some(team) = team.and_then(|id| state.one::<TeamSettings>(id.as_str())) {
            answer["team"] = self.shown_party(&team.name, team);
        }
        let customer = known.customer.as_ref();
        if let Some(customer) = customer.and_then(|id| state.one::<CustomerSettings>(id.as_str())) {
            answer["customer"] = self.shown_party(&customer.name, customer);
        }
        Ok(answer)
    }

    fn shown_party(&self, name: &str, party: &impl Limited) -> Value {
        let mut shown = json!({ "name": name });
        self.shared.show_all_limits(&mut shown, party);
        shown
    }
}
