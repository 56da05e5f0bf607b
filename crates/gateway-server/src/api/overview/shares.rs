//! Who has which share of the requests: lists by provider, model, virtual key, team and customer.

use gateway::control::Control;
use gateway::ports::logs::{self, Dimension, Hosting, Rank, Rest, Shares, Slice};
use schemars::JsonSchema;
use serde::Serialize;

use super::figures::Figures;
use super::range::Range;
use crate::respond::ApiError;
use crate::state::Edge;

/// How long a list is at the most.
const MOST: usize = 100;
/// How many models of providers are looked at.
const PAIRS: usize = 1000;

/// The lists of an overview: those that rank first, at most 100 of each.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct Lists {
    /// By provider.
    pub(super) providers: Vec<ProviderShare>,
    /// By model.
    pub(super) models: Vec<ModelShare>,
    /// By virtual key.
    pub(super) virtual_keys: Vec<VirtualKeyShare>,
    /// By team.
    pub(super) teams: Vec<TeamShare>,
    /// By customer.
    pub(super) customers: Vec<CustomerShare>,
    /// What is not in the lists because they are full.
    pub(super) others: Others,
}

/// A provider's share.
#[derive(Serialize, JsonSchema)]
pub(super) struct ProviderShare {
    /// The provider; null for requests that nobody answered.
    provider: Option<String>,
    /// Where its models run; null where that is not known.
    hosting: Option<Hosting>,
    #[serde(flatten)]
    figures: Figures,
}

/// A model's share.
#[derive(Serialize, JsonSchema)]
pub(super) struct ModelShare {
    /// The model that answered; null for requests that nobody answered.
    model: Option<String>,
    /// The provider, where all answers came from one.
    provider: Option<String>,
    #[serde(flatten)]
    figures: Figures,
}

/// A virtual key's share.
#[derive(Serialize, JsonSchema)]
pub(super) struct VirtualKeyShare {
    /// Its id; null for requests without one.
    virtual_key: Option<String>,
    /// What it is called; its id where it is gone.
    name: Option<String>,
    #[serde(flatten)]
    figures: Figures,
}

/// A team's share.
#[derive(Serialize, JsonSchema)]
pub(super) struct TeamShare {
    /// Its id; null for requests of no team.
    team: Option<String>,
    /// What it is called; its id where it is gone.
    name: Option<String>,
    #[serde(flatten)]
    figures: Figures,
}

/// A customer's share.
#[derive(Serialize, JsonSchema)]
pub(super) struct CustomerShare {
    /// Its id; null for requests of no customer.
    customer: Option<String>,
    /// What it is called; its id where it is gone.
    name: Option<String>,
    #[serde(flatten)]
    figures: Figures,
}

/// What is not in the lists because they are full; null where all is.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct Others {
    providers: Option<Other>,
    models: Option<Other>,
    virtual_keys: Option<Other>,
    teams: Option<Other>,
    customers: Option<Other>,
}

/// The sums of what a full list leaves out.
#[derive(Serialize, JsonSchema)]
pub(super) struct Other {
    /// How many of them there are.
    count: usize,
    /// Their requests.
    total_requests: u64,
    /// Their tokens.
    total_tokens: u64,
    /// What they cost, in dollars.
    total_cost: f64,
}

/// A model of a provider, with its figures.
pub(super) struct Pair {
    pub(super) provider: String,
    pub(super) model: String,
    pub(super) figures: logs::Figures,
}

impl Pair {
    /// Where the model runs: where most of it ran.
    pub(super) const fn hosting(&self) -> Hosting {
        hosting(&self.figures)
    }
}

const fn hosting(figures: &logs::Figures) -> Hosting {
    if figures.self_hosted.saturating_mul(2) > figures.requests() {
        Hosting::SelfHosted
    } else {
        Hosting::Cloud
    }
}

