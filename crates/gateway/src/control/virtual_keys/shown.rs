//! A virtual key as answers show it.

use gateway_governance::directory::Limited;
use gateway_governance::settings::{CustomerSettings, TeamSettings, VirtualKeySettings};
use serde_json::{Value, json};

use super::super::Control;
use super::name;

impl Control {
    pub(super) fn shown_virtual_key(&self, key: &VirtualKeySettings) -> Value {
        let (shared, state) = (&self.shared, self.shared.state.load());
        let until: Vec<_> = key
            .previous
            .iter()
            .map(|value| json!({ "until": value.until }))
            .collect();
        let mut shown = json!({
            "id": key.id,
            "name": name(key),
            "description": key.description,
            "value": key.value_hint,
            "guessable": key.guessable,
            "previous": until,
            "is_active": key.is_active,
            "expires_at": key.expires_at,
            "strategy": key.strategy.as_deref().unwrap_or("weighted"),
            "strict_translation": key.strict_translation,
            "allow_passthrough": key.allow_passthrough,
            "team_id": key.team_id,
            "customer_id": key.customer_id,
            "blacklisted_models": key.blacklisted_models,
            "required_headers": key.required_headers,
            "metadata": key.metadata,
            "on_disconnect": key.on_disconnect,
            "alerts": key.alerts,
            "origin": state.origin_of_virtual_key(key.id.as_str()).shown(),
        });
        let team = key.team_id.as_ref();
        let team = team.and_then(|id| state.one::<TeamSettings>(id.as_str()));
        shown["team"] =
            json!(team.map(|team| json!({ "id": team.id, "name": team.name, "customer_id": team.customer_id })));
        let customer = key.customer_id.as_ref().or_else(|| team?.customer_id.as_ref());
        let customer = customer.and_then(|id| state.one::<CustomerSettings>(id.as_str()));
        shown["customer"] = json!(customer.map(|customer| json!({ "id": customer.id, "name": customer.name })));
        shown["provider_configs"] = key
            .provider_configs
            .iter()
            .map(|entry| {
                json!({
                    "provider": entry.provider,
                    "weight": entry.weight,
                    "allowed_models": entry.allowed_models,
                    "blacklisted_models": entry.blacklisted_models,
                    "model_aliases": entry.model_aliases,
                    "key_ids": entry.key_ids,
                })
            })
            .collect();
        let limits = key.model_limits.iter();
        shown["model_limits"] = limits.map(|limit| json!({ "model_name": limit.model_name })).collect();
        for allowance in key.allowances() {
            shared.show_limits(place(&mut shown, &allowance.path), &allowance);
        }
        shown
    }
}

/// The part of an answer that a path such as `provider_configs[0]` names.
pub(super) fn place<'a>(shown: &'a mut Value, path: &str) -> &'a mut Value {
    let index = path.strip_suffix(']').and_then(|path| path.split_once('['));
    match index.and_then(|(list, index)| Some((list, index.parse::<usize>().ok()?))) {
        Some((list, index)) => &mut shown[list][index],
        None => shown,
    }
}
