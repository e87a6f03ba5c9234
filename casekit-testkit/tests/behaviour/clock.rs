//! The ports for time and ids: what a desk makes of them, and what the machine's own give.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use casekit_core::Desk;
use casekit_core::desk::AgentSession;
use casekit_core::model::*;
use casekit_core::operations::*;
use casekit_core::port::{Clock, Ids, SystemClock, SystemIds};
use casekit_testkit::SeededIds;
use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

use crate::world::{World, on_every_store};

/// Later each time that it is asked, and finer than a millisecond.
#[derive(Debug, Default)]
struct Ticking {
    asked: AtomicI64,
}

impl Clock for Ticking {
    fn now(&self) -> Time {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        let start = DateTime::from_timestamp_millis(1_800_000_000_000).unwrap();
        start + TimeDelta::milliseconds(asked) + TimeDelta::microseconds(7)
    }
}

/// The times of a case that is opened by such a clock, of its thread and of its events.
async fn times(world: &World) -> Vec<Time> {
    let desk = Desk::builder_on(world.store.clone());
    let desk = desk.clock(Ticking::default()).build();
    let open = OpenCase::new(world.carla, "Printer").customer_says("It is on fire");
    let case = desk.system(world.workspace).run(open).await.unwrap();
    let thread = world.thread(&case).await;
    let audit = ReadAudit::of(case.id);
    let audit = world.supervisor.run(audit).await.unwrap();
    let entries = thread.iter().map(|entry| entry.at);
    let events = audit.events.iter().map(|event| event.at);
    let times = [case.opened_at].into_iter().chain(entries).chain(events);
    times.collect()
}

#[tokio::test]
async fn an_operation_has_one_time() {
    on_every_store(|world| async move {
        let times = times(&world).await;
        assert!(times.len() > 4, "{times:?}");
        assert!(times.iter().all(|time| *time == times[0]), "{times:?}");
    })
    .await;
}

/// The machine's clock and ids, and how often both were asked.
#[derive(Debug, Clone, Default)]
struct Counted {
    times: Arc<AtomicI64>,
    ids: Arc<AtomicI64>,
}

impl Clock for Counted {
    fn now(&self) -> Time {
        self.times.fetch_add(1, Ordering::Relaxed);
        SystemClock.now()
    }
}

impl Ids for Counted {
    fn next(&self, now: Time) -> Uuid {
        self.ids.fetch_add(1, Ordering::Relaxed);
        SystemIds.next(now)
    }
}

/// What a program does at a desk with these.
fn counted(world: &World) -> (Counted, AgentSession) {
    let counted = Counted::default();
    let desk = Desk::builder_on(world.store.clone());
    let desk = desk.clock(counted.clone()).ids(counted.clone()).build();
    (counted, desk.system(world.workspace))
}

#[tokio::test]
async fn a_clock_is_asked_once_for_each_operation() {
    on_every_store(|world| async move {
        let (counted, system) = counted(&world);
        let open = OpenCase::new(world.carla, "Printer");
        system.run(open).await.unwrap();
        assert_eq!(counted.times.load(Ordering::Relaxed), 1);
        system.run(FindCases::default()).await.unwrap();
        assert_eq!(counted.times.load(Ordering::Relaxed), 2);
    })
    .await;
}

#[tokio::test]
async fn what_only_reads_makes_no_id() {
    on_every_store(|world| async move {
        let (counted, system) = counted(&world);
        system.run(FindCases::default()).await.unwrap();
        assert_eq!(counted.ids.load(Ordering::Relaxed), 0);
        let open = OpenCase::new(world.carla, "Printer");
        system.run(open).await.unwrap();
        assert!(counted.ids.load(Ordering::Relaxed) > 0);
    })
    .await;
}

#[tokio::test]
async fn milliseconds_are_kept() {
    on_every_store(|world| async move {
        let times = times(&world).await;
        let finer = |time: &&Time| !time.timestamp_subsec_micros().is_multiple_of(1_000);
        assert_eq!(times.iter().find(finer), None);
    })
    .await;
}

fn sources() -> [Box<dyn Ids>; 2] {
    [Box::new(SystemIds), Box::new(SeededIds::new(7))]
}

#[test]
fn ids_are_of_version_7() {
    for ids in sources() {
        assert_eq!(ids.next(Time::default()).get_version_num(), 7, "{ids:?}");
    }
}

#[test]
fn ids_sort_as_they_were_made() {
    for ids in sources() {
        let later = DateTime::from_timestamp_millis(1_800_000_000_000).unwrap();
        let times = (0..1_000).map(|n| later - TimeDelta::milliseconds(n));
        let made: Vec<_> = times.map(|time| ids.next(time)).collect();
        assert!(made.is_sorted_by(|one, next| one < next), "{ids:?}");
    }
}
