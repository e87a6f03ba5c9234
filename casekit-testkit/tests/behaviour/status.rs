//! Semantics: "Status".

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::merge::relate_to_many;
use crate::world::{World, on_every_store, refused};

async fn closed(world: &World) -> Case {
    let case = world.mail("Printer", "It is on fire").await;
    world
        .anna
        .run(TakeCase {
            case: (&case).into(),
        })
        .await
        .unwrap();
    let close = CloseCase::new(&case, "put out");
    world.anna.run(close).await.unwrap()
}

#[tokio::test]
async fn closing_keeps_when_by_whom_and_why_and_happens_once() {
    on_every_store(|world| async move {
        let case = closed(&world).await;
        let closing = case.closing.clone().unwrap();
        assert_eq!(
            (case.status, case.stage.as_str()),
            (Status::Closed, "closed")
        );
        assert_eq!(closing.by, Actor::Agent(world.anna_id));
        assert_eq!(closing.reason, "put out");
        let again = CloseCase::new(&case, "");
        refused(world.ben.run(again).await, ErrorKind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn a_message_soon_after_closing_reopens_the_case_with_its_assignee() {
    on_every_store(|world| async move {
        let case = closed(&world).await;
        world.days(14);
        let received = world
            .system
            .run(ReceiveMessage::new(&case, "It burns again"))
            .await
            .unwrap();
        assert_eq!(received.effect, Effect::Reopened);
        assert_eq!(received.case.id, case.id);
        assert_eq!(received.case.status, Status::Active);
        assert_eq!(received.case.assignee, Some(world.anna_id));
        assert_eq!(received.case.reopened, 1);
        assert!(received.case.closing.is_none());
        assert!(received.case.attention.awaiting_since.is_some());
        let stage = "new".to_owned();
        let reopened = Happening::Reopened { stage };
        assert!(world.history(&case).await.contains(&reopened));
    })
    .await;
}

#[tokio::test]
async fn a_message_long_after_closing_opens_a_follow_up() {
    on_every_store(|world| async move {
        let case = closed(&world).await;
        world.days(14);
        world.minute();
        let received = world
            .system
            .run(ReceiveMessage::new(&case, "It burns again"))
            .await
            .unwrap();
        assert_eq!(received.effect, Effect::FollowedUp);
        assert_eq!(received.case.number, case.number + 1);
        assert_eq!(received.case.subject, case.subject);
        assert_eq!(world.case(&case).await.status, Status::Closed);
        let related = world
            .anna
            .run(RelatedCases {
                case: received.case.id.into(),
            })
            .await
            .unwrap();
        assert_eq!(related[0].relation.relation, RelationKind::FollowUpOf);
        assert_eq!(related[0].other.id, case.id);
    })
    .await;
}

#[tokio::test]
async fn further_messages_go_to_the_case_that_follows_up() {
    on_every_store(|world| async move {
        let old = closed(&world).await;
        world.days(15);
        let write = || world.system.run(ReceiveMessage::new(&old, "Again"));
        // Two at once open one.
        let (one, two) = tokio::join!(write(), write());
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.effect, Effect::FollowedUp);
        assert_eq!(two.case.id, one.case.id);
        // It is reopened like any case, and followed up in its turn.
        world.anna.run(CloseCase::new(&one.case, "")).await.unwrap();
        let reopened = write().await.unwrap();
        assert_eq!(
            (reopened.case.id, reopened.case.status),
            (one.case.id, Status::Active)
        );
        assert_eq!(reopened.effect, Effect::FollowedUp);
        world.anna.run(CloseCase::new(&one.case, "")).await.unwrap();
        world.days(15);
        let next = write().await.unwrap();
        assert_eq!(next.case.number, one.case.number + 1);
        assert_eq!(write().await.unwrap().case.id, next.case.id);
        let related = RelatedCases {
            case: next.case.id.into(),
        };
        let related = world.anna.run(related).await.unwrap();
        assert_eq!(related[0].other.id, one.case.id);
    })
    .await;
}

#[tokio::test]
async fn a_follow_up_is_found_among_however_many_relations() {
    on_every_store(|world| async move {
        let old = closed(&world).await;
        relate_to_many(&world, &old, 1_001).await;
        world.days(15);
        let write = || world.system.run(ReceiveMessage::new(&old, "Again"));
        let first = write().await.unwrap().case;
        assert_eq!(write().await.unwrap().case.id, first.id);
    })
    .await;
}

#[tokio::test]
async fn the_time_within_which_a_message_reopens_can_be_set() {
    on_every_store(|world| async move {
        let workspace = world.admin.run(GetWorkspace {}).await.unwrap();
        let mut patch = PatchWorkspace::of(&workspace);
        patch.settings.reopen_within_days = Some(1);
        world.admin.run(patch).await.unwrap();
        let case = closed(&world).await;
        world.days(2);
        let received = world
            .system
            .run(ReceiveMessage::new(&case, "Again"))
            .await
            .unwrap();
        assert_eq!(received.effect, Effect::FollowedUp);
    })
    .await;
}

#[tokio::test]
async fn an_automatic_message_changes_no_status() {
    on_every_store(|world| async move {
        let case = closed(&world).await;
        let mut away = ReceiveMessage::new(&case, "I am out of office");
        away.message.automatic = true;
        let received = world.system.run(away).await.unwrap();
        assert_eq!(received.effect, Effect::Added);
        assert_eq!(world.case(&case).await.status, Status::Closed);
    })
    .await;
}

#[tokio::test]
async fn reopening_leaves_the_case_to_nobody_if_its_assignee_has_gone() {
    on_every_store(|world| async move {
        let case = closed(&world).await;
        world.leaves(world.anna_id).await;
        let reopened = world
            .ben
            .run(ReopenCase {
                case: (&case).into(),
            })
            .await
            .unwrap();
        assert_eq!(reopened.assignee, None);
        refused(
            world
                .ben
                .run(ReopenCase {
                    case: (&case).into(),
                })
                .await,
            ErrorKind::Conflict,
        );
    })
    .await;
}

#[tokio::test]
async fn stages_belong_to_a_status_and_are_the_workspaces_own() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let set = |stage: &str| SetStage {
            case: case.id.into(),
            stage: stage.into(),
            seen: None,
        };
        let stage = DefineStage {
            key: "with_vendor".into(),
            name: "With the vendor".into(),
            status: Status::Active,
            pauses: true,
            before: None,
        };
        world.admin.run(stage).await.unwrap();
        let moved = world.anna.run(set("with_vendor")).await.unwrap();
        assert_eq!(moved.stage, "with_vendor");
        refused(world.anna.run(set("closed")).await, ErrorKind::Invalid);
        let unknown = refused(world.anna.run(set("nowhere")).await, ErrorKind::Invalid);
        assert!(unknown.message().contains("`with_vendor`"), "{unknown}");
    })
    .await;
}

