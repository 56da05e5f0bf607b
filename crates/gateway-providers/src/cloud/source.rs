//! Where an attempt's access comes from, as a value.

use std::time::Duration;

use gateway_types::Error;

use super::aws::AwsSource;
use super::azure::AzureSource;
use super::google::GoogleSource;
use super::{Access, Means};

/// Where access comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// It is at hand and does not change.
    Static(Access),
    /// From AWS.
    Aws(AwsSource),
    /// From Google Cloud.
    Google(GoogleSource),
    /// From Microsoft Entra.
    Azure(AzureSource),
}

/// What was fetched, and how long it can be used; for ever where nothing is said.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) access: Access,
    pub(super) life: Option<Duration>,
}

impl Source {
    /// Fetches it anew.
    pub(super) async fn fetch(&self, means: &Means<'_>) -> Result<Fetched, Error> {
        match self {
            Self::Static(access) => Ok(Fetched {
                access: access.clone(),
                life: None,
            }),
            Self::Aws(source) => source.fetch(means).await,
            Self::Google(source) => source.fetch(means).await,
            Self::Azure(source) => source.fetch(means).await,
        }
    }
}
