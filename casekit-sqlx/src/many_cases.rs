//! What tests of lists go through: more cases than are looked at along an order, and lists of them.

use casekit_core::model::{AgentId, Entity, Kind, Status, Time, Value, Version, WorkspaceId};
use casekit_core::port::Store;
use casekit_core::query::{Comparison, Direction, Filter, Query, eval};
use casekit_core::{Change, ChangeSet};
use casekit_testkit::generate::Generator;
use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

use crate::compile::{MOST_TRIED, Source};

pub(crate) const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(1));

/// How many cases there are.
const CASES: usize = MOST_TRIED as usize + 6_000;

/// Whose cases are the oldest, and more than few.
const GONE: AgentId = AgentId(Uuid::from_u128(500));
const GONE_CASES: usize = 5_000;

/// Whose is one case in three of the others, and whose is one in a hundred.
const BUSY: AgentId = AgentId(Uuid::from_u128(501));
const NEW: AgentId = AgentId(Uuid::from_u128(502));

/// The way that a list goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Went {
    /// Through an index or a value with this in its name.
    Through(&'static str),
    Along,
    AlongInVain,
}

impl Went {
    /// Through `source`, told as it is expected if it is that one.
    pub(crate) fn through(source: Source<'_>, expected: Self) -> Self {
        match expected {
            Self::Through(name) if format!("{source:?}").contains(name) => expected,
            _ => Self::Through("another"),
        }
    }
}

fn minute(number: usize) -> Time {
    let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    start + TimeDelta::minutes(i64::try_from(number).unwrap())
}

/// Fills an empty store with cases of one customer, opened a minute after each other, and last changed in the same
/// order. One in two thousand is flagged; all are tagged as usual, and one in three thousand as seldom, too.
pub(crate) async fn fill(store: &impl Store) -> Vec<Entity> {
    store.migrate().await.unwrap();
    let mut make = Generator::new(1, WORKSPACE);
    let customer = make.customer();
    let cases = (0..CASES).map(|number| {
        let mut case = make.case(&customer);
        case.number = number as u64 + 1;
        case.external_id = None;
        case.status = Status::Active;
        case.subject = format!("{:05}", number * 7_919 % CASES);
        case.tags = ["usual".to_owned()].into();
        if number.is_multiple_of(3_000) {
            case.tags.insert("seldom".to_owned());
        }
        case.flagged = number.is_multiple_of(2_000);
        case.assignee = match number {
            0..GONE_CASES => Some(GONE),
            _ if number.is_multiple_of(3) => Some(BUSY),
            _ if number.is_multiple_of(100) => Some(NEW),
            _ => None,
        };
        case.opened_at = minute(number);
        case.updated_at = minute(number);
        Entity::from(case)
    });
    let cases: Vec<Entity> = cases.collect();
    for (number, some) in (1..).zip(cases.chunks(5_000)) {
        let set = ChangeSet {
            id: Uuid::from_u128(number),
            workspace: WORKSPACE,
            changes: some.iter().cloned().map(Change::Create).collect(),
            events: Vec::new(),
        };
        store.commit(set).await.unwrap();
    }
    let written = cases.into_iter().map(|mut case| {
        case.set_version(Version(1));
        case
    });
    written.collect()
}

/// Lists, and which way they go.
pub(crate) fn lists() -> Vec<(Query, Went)> {
    let of = |agent: AgentId| Filter::equal("assignee", agent);
    let opened = |is, number| {
        let at = Value::Time(minute(number).timestamp_millis());
        Filter::compare("opened_at", is, at)
    };
    let between = |a, b| opened(Comparison::AtLeast, a).and(opened(Comparison::Less, b));
    let flagged = || Filter::equal("flagged", true);
    let usual = || Filter::equal("tags", "usual");
    let usual_and_flagged = || usual().and(flagged());
    let lists = [
        (of(NEW), "subject", Went::Through("_by_assignee")),
        (of(BUSY), "subject", Went::Along),
        (of(GONE), "opened_at", Went::AlongInVain),
        (
            between(50, 2_000),
            "updated_at",
            Went::Through("_by_opened_at"),
        ),
        (between(50, 9_000), "subject", Went::Along),
        (between(50, 5_000), "updated_at", Went::AlongInVain),
        (
            of(GONE).and(between(4_000, 6_000)),
            "subject",
            Went::Through("_by_opened_at"),
        ),
        (flagged(), "subject", Went::Through("_by_flagged")),
        (usual_and_flagged(), "subject", Went::Through("_by_flagged")),
        (
            usual().and(Filter::is_in("tags", ["seldom"])),
            "subject",
            Went::Through("seldom"),
        ),
        (
            flagged().and(between(0, 9_000)),
            "subject",
            Went::Through("_by_flagged"),
        ),
        // No index has these orders.
        (of(BUSY), "awaiting_since", Went::Through("Table")),
        (usual_and_flagged(), "flagged", Went::Through("Table")),
    ];
    let listed = |filter, sort, direction| {
        let query = Query::all(WORKSPACE, Kind::Case).limit(5);
        query.filter(filter).sort(sort, direction)
    };
    let lists = lists.into_iter();
    let lists =
        lists.map(|(filter, sort, went)| (listed(filter, sort, Direction::Descending), went));
    // All have the same name. The last that is tried is the sixth of a page, or one before it is.
    let tried = MOST_TRIED as usize;
    let at_the_end = [(tried - 6, Went::Along), (tried - 5, Went::AlongInVain)];
    let at_the_end = at_the_end.map(|(first, went)| {
        let some = between(first, CASES);
        (listed(some, "customer_name", Direction::Ascending), went)
    });
    lists.chain(at_the_end).collect()
}

/// That a list gives the right pages: the first three, or fewer where there are no more.
pub(crate) async fn assert_right(store: &impl Store, mut query: Query, cases: &[Entity]) {
    for _ in 0..3 {
        let page = store.find(&query).await.unwrap();
        assert_eq!(page, eval(&query, cases.iter()).unwrap(), "{query:?}");
        assert!(!page.records.is_empty());
        query.after = page.next;
        if query.after.is_none() {
            return;
        }
    }
}
