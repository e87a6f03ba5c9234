//! What somebody acts on is what they saw: nobody ends a wait, or undoes a decision, that they have not read.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::merge::{merge, undo};
use crate::world::{World, on_every_store, refused};

/// A case whose customer was answered, so that nobody waits in it.
async fn answered(world: &World) -> Case {
    let case = world.mail("Answered", "x").await;
    world.minute();
    world.anna.run(Reply::new(&case, "Yes")).await.unwrap().case
}

/// Asserts that nobody answers or closes `case` who saw it as it is here, and that they do who read it.
async fn is_unread(world: &World, case: &Case) {
    world.minute();
    let mut reply = Reply::new(case, "Done");
    reply.seen = Some(case.version);
    refused(world.ben.run(reply.clone()).await, ErrorKind::Conflict);
    let mut close = CloseCase::new(case, "done");
    close.seen = Some(case.version);
    refused(world.ben.run(close).await, ErrorKind::Conflict);
    let bulk = BulkCases {
        cases: vec![case.into()],
        action: BulkAction::Close {
            reason: String::new(),
            seen: [(case.id, case.version)].into(),
        },
    };
    let done = world.ben.run(bulk).await.unwrap();
    assert!(done[0].error.is_some());
    reply.seen = Some(world.case(case).await.version);
    world.ben.run(reply).await.unwrap();
}

#[tokio::test]
async fn a_question_that_comes_by_a_merge_is_unread() {
    on_every_store(|world| async move {
        let waiting = world.mail("Waiting", "When?").await;
        let target = answered(&world).await;
        world
            .supervisor
            .run(merge(&waiting, &target))
            .await
            .unwrap();
        is_unread(&world, &target).await;
    })
    .await;
}

