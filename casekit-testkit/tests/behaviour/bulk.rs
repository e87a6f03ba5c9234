//! Row C12: one action on many cases.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{on_every_store, refused};

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
