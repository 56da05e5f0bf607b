//! Budgets and rate limits, made into quotas.

use std::collections::HashSet;
use std::sync::Arc;

use gateway_types::{NanoUsd, QuotaId, Span};

use super::Allowance;
use super::check::Faults;
use crate::quota::{Cut, Owner, QuotaSpec, Unit};
use crate::settings::{Alerts, Budget, RateLimit};

/// How long the name of a budget may be, in bytes.
const LONGEST_NAME: usize = 64;

/// One windowed limit of a [`RateLimit`], by what its fields are called.
struct Windowed<'a> {
    name: &'static str,
    id: QuotaId,
    unit: Unit,
    most: Option<u64>,
    reset: Option<&'a Span>,
    burst: Option<u64>,
}

impl Faults {
    /// The quotas of one owner. `alerts` go with its budgets.
    pub(super) fn specs(
        &mut self,
        path: &str,
        allowance: &Allowance<'_>,
        alerts: Option<&Arc<Alerts>>,
    ) -> Vec<QuotaSpec> {
        let Allowance { owner, budgets, .. } = allowance;
        let mut specs = Vec::new();
        let mut ids = HashSet::new();
        for (place, budget) in budgets.iter().enumerate() {
            let path = Self::at(path, &format!("budgets[{place}]"));
            let id = owner.budget(place, budget.id.as_deref());
            self.called(&path, budget);
            if !ids.insert(id.clone()) {
                self.add(
                    &path,
                    "id",
                    "another budget is called that, or has that place; names must differ",
                );
            }
            specs.extend(self.budget(&path, id, owner, budget).map(|spec| QuotaSpec {
                alerts: alerts.cloned(),
                ..spec
            }));
        }
        if let Some(rate) = allowance.rate_limit {
            self.rate(&Self::at(path, "rate_limit"), owner, rate, &mut specs);
        }
        specs
    }

    fn called(&mut self, path: &str, budget: &Budget) {
        let Some(name) = &budget.id else { return };
        let plain = !name.is_empty() && name.len() <= LONGEST_NAME && !name.chars().any(char::is_control);
        if !plain || !Owner::may_call(name) {
            let message = format!(
                "`{name}` cannot name a budget; write 1 to {LONGEST_NAME} characters without slashes, and not the name of a unit"
            );
            self.add(path, "id", message);
        }
    }

    fn budget(&mut self, path: &str, id: QuotaId, owner: &Owner, budget: &Budget) -> Option<QuotaSpec> {
        let limit = NanoUsd::from_dollars(budget.max_limit).filter(|limit| limit.0 >= 0);
        if limit.is_none() {
            let message = format!("{} is no budget; write dollars, 0 or more", budget.max_limit);
            self.add(path, "max_limit", message);
        }
        // Taken as 0 it would refuse everything that costs.
        if limit == Some(NanoUsd::ZERO) && budget.max_limit != 0.0 {
            let message = format!(
                "{:e} is less than can be counted; write 0.000000001 dollars or more, or 0 for only what costs nothing",
                budget.max_limit
            );
            self.add(path, "max_limit", message);
        }
        let cut = self.cut(path, "reset_duration", &budget.reset_duration, budget.calendar_aligned);
        Some(QuotaSpec {
            id,
            owner: owner.to_string(),
            unit: Unit::NanoUsd,
            limit: limit?.0,
            cut: cut?,
            burst: None,
            alerts: None,
        })
    }

    fn rate(&mut self, path: &str, owner: &Owner, rate: &RateLimit, specs: &mut Vec<QuotaSpec>) {
        let windowed = [
            Windowed {
                name: "request",
                id: owner.requests(),
                unit: Unit::Requests,
                most: rate.request_max_limit,
                reset: rate.request_reset_duration.as_ref(),
                burst: rate.request_burst,
            },
            Windowed {
                name: "token",
                id: owner.tokens(),
                unit: Unit::Tokens,
                most: rate.token_max_limit,
                reset: rate.token_reset_duration.as_ref(),
                burst: rate.token_burst,
            },
        ];
        for limit in windowed {
            specs.extend(self.windowed(path, owner, limit, rate.calendar_aligned));
        }
        if let Some(limit) = self.count(path, "max_in_flight", rate.max_in_flight) {
            specs.push(QuotaSpec {
                id: owner.in_flight(),
                owner: owner.to_string(),
                unit: Unit::InFlight,
                limit,
                cut: Cut::Rolling(1),
                burst: None,
                alerts: None,
            });
        }
    }

    fn windowed(&mut self, path: &str, owner: &Owner, said: Windowed<'_>, aligned: bool) -> Option<QuotaSpec> {
        let name = said.name;
        let fields = [
            format!("{name}_max_limit"),
            format!("{name}_reset_duration"),
            format!("{name}_burst"),
        ];
        let [most, reset, at_once] = &fields;
        let cut = said.reset.map(|span| self.cut(path, reset, span, aligned));
        if said.most.is_some() && said.reset.is_none() {
            let message = format!("it is missing; {most} needs the length of its window, as in 1m");
            self.add(path, reset, message);
        }
        let limit = self.count(path, most, said.most);
        let burst = self.count(path, at_once, said.burst);
        match (burst, limit) {
            (Some(burst), Some(limit)) if burst < 1 || burst > limit => {
                self.add(
                    path,
                    at_once,
                    format!("{burst} is no burst of {limit}; write 1 to {most}"),
                );
            }
            (Some(_), None) if said.most.is_none() => {
                self.add(path, at_once, format!("it needs {most}, of which it is a part"));
            }
            _ => {}
        }
        Some(QuotaSpec {
            id: said.id,
            owner: owner.to_string(),
            unit: said.unit,
            limit: limit?,
            cut: cut??,
            burst,
            alerts: None,
        })
    }

    fn cut(&mut self, path: &str, field: &str, span: &Span, aligned: bool) -> Option<Cut> {
        let cut = Cut::new(span, aligned);
        if let Err(error) = &cut {
            self.add(path, field, error.to_string());
        }
        cut.ok()
    }

    fn count(&mut self, path: &str, field: &str, limit: Option<u64>) -> Option<i64> {
        let limit = limit?;
        let count = i64::try_from(limit).ok();
        if count.is_none() {
            self.add(path, field, format!("{limit} is too large; write at most {}", i64::MAX));
        }
        count
    }
}
