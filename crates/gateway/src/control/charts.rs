//! What charts need of the settings: the names of those whose ids figures have, and what another model would have charged.

use gateway_governance::price::Pricing;
use gateway_governance::prices::Wanted;
use gateway_governance::settings::{CustomerSettings, TeamSettings};
use gateway_types::{ModelName, NanoUsd, Operation, ProviderName, TokenClass, UnitPrice};

use super::Control;
use super::plain::Section;
use crate::line::place::wanted;
use crate::ports::logs::{Dimension, Figures, Hosting};
use crate::settings::RoutingRule;

impl Control {
    /// What a virtual key, team, customer or routing rule is called; nobody's name is known who is gone.
    pub fn name_of(&self, dimension: Dimension, id: &str) -> Option<String> {
        let name = match dimension {
            Dimension::VirtualKey => {
                let state = self.shared.state.load();
                state.virtual_key(id).map(|key| key.name.clone())
            }
            Dimension::Team => self.of_document(id, |team: &TeamSettings| team.name.clone()),
            Dimension::Customer => self.of_document(id, |customer: &CustomerSettings| customer.name.clone()),
            Dimension::Rule => self.of_document(id, |rule: &RoutingRule| rule.name.clone()),
            _ => None,
        };
        name.filter(|name| !name.is_empty())
    }

    /// Where a provider's models run, as it is set now.
    pub fn hosting_of(&self, provider: &str) -> Option<Hosting> {
        let snapshot = self.shared.snapshot.load();
        snapshot.upstreams.get(provider).map(|upstream| upstream.hosting)
    }

    /// What those tokens would cost at a model's price for short prompts, cached ones at its price for cached ones; none
    /// where it has no price. The provider need not be set up: one of the catalogue's is known by its name.
    pub fn would_cost(&self, provider: &str, model: &str, figures: &Figures) -> Option<NanoUsd> {
        let snapshot = self.shared.snapshot.load();
        let (provider, model) = (ProviderName::from(provider), ModelName::from(model));
        let asked = match snapshot.upstreams.get(&provider) {
            Some(upstream) => wanted(upstream, &model, Operation::Chat),
            None => Wanted {
                provider: &provider,
                kind: provider.as_str(),
                model: model.as_str(),
                own_name: None,
                operation: Operation::Chat,
                in_batch: false,
                free: false,
            },
        };
        let Pricing::Known(price) = snapshot.prices.quote(&asked, self.shared.clock.now().wall).pricing else {
            return None;
        };
        let rates = price.rates(0);
        let input = rates.of(TokenClass::Input);
        let cached = Some(rates.of(TokenClass::CacheRead)).filter(|rate| *rate != UnitPrice::FREE);
        let fresh = figures.input_tokens.saturating_sub(figures.cached_tokens);
        let sum = input.times(fresh)
            + cached.unwrap_or(input).times(figures.cached_tokens)
            + rates.of(TokenClass::Output).times(figures.output_tokens);
        Some(sum.to_nano())
    }

    fn of_document<T: Section>(&self, id: &str, of: impl Fn(&T) -> String) -> Option<String> {
        let state = self.shared.state.load();
        let file = state.file.as_ref().and_then(|(_, docs)| T::all(&docs.plain).get(id));
        file.or_else(|| T::all(&state.store.plain).get(id)).map(of)
    }
}