#[tokio::test]
async fn a_question_that_comes_by_a_merge_is_unread_even_where_one_waits_longer() {
    on_every_store(|world| async move {
        let first = world.mail("First", "When?").await;
        world.minute();
        let second = world.mail("Second", "Where?").await;
        world.minute();
        let message = ReceiveMessage::new(&first, "Hello?");
        let first = world.system.run(message).await.unwrap().case;
        world.supervisor.run(merge(&second, &first)).await.unwrap();
        is_unread(&world, &first).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_answered_before_it_came_by_a_merge_hinders_nobody() {
    on_every_store(|world| async move {
        let (duplicate, target) = (answered(&world).await, world.mail("Waiting", "When?").await);
        world
            .supervisor
            .run(merge(&duplicate, &target))
            .await
            .unwrap();
        let mut reply = Reply::new(&target, "Now");
        reply.seen = Some(target.version);
        world.ben.run(reply).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_question_that_comes_with_an_activity_is_unread() {
    on_every_store(|world| async move {
        let waiting = world.mail("Waiting", "When?").await;
        let target = answered(&world).await;
        let go = MoveActivity {
            activity: world.first_activity(&waiting).await,
            to_case: (&target).into(),
        };
        world.anna.run(go).await.unwrap();
        is_unread(&world, &target).await;
    })
    .await;
}

#[tokio::test]
async fn a_question_whose_answer_goes_elsewhere_is_asked_anew() {
    on_every_store(|world| async move {
        let (case, other) = (
            world.mail("Asked", "When?").await,
            world.mail("Other", "x").await,
        );
        world.minute();
        let mut reply = Reply::new(&case, "Now");
        reply.medium = Some(Medium::Chat);
        let said = world.anna.run(reply).await.unwrap();
        let go = MoveActivity {
            activity: said.entry.activity.unwrap(),
            to_case: (&other).into(),
        };
        world.anna.run(go).await.unwrap();
        is_unread(&world, &said.case).await;
    })
    .await;
}

#[tokio::test]
async fn a_call_that_is_logged_late_is_unread() {
    on_every_store(|world| async move {
        let case = world.mail("Asked", "When?").await;
        let (started_at, ended_at) = (world.minute(), world.minute());
        world.minute();
        let note = AddNote::new(&case, "To be looked at");
        let seen = world.ben.run(note).await.unwrap().case;
        let call = LogCall {
            case: (&case).into(),
            direction: CallDirection::Inbound,
            caller: String::new(),
            called: String::new(),
            started_at,
            ended_at,
            outcome: CallOutcome::Answered,
            notes: String::new(),
            recording: None,
        };
        world.anna.run(call).await.unwrap();
        is_unread(&world, &seen).await;
    })
    .await;
}

#[tokio::test]
async fn what_was_seen_of_a_merged_case_is_not_taken_for_the_other() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        world.supervisor.run(merge(&a, &b)).await.unwrap();
        let before = world.case(&b).await;
        let (case, seen) = (CaseRef::from(&a), Some(a.version));
        let stage = "on_hold".to_owned();
        let stage = SetStage { case, stage, seen };
        refused(world.anna.run(stage).await, ErrorKind::Conflict);
        let (to, note) = (world.ben_id, String::new());
        let assign = AssignCase {
            case,
            to: Some(to),
            seen,
        };
        refused(world.anna.run(assign).await, ErrorKind::Conflict);
        let transfer = TransferCase {
            case,
            to,
            note,
            seen,
        };
        refused(world.anna.run(transfer).await, ErrorKind::Conflict);
        let mut reply = Reply::new(&a, "Done");
        reply.seen = seen;
        refused(world.anna.run(reply).await, ErrorKind::Conflict);
        let mut close = CloseCase::new(&a, "");
        close.seen = seen;
        refused(world.anna.run(close).await, ErrorKind::Conflict);
        for case in [case, a.number.into()] {
            let bulk = BulkCases {
                cases: vec![case],
                action: BulkAction::Close {
                    reason: String::new(),
                    seen: [(a.id, a.version)].into(),
                },
            };
            let done = world.anna.run(bulk).await.unwrap();
            let error = done[0].error.as_ref().unwrap();
            assert_eq!(error.kind, ErrorKind::Conflict);
        }
        assert_eq!(world.case(&b).await, before);
    })
    .await;
}

fn stage(case: &Case, stage: &str) -> SetStage {
    SetStage {
        case: case.into(),
        stage: stage.into(),
        seen: Some(case.version),
    }
}

#[tokio::test]
async fn a_stage_that_was_set_by_closing_and_reopening_was_set() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        world.anna.run(CloseCase::new(&case, "")).await.unwrap();
        let reopen = ReopenCase {
            case: (&case).into(),
        };
        let reopened = world.anna.run(reopen).await.unwrap();
        refused(
            world.ben.run(stage(&case, "on_hold")).await,
            ErrorKind::Conflict,
        );
        world.ben.run(stage(&reopened, "on_hold")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_stage_that_was_set_with_a_reply_is_known_to_who_saw_it() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let mut reply = Reply::new(&case, "Is it plugged in?");
        reply.stage = Some("waiting_for_customer".into());
        let said = world.anna.run(reply).await.unwrap();
        refused(
            world.ben.run(stage(&case, "on_hold")).await,
            ErrorKind::Conflict,
        );
        world.ben.run(stage(&said.case, "on_hold")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_assignee_who_was_lost_by_undoing_a_merge_was_changed() {
    on_every_store(|world| async move {
        let (case, other) = (world.mail("One", "x").await, world.mail("Two", "y").await);
        let take = TakeCase {
            case: (&case).into(),
        };
        let seen = world.ben.run(take).await.unwrap();
        world.supervisor.run(merge(&case, &other)).await.unwrap();
        world.leaves(world.ben_id).await;
        let back = world.supervisor.run(undo(&case)).await.unwrap();
        let assign = |seen: &Case| AssignCase {
            case: seen.into(),
            to: Some(world.anna_id),
            seen: Some(seen.version),
        };
        refused(world.anna.run(assign(&seen)).await, ErrorKind::Conflict);
        world.anna.run(assign(&back)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_assignee_who_was_lost_by_reopening_was_changed() {
    on_every_store(|world| async move {
        let case = world.mail("One", "x").await;
        let take = TakeCase {
            case: (&case).into(),
        };
        let seen = world.ben.run(take).await.unwrap();
        world.ben.run(CloseCase::new(&case, "")).await.unwrap();
        world.leaves(world.ben_id).await;
        let reopen = ReopenCase {
            case: (&case).into(),
        };
        world.anna.run(reopen).await.unwrap();
        let assign = AssignCase {
            case: (&case).into(),
            to: Some(world.anna_id),
            seen: Some(seen.version),
        };
        refused(world.anna.run(assign).await, ErrorKind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn an_agent_who_took_part_meanwhile_is_not_edited_away() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let reply = Reply::new(&case, "Hello");
        let said = world.anna.run(reply).await.unwrap();
        let get = GetActivity::of(said.entry.activity.unwrap());
        let seen = world.anna.run(get).await.unwrap().activity;
        assert_eq!(seen.agents, [world.anna_id].into());
        world.ben.run(Reply::new(&case, "And more")).await.unwrap();
        let carl = CreateAgent::new("Carl Agent", "carl@acme.example", Role::Agent);
        let carl = world.system.run(carl).await.unwrap().id;
        let mut patch = PatchActivity::of(&seen);
        patch.agents = Some([world.anna_id, carl].into());
        refused(world.anna.run(patch).await, ErrorKind::Conflict);
    })
    .await;
}
