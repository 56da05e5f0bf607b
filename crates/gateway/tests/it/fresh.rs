//! What is changed counts for the very next call, whatever earlier calls have found out.

use gateway::settings::RoutingRule;
use gateway_governance::settings::PricingOverride;
use serde_json::{Value, json};

use crate::support::{World, hello};

impl World {
    /// Where a call for a model goes, and what it costs in nano-dollars; or the status of its refusal.
    async fn goes_to(&self, model: &str) -> Result<(String, i64), u16> {
        let (status, _, _) = self.chat(Some("sk-fresh-caller"), hello(model)).await;
        let row = self.rows.last();
        match (status, &row.provider) {
            (200, Some(provider)) => Ok((provider.to_string(), row.cost.0)),
            _ => Err(status),
        }
    }

    async fn caller(&self, entries: Value) {
        let body = json!({"value": "sk-fresh-caller", "provider_configs": entries});
        self.virtual_key("caller", body).await;
    }
}

#[tokio::test]
async fn changed_keys_providers_rules_and_prices_act_on_the_next_call() {
    let world = World::new().await;
    let control = world.gateway.control().clone();
    world.provider("a").await;
    world.provider("b").await;
    let entry = |provider: &str| json!({"provider": provider, "allowed_models": ["m"]});
    let to = |provider: &str, cost: i64| Ok((provider.to_owned(), cost));

    world.caller(json!([entry("a")])).await;
    // Twice each: what the first call finds out is there for the second.
    assert_eq!(
        (world.goes_to("m").await, world.goes_to("m").await),
        (to("a", 0), to("a", 0))
    );
    assert_eq!(
        (world.goes_to("n").await, world.goes_to("n").await),
        (Err(403), Err(403))
    );

    world.caller(json!([entry("b")])).await;
    assert_eq!(
        (world.goes_to("m").await, world.goes_to("m").await),
        (to("b", 0), to("b", 0))
    );

    let price = json!({"id": "dear", "model_pattern": "m", "match_type": "exact", "input_cost_per_token": 0.001});
    control
        .documents::<PricingOverride>()
        .save(None, price, "test")
        .await
        .unwrap();
    assert_eq!(
        (world.goes_to("m").await, world.goes_to("m").await),
        (to("b", 10_000_000), to("b", 10_000_000))
    );

    world
        .caller(json!([entry("a"), {"provider": "b", "weight": 0, "allowed_models": ["m"]}]))
        .await;
    assert_eq!(world.goes_to("m").await, to("a", 10_000_000));
    let rule = json!({
        "id": "to-b", "name": "to b", "cel_expression": "model == 'm'",
        "targets": [{"provider": "b", "weight": 1.0}],
    });
    control
        .documents::<RoutingRule>()
        .save(None, rule, "test")
        .await
        .unwrap();
    assert_eq!(
        (world.goes_to("m").await, world.goes_to("m").await),
        (to("b", 10_000_000), to("b", 10_000_000))
    );
    control.documents::<RoutingRule>().delete("to-b", "test").await.unwrap();
    control
        .documents::<PricingOverride>()
        .delete("dear", "test")
        .await
        .unwrap();
    assert_eq!(world.goes_to("m").await, to("a", 0));

    control.delete_provider("a", "test").await.unwrap();
    assert_eq!(world.goes_to("m").await, to("b", 0));
}
