//! Rows I5 and H4: the log of a real help desk, imported on every store, gives the same records.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use casekit_core::model::*;
use casekit_core::operations::*;
use casekit_core::query::Query;
use serde_json::Value as Json;

use crate::stores::every_store;
use crate::world::World;

/// Where the log is, seen from the root of the repository, of which it is no part.
const LOG: &str = "../shared/data/eventlogs/helpdesk.csv";

/// How many of its cases are imported, and how many at once.
const CASES: usize = 500;
const AT_ONCE: usize = 250;

/// The seed of ids, the same on every store; of no other test, with which a server is shared.
const SEED: u64 = 77_777;

#[tokio::test]
async fn a_real_log_gives_the_same_records_on_every_store() {
    let Some(log) = log() else { return };
    let cases = read(&log);
    let first: RefCell<Option<Vec<String>>> = RefCell::default();
    every_store(async |store, _| {
        let world = World::on(store, SEED).await;
        for cases in cases.chunks(AT_ONCE) {
            let import = ImportLog {
                system: "helpdesk".into(),
                cases: cases.to_vec(),
                meanings: [].into(),
            };
            world.admin.run(import).await.unwrap();
        }
        let all = everything(&world).await;
        assert!(all.len() > 4 * CASES, "only {} records", all.len());
        match &*first.borrow() {
            None => {}
            Some(first) => {
                let differing = first.iter().zip(&all).find(|(one, other)| one != other);
                assert_eq!(differing, None);
                assert_eq!(first.len(), all.len());
            }
        }
        first.borrow_mut().get_or_insert(all);
    })
    .await;
}

/// Every record of the workspace by kind and id, and its events in their order, as lines of JSON.
async fn everything(world: &World) -> Vec<String> {
    let mut lines = Vec::new();
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Event) {
        let mut query = Query::all(world.workspace, *kind).limit(1_000);
        loop {
            let page = world.store.find(&query).await.unwrap();
            let records = page.records.iter();
            lines.extend(records.map(|record| serde_json::to_string(record).unwrap()));
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
    }
    let mut feed = world.desk.subscribe(world.workspace, Seq(0));
    while let Some(event) = feed.try_next().await.unwrap() {
        lines.push(serde_json::to_string(&event).unwrap());
    }
    lines
}

fn log() -> Option<PathBuf> {
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(LOG);
    if log.exists() {
        return Some(log);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "{LOG} is missing"
    );
    eprintln!("SKIPPED: {LOG} is missing, so a real log was NOT compared between stores");
    None
}

/// The first cases of the log, in the order in which they first come.
fn read(log: &Path) -> Vec<LoggedCase> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut cases: Vec<LoggedCase> = Vec::new();
    for row in csv::Reader::from_path(log).unwrap().deserialize() {
        let row: BTreeMap<String, String> = row.unwrap();
        let place = *places.entry(row["case"].clone()).or_insert(cases.len());
        if place == cases.len() {
            cases.push(LoggedCase {
                id: row["case"].clone(),
                subject: String::new(),
                customer: Some(row["customer"].clone()),
                product: Some(row["product"].clone()),
                lines: Vec::new(),
            });
        }
        let at = row["time:timestamp"].replace(' ', "T");
        cases[place].lines.push(LogLine {
            activity: row["concept:name"].clone(),
            at: serde_json::from_value(Json::String(at)).unwrap(),
            agent: Some(row["org:resource"].clone()),
            customer: None,
            place: None,
        });
    }
    cases.truncate(CASES);
    cases
}
