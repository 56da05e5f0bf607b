//! The list of virtual keys: narrowed, sorted, and a page of it shown. It is kept fast with many thousands of keys: what a key
//! looks like in an answer is made for the page alone.

use gateway_governance::directory::Limited;
use gateway_governance::settings::{TeamSettings, VirtualKeySettings};
use gateway_types::Wall;

use super::super::documents::Wanted;
use super::super::state::State;
use super::super::{Control, List};
use super::name;
use super::shown::{KeyStatus, status};

/// Which virtual keys a list is to hold, and how it is sorted.
#[derive(Clone, Debug, Default)]
pub struct WantedKeys<'a> {
    /// The page, and what names and ids must hold.
    pub page: Wanted<'a>,
    /// The team that they must have.
    pub team: Option<&'a str>,
    /// The customer that they or their teams must have.
    pub customer: Option<&'a str>,
    /// The provider that they must have an entry for.
    pub provider: Option<&'a str>,
    /// Whether they must work.
    pub status: Option<KeyStatus>,
    /// What they are sorted by.
    pub by: SortBy,
    /// Whether the last comes first.
    pub descending: bool,
}

/// What a list of keys is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Their ids.
    #[default]
    Id,
    /// Their names.
    Name,
    /// What they have spent of their first budgets.
    Spent,
    /// How much of their first budgets is used, as a share; those without a budget come last, whatever the order.
    Share,
    /// Whether they may be used.
    Status,
    /// When they stop working; those that never do come last, whatever the order.
    Expiry,
}

impl Control {
    /// `GET /api/governance/virtual-keys`.
    pub fn virtual_keys(&self, wanted: &WantedKeys<'_>) -> List<VirtualKeySettings> {
        let state = self.shared.state.load();
        let now = self.shared.clock.now().wall;
        let fits = |key: &&VirtualKeySettings| {
            wanted.page.finds(&[key.id.as_str(), &key.name])
                && wanted
                    .team
                    .is_none_or(|team| key.team_id.as_ref().is_some_and(|id| id.as_str() == team))
                && wanted.customer.is_none_or(|customer| belongs(&state, key, customer))
                && wanted.provider.is_none_or(|provider| reaches(key, provider))
                && wanted.status.is_none_or(|wanted| status(key, now) == wanted)
        };
        let mut found: Vec<_> = state.virtual_keys().filter(fits).collect();
        self.sort(&mut found, wanted, now);
        wanted.page.page(&found, |key| self.shown_virtual_key(key))
    }

    fn sort(&self, found: &mut [&VirtualKeySettings], wanted: &WantedKeys<'_>, now: Wall) {
        let (by, down) = (wanted.by, wanted.descending);
        match by {
            SortBy::Id => {}
            SortBy::Name => found.sort_by_cached_key(|key| name(key).to_lowercase()),
            SortBy::Spent => found.sort_by_cached_key(|key| self.first_budget(key).map_or(0, |(used, _)| used)),
            SortBy::Status => found.sort_by_key(|key| status(key, now) as u8),
            SortBy::Share => {
                let share = |(used, limit): (i64, i64)| i128::from(used) * SHARES / i128::from(limit.max(1));
                found.sort_by_cached_key(|key| last_where_none(self.first_budget(key).map(share), down));
            }
            SortBy::Expiry => {
                let ends = |key: &VirtualKeySettings| Wall::parse_rfc3339(key.expires_at.as_deref()?);
                found.sort_by_cached_key(|key| last_where_none(ends(key).map(|ends| ends.millis().into()), down));
            }
        }
        if down {
            found.reverse();
        }
    }

    /// What has been spent of the first budget, and its limit.
    fn first_budget(&self, key: &VirtualKeySettings) -> Option<(i64, i64)> {
        let own = key.allowances().into_iter().next()?;
        let budget = own.budgets.first()?;
        let usage = self.shared.governor.usage(&own.owner.budget(0, budget.id.as_deref()))?;
        Some((usage.used, usage.limit))
    }
}

/// How finely shares are told apart.
const SHARES: i128 = 1_000_000;

/// Sorts what is not there behind everything, whether or not the order is turned round afterwards.
fn last_where_none(value: Option<i128>, descending: bool) -> i128 {
    value.unwrap_or(if descending { i128::MIN } else { i128::MAX })
}

/// Whether a key is the customer's, or one of its teams'.
fn belongs(state: &State, key: &VirtualKeySettings, customer: &str) -> bool {
    let team = key.team_id.as_ref();
    let team = team.and_then(|id| state.one::<TeamSettings>(id.as_str()));
    let of_key = key.customer_id.as_ref().or_else(|| team?.customer_id.as_ref());
    of_key.is_some_and(|id| id.as_str() == customer)
}

/// Whether a key may use a provider: one without entries may use all.
fn reaches(key: &VirtualKeySettings, provider: &str) -> bool {
    let entries = &key.provider_configs;
    entries.is_empty() || entries.iter().any(|entry| entry.provider.as_str() == provider)
}
