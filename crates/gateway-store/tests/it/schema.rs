//! Data of earlier schemas is taken up: their rows are read, found by page, and add up.

use std::path::Path;

use gateway_governance::ledger::{Ask, Wanted};
use gateway_governance::quota::{Cut, Unit, WindowNo};
use gateway_store::Sqlite;
use gateway_types::{NanoUsd, Org};
use rusqlite::Connection;

use crate::books::NOW;

/// An entry as the first version wrote it: what the request costs stands in the leg's cost alone.
const BODY: &str = r#"{"v":1,"id":"018bcfe5-6800-7000-8000-00000000000N","org":"main","at":1700000000000,
    "request":"018bcfe5-6800-7000-8000-0000000000aN","virtual_key":"vk","operation":"chat",
    "legs":[{"provider":"openai","key":"k","model":"sonar",
        "metered":{"usage":{"input":10,"cache_read":0,"cache_write":0,"cache_write_hour":0,"input_audio":0,"output":5,
            "reasoning":0,"output_audio":0},"basis":"reported"},
        "amounts":[{"class":"input","tokens":10,"price":1000000,"amount":10000000},
            {"class":"output","tokens":5,"price":1000000,"amount":5000000}],
        "cost":5015000,"unpriced":false,"overrun":15000}],
    "charges":[{"quota":"q","window":1,"unit":"nano_usd","amount":5015000,"overrun":15000}],"total":5015000}"#;

/// The steps up to the one before the last, as they were released.
const STEPS: [&str; 2] = [
    include_str!("../../src/sqlite/migrations/gateway/0001_books_and_settings.sql"),
    include_str!("../../src/sqlite/migrations/gateway/0002_ledger_pages_and_audit.sql"),
];

/// Books as the first version left them, taken through so many steps.
fn earlier_schema(folder: &Path, steps: usize) -> Connection {
    let conn = Connection::open(folder.join("gateway.db")).unwrap();
    conn.execute_batch("CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL) STRICT")
        .unwrap();
    for (step, version) in STEPS[..steps].iter().zip(1..) {
        conn.execute_batch(step).unwrap();
        let sum = step.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        conn.execute(
            "INSERT INTO schema_migrations VALUES (?1, ?2)",
            (version, format!("{sum:016x}")),
        )
        .unwrap();
        if version == 1 {
            first_data(&conn);
        }
    }
    conn
}

fn first_data(conn: &Connection) {
    for n in 1..=3 {
        let body = BODY.replace("N\"", &format!("{n}\""));
        conn.execute(
            "INSERT INTO ledger_entries (id, v, at, request, virtual_key, total, body)
             VALUES (unhex(?1), 1, 1700000000000, unhex(?2), 'vk', 5015000, ?3)",
            (
                format!("018bcfe568007000800000000000000{n}"),
                format!("018bcfe56800700080000000000000a{n}"),
                body,
            ),
        )
        .unwrap();
        conn.execute(
            "INSERT INTO ledger_charges (entry, place, quota, window, unit, amount, overrun)
             VALUES (unhex(?1), 0, 'q', 1, 'nano_usd', 5015000, 15000)",
            [format!("018bcfe568007000800000000000000{n}")],
        )
        .unwrap();
    }
    // 20 dollars were granted before a crash, and some of what was charged then was beyond it.
    conn.execute_batch(
        "INSERT INTO quota_windows (quota, window, v, unit, started, ends, granted, settled, overrun, unaccounted)
         VALUES ('q', 1, 1, 'nano_usd', 1700000000000, 1700003600000, 15145000, 15045000, 45500, 100000)",
    )
    .unwrap();
}

#[tokio::test]
async fn data_of_every_earlier_schema_is_taken_up() {
    for steps in 1..=STEPS.len() {
        let folder = tempfile::tempdir().unwrap();
        drop(earlier_schema(folder.path(), steps));
        is_taken_up(folder.path()).await;
    }
}

#[tokio::test]
async fn a_row_that_holds_no_entry_is_taken_along_and_told() {
    let folder = tempfile::tempdir().unwrap();
    earlier_schema(folder.path(), 2)
        .execute("UPDATE ledger_entries SET body = '{}' WHERE seq = 2", [])
        .unwrap();
    let stores = Sqlite::open(folder.path(), &Org::default()).unwrap();
    let verified = stores.ledger().verify().await.unwrap();
    assert_eq!(verified.entries, 3);
    let told: Vec<(&str, &str)> = verified
        .differences
        .iter()
        .map(|one| (one.at.as_str(), one.of.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("entry 018bcfe5-6800-7000-8000-000000000002", "body"),
            ("quota q window 1", "settled"),
            ("quota q window 1", "overrun"),
        ]
    );
    stores.close().await;
}

async fn is_taken_up(folder: &Path) {
    let stores = Sqlite::open(folder, &Org::default()).unwrap();
    let ledger = stores.ledger();
    let verified = ledger.verify().await.unwrap();
    assert_eq!(verified.differences, []);
    assert_eq!((verified.entries, verified.windows), (3, 1));
    let wanted = |fill: fn(&mut Wanted)| {
        let mut wanted = Wanted {
            limit: 10,
            ..Wanted::default()
        };
        fill(&mut wanted);
        wanted
    };
    let cases = [
        wanted(|wanted| wanted.provider = Some("openai".into())),
        wanted(|wanted| wanted.model = Some("sonar".into())),
        wanted(|wanted| wanted.quota = Some("q".into())),
        wanted(|wanted| wanted.virtual_key = Some("vk".into())),
        wanted(|wanted| wanted.from = Some(NOW)),
    ];
    for wanted in cases {
        let page = ledger.page(&wanted).await.unwrap();
        assert_eq!(page.entries.len(), 3, "{wanted:?}");
        assert_eq!((page.entries[0].v, page.entries[0].total), (1, NanoUsd(5_015_000)));
    }
    assert_eq!(ledger.write_off(&"q".into(), WindowNo(1)).await, Ok(100_000));
    let ask = Ask {
        quota: "q".into(),
        unit: Unit::NanoUsd,
        limit: 20_000_000,
        cut: Cut::Rolling(3_600_000),
        want: 10_000_000,
    };
    let slice = &ledger.lease(&[ask], NOW).await.unwrap()[0];
    assert_eq!((slice.window, slice.charged), (WindowNo(1), 15_045_000));
    assert_eq!(slice.granted_in_all, 20_000_000);
    assert_eq!(ledger.verify().await.unwrap().differences, []);
    stores.close().await;
}
