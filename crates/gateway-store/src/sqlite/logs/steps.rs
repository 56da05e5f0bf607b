//! The steps of `logs.db`'s schema.

use super::legacy;
use crate::sqlite::migrate::Migration;

pub(crate) const STEPS: &[Migration] = &[
    Migration {
        version: 1,
        sql: include_str!("../migrations/logs/0001_rows_and_rollups.sql"),
        then: None,
    },
    Migration {
        version: 2,
        sql: include_str!("../migrations/logs/0002_parties.sql"),
        then: None,
    },
    Migration {
        version: 3,
        sql: include_str!("../migrations/logs/0003_figures.sql"),
        then: Some(legacy::count_all),
    },
    Migration {
        version: 4,
        sql: include_str!("../migrations/logs/0004_segments.sql"),
        then: Some(legacy::into_segments),
    },
];