#[tokio::test]
async fn a_call_to_a_closed_case_reopens_it_and_a_customer_who_reopens_it_waits() {
    on_every_store(|world| async move {
        let case = closed(&world).await;
        let now = world.minute();
        let call = LogCall {
            case: (&case).into(),
            direction: CallDirection::Inbound,
            caller: String::new(),
            called: String::new(),
            started_at: now,
            ended_at: now,
            outcome: CallOutcome::Voicemail,
            notes: String::new(),
            recording: None,
        };
        let called = world.anna.run(call).await.unwrap().case;
        assert_eq!(
            (called.status, called.attention.awaiting_since),
            (Status::Active, Some(now))
        );
        let close = CloseCase::new(&case, "");
        world.anna.run(close).await.unwrap();
        let reopened = world.minute();
        let customer = world.customer(world.carla);
        customer
            .run(ReopenMyCase {
                case: case.id.into(),
            })
            .await
            .unwrap();
        assert_eq!(
            world.case(&case).await.attention.awaiting_since,
            Some(reopened)
        );
    })
    .await;
}

fn call_at(case: &Case, at: Time) -> LogCall {
    LogCall {
        case: case.into(),
        direction: CallDirection::Inbound,
        caller: String::new(),
        called: String::new(),
        started_at: at,
        ended_at: at,
        outcome: CallOutcome::Voicemail,
        notes: String::new(),
        recording: None,
    }
}