/// The lists that a range and its filter can have, and the models of providers that they were made with.
pub(super) async fn lists(edge: &Edge, range: &Range, by: Rank) -> Result<(Lists, Vec<Pair>), ApiError> {
    let (pairs, [providers, models, virtual_keys, teams, customers]) = match &range.filter {
        None => {
            let of = |dimension| shares(edge, range.by(dimension), by, MOST);
            let (pairs, providers, models, virtual_keys, teams, customers) = tokio::try_join!(
                pairs(edge, range),
                of(Dimension::Provider),
                of(Dimension::Model),
                of(Dimension::VirtualKey),
                of(Dimension::Team),
                of(Dimension::Customer),
            )?;
            (pairs, [providers, models, virtual_keys, teams, customers])
        }
        Some((dimension, values)) => {
            let (pairs, own) = tokio::try_join!(pairs(edge, range), shares(edge, range.chosen(), by, MOST))?;
            of_filter(pairs, own, *dimension, values, by)
        }
    };
    let control = edge.gateway.control();
    let others = Others {
        providers: Other::of(&providers),
        models: Other::of(&models),
        virtual_keys: Other::of(&virtual_keys),
        teams: Other::of(&teams),
        customers: Other::of(&customers),
    };
    let named = |dimension| move |id: &Option<String>| name(control, dimension, id.as_deref());
    let lists = Lists {
        providers: each(&providers, |provider, known, figures| ProviderShare {
            hosting: provider.is_some().then(|| hosting(known)),
            provider,
            figures,
        }),
        models: each(&models, |model, _, figures| ModelShare {
            provider: only_provider(model.as_deref(), &pairs),
            model,
            figures,
        }),
        virtual_keys: each(&virtual_keys, |id, _, figures| VirtualKeyShare {
            name: named(Dimension::VirtualKey)(&id),
            virtual_key: id,
            figures,
        }),
        teams: each(&teams, |id, _, figures| TeamShare {
            name: named(Dimension::Team)(&id),
            team: id,
            figures,
        }),
        customers: each(&customers, |id, _, figures| CustomerShare {
            name: named(Dimension::Customer)(&id),
            customer: id,
            figures,
        }),
        others,
    };
    Ok((lists, pairs))
}

/// The lists with a filter: that of what is filtered by, and of models of providers, or the other way round.
fn of_filter(
    pairs: Vec<Pair>,
    own: Shares,
    dimension: Dimension,
    values: &[String],
    by: Rank,
) -> (Vec<Pair>, [Shares; 5]) {
    let mut lists = <[Shares; 5]>::default();
    let pairs: Vec<Pair> = match dimension {
        Dimension::Provider => pairs
            .into_iter()
            .filter(|pair| values.contains(&pair.provider))
            .collect(),
        Dimension::Model => pairs.into_iter().filter(|pair| values.contains(&pair.model)).collect(),
        _ => Vec::new(),
    };
    let place = match dimension {
        Dimension::Provider => {
            lists[1] = together(&pairs, |pair| &pair.model, by);
            0
        }
        Dimension::Model => {
            lists[0] = together(&pairs, |pair| &pair.provider, by);
            1
        }
        Dimension::VirtualKey => 2,
        Dimension::Team => 3,
        _ => 4,
    };
    lists[place] = own;
    (pairs, lists)
}

fn together(pairs: &[Pair], of: impl Fn(&Pair) -> &String, by: Rank) -> Shares {
    let mut values = std::collections::BTreeMap::<&String, logs::Figures>::new();
    for pair in pairs {
        values.entry(of(pair)).or_default().add(&pair.figures);
    }
    let mut first: Vec<(String, logs::Figures)> = values.into_iter().map(|(value, sum)| (value.clone(), sum)).collect();
    first.sort_by_key(|(_, figures)| std::cmp::Reverse(by.of(figures)));
    first.truncate(MOST);
    Shares {
        first,
        ..Shares::default()
    }
}

pub(super) async fn shares(edge: &Edge, of: Slice, by: Rank, most: usize) -> Result<Shares, ApiError> {
    Ok(edge.gateway.logs().shares(&of, by, most).await?)
}

/// Models of providers, the busiest first.
pub(super) async fn pairs(edge: &Edge, range: &Range) -> Result<Vec<Pair>, ApiError> {
    let found = shares(edge, range.by(Dimension::ModelOfProvider), Rank::Requests, PAIRS).await?;
    Ok(found.first.into_iter().filter_map(pair).collect())
}

pub(super) fn pair((value, figures): (String, logs::Figures)) -> Option<Pair> {
    let (provider, model) = value.split_once('/')?;
    Some(Pair {
        provider: provider.to_owned(),
        model: model.to_owned(),
        figures,
    })
}

fn only_provider(model: Option<&str>, pairs: &[Pair]) -> Option<String> {
    let mut of_model = pairs.iter().filter(|pair| Some(pair.model.as_str()) == model);
    let first = of_model.next()?;
    of_model.next().is_none().then(|| first.provider.clone())
}

fn each<T>(shares: &Shares, show: impl Fn(Option<String>, &logs::Figures, Figures) -> T) -> Vec<T> {
    let shown = |(value, figures): &(String, logs::Figures)| {
        let value = (!value.is_empty()).then(|| value.clone());
        show(value, figures, Figures::from(figures))
    };
    shares.first.iter().map(shown).collect()
}

/// What somebody is called; the id where nobody of that id is there any more.
pub(super) fn name(control: &Control, dimension: Dimension, id: Option<&str>) -> Option<String> {
    let id = id?;
    Some(control.name_of(dimension, id).unwrap_or_else(|| id.to_owned()))
}

impl Other {
    fn of(shares: &Shares) -> Option<Self> {
        let Rest { requests, tokens, cost } = shares.rest;
        (shares.others > 0).then(|| Self {
            count: shares.others,
            total_requests: requests,
            total_tokens: tokens,
            total_cost: cost.dollars(),
        })
    }
}
