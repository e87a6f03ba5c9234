//! Row C12: one action on many cases.

use std::sync::Arc;

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;
use casekit_memory::MemoryStore;
use casekit_testkit::{Fault, FaultyStore};

use crate::world::{World, on_every_store, refused};

#[tokio::test]
async fn every_case_has_a_result_and_a_failure_stops_none() {
    on_every_store(|world| async move {
        let mut cases = Vec::new();
        for _ in 0..250 {
            cases.push(CaseRef::from(&world.mail("x", "x").await));
        }
        let close = CloseCase::new(cases[7], "");
        world.anna.run(close).await.unwrap();
        cases.push(CaseRef::Number(99_999));
        cases.push(cases[3]);
        let action = BulkAction::Close {
            reason: "spring cleaning".into(),
            seen: [].into(),
        };
        let results = world
            .anna
            .run(BulkCases {
                cases: cases.clone(),
                action,
            })
            .await
            .unwrap();
        assert_eq!(results.iter().map(|r| r.case).collect::<Vec<_>>(), cases);
        let failed: Vec<_> = results
            .iter()
            .filter_map(|r| r.error.as_ref())
            .map(|e| e.kind)
            .collect();
        assert_eq!(failed, [ErrorKind::Conflict, ErrorKind::NotFound]);
        let open = FindCases {
            filter: CaseFilter::Status(Status::Active),
            ..FindCases::default()
        };
        assert!(world.anna.run(open).await.unwrap().cases.is_empty());
    })
    .await;
}

#[tokio::test]
async fn cases_are_assigned_tagged_and_flagged_together() {
    on_every_store(|world| async move {
        let cases = vec![
            CaseRef::from(&world.mail("A", "x").await),
            CaseRef::from(&world.mail("B", "x").await),
        ];
        for action in [
            BulkAction::Assign {
                to: Some(world.ben_id),
            },
            BulkAction::Tag {
                add: ["hot".to_owned()].into(),
                remove: [].into(),
            },
            BulkAction::Flag { flagged: true },
        ] {
            let results = world
                .anna
                .run(BulkCases {
                    cases: cases.clone(),
                    action,
                })
                .await
                .unwrap();
            assert!(results.iter().all(|result| result.error.is_none()));
        }
        for case in world.anna.run(FindCases::default()).await.unwrap().cases {
            assert_eq!((case.assignee, case.flagged), (Some(world.ben_id), true));
            assert!(case.tags.contains("hot"));
        }
    })
    .await;
}

#[tokio::test]
async fn more_than_ten_thousand_are_refused() {
    on_every_store(|world| async move {
        let cases = vec![CaseRef::Number(1); 10_001];
        let bulk = BulkCases {
            cases,
            action: BulkAction::Flag { flagged: true },
        };
        refused(world.anna.run(bulk).await, ErrorKind::Limit);
    })
    .await;
}

#[tokio::test]
async fn a_case_whose_customer_wrote_meanwhile_is_left_open() {
    on_every_store(|world| async move {
        let quiet = world.mail("A", "x").await;
        let loud = world.mail("B", "x").await;
        world
            .system
            .run(ReceiveMessage::new(&loud, "and this"))
            .await
            .unwrap();
        let close = BulkCases {
            cases: vec![(&quiet).into(), (&loud).into()],
            action: BulkAction::Close {
                reason: String::new(),
                seen: [(quiet.id, quiet.version), (loud.id, loud.version)].into(),
            },
        };
        let results = world.anna.run(close).await.unwrap();
        assert_eq!(results[0].error, None);
        assert_eq!(results[1].error.as_ref().unwrap().kind, ErrorKind::Conflict);
        assert_eq!(world.case(&loud).await.status, Status::Active);
    })
    .await;
}

#[tokio::test]
async fn a_case_that_goes_by_several_names_is_done_once_and_has_the_same_result_under_each() {
    on_every_store(|world| async move {
        let into = world.mail("One", "x").await;
        let duplicate = world.mail("Two", "x").await;
        let merge = MergeCases {
            duplicate: (&duplicate).into(),
            into: (&into).into(),
        };
        world.supervisor.run(merge).await.unwrap();
        // More than are committed together lie between the names.
        let mut cases = vec![
            CaseRef::Number(into.number),
            CaseRef::Number(duplicate.number),
        ];
        for _ in 0..120 {
            cases.push(CaseRef::Number(world.mail("x", "x").await.number));
        }
        cases.extend([CaseRef::Id(duplicate.id), CaseRef::Id(into.id)]);
        let close = || BulkCases {
            cases: cases.clone(),
            action: BulkAction::Close {
                reason: String::new(),
                seen: [].into(),
            },
        };
        let failed = async || {
            let results = world.anna.run(close()).await.unwrap();
            results.iter().filter(|r| r.error.is_some()).count()
        };
        assert_eq!(failed().await, 0);
        assert_eq!(failed().await, 124);
    })
    .await;
}

#[tokio::test]
async fn once_the_store_is_away_the_rest_is_left_for_another_call() {
    // The workspace, four agents, two customers, the cases and the first chunk arrive.
    let arrive = std::iter::repeat_n(Fault::None, 1 + 4 + 2 + 150 + 1);
    let script = arrive.chain(std::iter::repeat_n(Fault::Before, 20));
    let store = Arc::new(FaultyStore::scripted(MemoryStore::new(), script));
    let world = World::on(store.clone(), 7).await;
    let mut cases = Vec::new();
    for _ in 0..150 {
        cases.push(CaseRef::Number(world.mail("x", "x").await.number));
    }
    let flag = BulkCases {
        cases,
        action: BulkAction::Flag { flagged: true },
    };
    let results = world.anna.run(flag.clone()).await.unwrap();
    let (done, left) = results.split_at(100);
    assert!(done.iter().all(|result| result.error.is_none()));
    assert!(left.iter().all(|result| {
        let error = result.error.as_ref().unwrap();
        error.kind == ErrorKind::Unavailable && error.retryable
    }));
    // It was not tried for every case again.
    assert!(store.injected() < 10, "{}", store.injected());
    let unflag = BulkCases {
        action: BulkAction::Flag { flagged: false },
        ..flag
    };
    let error = world.anna.run(unflag).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