#[tokio::test]
async fn a_call_is_judged_by_when_it_was_and_not_by_when_it_is_logged() {
    on_every_store(|world| async move {
        let before = world.minute();
        world.minute();
        let case = closed(&world).await;
        let after = world.minute();
        world.days(30);
        let log = |at| world.anna.run(call_at(&case, at));
        let logged = log(before).await.unwrap();
        assert_eq!(
            (logged.effect, logged.case.status),
            (Effect::Added, Status::Closed)
        );
        assert_eq!(logged.case.attention.awaiting_since, None);
        let logged = log(after).await.unwrap();
        assert_eq!((logged.effect, logged.case.id), (Effect::Reopened, case.id));
        assert_eq!(logged.case.attention.awaiting_since, Some(after));
        // One from before the closing that is logged now is as over as it was.
        world.anna.run(CloseCase::new(&case, "")).await.unwrap();
        let reopen = ReopenCase {
            case: case.id.into(),
        };
        world.anna.run(reopen).await.unwrap();
        let logged = log(before).await.unwrap();
        assert_eq!(logged.case.attention.awaiting_since, None);
    })
    .await;
}

#[tokio::test]
async fn a_call_by_a_clock_that_is_a_little_ahead_is_one_of_now() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let now = world.minute();
        let ahead = now + chrono::TimeDelta::seconds(1);
        let logged = world.anna.run(call_at(&case, ahead)).await.unwrap();
        assert_eq!(logged.entry.at, now);
        let answered = world.anna.run(Reply::new(&case, "Water")).await.unwrap();
        assert_eq!(answered.case.attention.awaiting_since, None);
    })
    .await;
}

/// The stages that a case was in, each with the minutes it began and ended, from its thread alone.
fn intervals(thread: &[Entry], opened: Time) -> Vec<(String, i64, Option<i64>)> {
    let mut intervals: Vec<(String, i64, Option<i64>)> = Vec::new();
    for entry in thread {
        let Body::Happening(happening) = &entry.body else {
            continue;
        };
        let Some(stage) = happening.stage() else {
            continue;
        };
        let at = (entry.at - opened).num_minutes();
        if let Some(last) = intervals.last_mut() {
            if last.0 == stage {
                continue;
            }
            last.2 = Some(at);
        }
        intervals.push((stage.to_owned(), at, None));
    }
    intervals
}

#[tokio::test]
async fn the_thread_alone_tells_how_long_a_case_was_in_each_stage() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let other = world.mail("Fire", "It is the printer").await;
        let reference = CaseRef::from(&case);
        world.minutes(10);
        let stage = SetStage {
            case: reference,
            stage: "waiting_for_customer".into(),
            seen: None,
        };
        world.anna.run(stage).await.unwrap();
        world.minutes(10);
        let close = CloseCase::new(reference, "put out");
        world.anna.run(close).await.unwrap();
        world.minutes(10);
        let reopen = ReopenCase { case: reference };
        world.anna.run(reopen).await.unwrap();
        world.minutes(10);
        let merge = MergeCases {
            duplicate: reference,
            into: (&other).into(),
        };
        world.supervisor.run(merge).await.unwrap();
        world.minutes(10);
        let undo = UndoMerge {
            duplicate: reference,
        };
        world.supervisor.run(undo).await.unwrap();
        let spent = |stage: &str, from, until| (stage.to_owned(), from, until);
        assert_eq!(
            intervals(&world.thread(&case).await, case.opened_at),
            [
                spent("new", 0, Some(10)),
                spent("waiting_for_customer", 10, Some(20)),
                spent("closed", 20, Some(30)),
                spent("new", 30, Some(40)),
                spent("closed", 40, Some(50)),
                spent("new", 50, None),
            ]
        );
        let thread = world.thread(&other).await;
        assert_eq!(intervals(&thread, other.opened_at), [spent("new", 0, None)]);
    })
    .await;
}
