//! Semantics: "Taking, transferring, colliding", and row C6.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{on_every_store, refused};

#[tokio::test]
async fn of_two_agents_who_take_a_case_one_gets_it_and_the_other_learns_who_has_it() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let take = || TakeCase {
            case: case.id.into(),
        };
        let (anna, ben) = tokio::join!(world.anna.run(take()), world.ben.run(take()));
        let (winner, loser) = match (anna, ben) {
            (Ok(case), Err(error)) | (Err(error), Ok(case)) => (case, error),
            other => panic!("one wins and one loses: {other:?}"),
        };
        assert_eq!(loser.kind(), ErrorKind::Conflict);
        assert_eq!(
            loser.details().unwrap()["current"],
            serde_json::json!(winner.assignee)
        );
        assert_eq!(winner.owner, winner.assignee);
    })
    .await;
}

#[tokio::test]
async fn taking_what_one_has_changes_nothing() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let first = world
            .anna
            .run(TakeCase {
                case: (&case).into(),
            })
            .await
            .unwrap();
        let second = world
            .anna
            .run(TakeCase {
                case: (&case).into(),
            })
            .await
            .unwrap();
        assert_eq!(first.version, second.version);
    })
    .await;
}

#[tokio::test]
async fn a_transfer_hands_the_case_over_with_a_note_that_only_staff_sees() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        world
            .anna
            .run(TakeCase {
                case: (&case).into(),
            })
            .await
            .unwrap();
        let transfer = TransferCase {
            case: (&case).into(),
            to: world.ben_id,
            note: "you know fires".into(),
            seen: None,
        };
        let transferred = world.anna.run(transfer.clone()).await.unwrap();
        assert_eq!(transferred.assignee, Some(world.ben_id));
        assert_eq!(transferred.owner, Some(world.anna_id));
        let thread = world.thread(&case).await;
        let line = thread
            .iter()
            .find(|e| matches!(e.body, Body::Happening(Happening::Transferred { .. })));
        assert_eq!(line.unwrap().visibility, Visibility::Internal);
        refused(world.anna.run(transfer).await, ErrorKind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn operators_join_and_leave_and_the_history_says_so() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let (case_ref, operator) = (CaseRef::from(&case), world.ben_id);
        let joined = world
            .anna
            .run(AddOperator {
                case: case_ref,
                operator,
            })
            .await
            .unwrap();
        assert_eq!(joined.operators, [operator].into());
        let left = world
            .anna
            .run(RemoveOperator {
                case: case_ref,
                operator,
            })
            .await
            .unwrap();
        assert!(left.operators.is_empty());
        let name = AgentName {
            id: operator,
            name: "Ben Agent".into(),
        };
        let history = world.history(&case).await;
        assert!(history.contains(&Happening::OperatorJoined {
            operator: name.clone()
        }));
        assert!(history.contains(&Happening::OperatorLeft { operator: name }));
    })
    .await;
}

#[tokio::test]
async fn nobody_is_assigned_who_does_not_work_here() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        world.leaves(world.ben_id).await;
        let assign = AssignCase {
            case: (&case).into(),
            to: Some(world.ben_id),
            seen: None,
        };
        refused(world.anna.run(assign).await, ErrorKind::Invalid);
        refused(
            world
                .ben
                .run(TakeCase {
                    case: (&case).into(),
                })
                .await,
            ErrorKind::Denied,
        );
        let released = world
            .anna
            .run(AssignCase {
                case: (&case).into(),
                to: None,
                seen: None,
            })
            .await
            .unwrap();
        assert_eq!(released.assignee, None);
    })
    .await;
}

#[tokio::test]
async fn only_an_agent_takes_and_a_closed_case_is_not_taken() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        refused(
            world
                .system
                .run(TakeCase {
                    case: (&case).into(),
                })
                .await,
            ErrorKind::Denied,
        );
        let close = CloseCase::new(&case, "");
        world.anna.run(close).await.unwrap();
        refused(
            world
                .ben
                .run(TakeCase {
                    case: (&case).into(),
                })
                .await,
            ErrorKind::Conflict,
        );
    })
    .await;
}

#[tokio::test]
async fn tags_added_by_two_at_once_all_survive() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let tag = |add: &str| TagCase {
            case: case.id.into(),
            add: [add.to_owned()].into(),
            remove: [].into(),
        };
        let (a, b) = tokio::join!(world.anna.run(tag("hot")), world.ben.run(tag("vip")));
        a.and(b).unwrap();
        assert_eq!(
            world.case(&case).await.tags,
            ["hot".to_owned(), "vip".to_owned()].into()
        );
    })
    .await;
}

#[tokio::test]
async fn who_says_what_they_saw_does_not_undo_what_somebody_else_decided_since() {
    on_every_store(|world| async move {
        let seen = world.mail("Printer", "It is on fire").await;
        let assign = |to: AgentId| AssignCase {
            case: seen.id.into(),
            to: Some(to),
            seen: Some(seen.version),
        };
        world.anna.run(assign(world.anna_id)).await.unwrap();
        let refusal = refused(
            world.ben.run(assign(world.ben_id)).await,
            ErrorKind::Conflict,
        );
        let current = &refusal.details().unwrap()["current"];
        assert_eq!(current, &serde_json::json!(world.anna_id));
    })
    .await;
}
