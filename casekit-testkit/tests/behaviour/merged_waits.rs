//! Semantics: "Attention and waiting", across merges and moves.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::merge::{merge, undo};
use crate::world::{on_every_store, refused};

#[tokio::test]
async fn who_waits_in_one_of_two_merged_cases_waits_on() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        world.minute();
        world.anna.run(Reply::new(&b, "Done")).await.unwrap();
        let merged = world.supervisor.run(merge(&a, &b)).await.unwrap();
        assert_eq!(merged.attention.awaiting_since, Some(a.opened_at));
    })
    .await;
}

fn close(case: &Case) -> CloseCase {
    CloseCase::new(case, "")
}

#[tokio::test]
async fn a_wait_that_came_by_a_merge_outlasts_the_next_derivation_and_is_counted_once() {
    on_every_store(|world| async move {
        let (waiting, answered) = (world.mail("D", "x").await, world.mail("T", "x").await);
        let other = world.mail("E", "x").await;
        world.minute();
        let early = world.anna.run(Reply::new(&answered, "Yes")).await.unwrap();
        world.anna.run(Reply::new(&other, "Yes")).await.unwrap();
        world.minute();
        let waits = Some(waiting.opened_at);
        world
            .supervisor
            .run(merge(&waiting, &answered))
            .await
            .unwrap();
        world.minute();
        world
            .supervisor
            .run(merge(&other, &answered))
            .await
            .unwrap();
        assert_eq!(world.case(&answered).await.attention.awaiting_since, waits);
        world.supervisor.run(undo(&other)).await.unwrap();
        assert_eq!(world.case(&answered).await.attention.awaiting_since, waits);
        let late = Reply::new(&answered, "To both");
        let late = world.anna.run(late).await.unwrap().entry;
        world.minute();
        world
            .supervisor
            .run(merge(&other, &answered))
            .await
            .unwrap();
        let ended = |thread: Vec<Entry>, id| {
            let entry = thread.into_iter().find(|entry| entry.id == id);
            entry.and_then(|entry| entry.ended_wait)
        };
        let thread = world.thread(&answered).await;
        assert_eq!(ended(thread.clone(), late.id), waits);
        assert_eq!(ended(thread, early.entry.id), early.entry.ended_wait);
        assert_eq!(world.case(&answered).await.attention.awaiting_since, None);
    })
    .await;
}

#[tokio::test]
async fn a_wait_that_closing_ended_does_not_begin_again_by_a_merge() {
    on_every_store(|world| async move {
        let (target, other) = (world.mail("T", "x").await, world.mail("E", "x").await);
        world.minute();
        for case in [&target, &other] {
            world.anna.run(Reply::new(case, "Yes")).await.unwrap();
        }
        world.minute();
        let closed = world.mail("D", "x").await;
        world.anna.run(close(&closed)).await.unwrap();
        for duplicate in [&closed, &other] {
            world.minute();
            let merged = world
                .supervisor
                .run(merge(duplicate, &target))
                .await
                .unwrap();
            assert_eq!(merged.attention.awaiting_since, None);
        }
        world.supervisor.run(undo(&other)).await.unwrap();
        assert_eq!(world.case(&target).await.attention.awaiting_since, None);
    })
    .await;
}

fn go(activity: ActivityId, to: &Case) -> MoveActivity {
    MoveActivity {
        activity,
        to_case: to.into(),
    }
}

#[tokio::test]
async fn a_question_goes_on_waiting_in_a_case_that_was_answered_before_it_came_there() {
    on_every_store(|world| async move {
        let (asking, answered) = (world.mail("A", "x").await, world.mail("B", "x").await);
        let activity = world.first_activity(&asking).await;
        world.minute();
        world.anna.run(Reply::new(&answered, "Yes")).await.unwrap();
        world.minute();
        let go = |to: &Case| go(activity, to);
        let moved = world.anna.run(go(&answered)).await.unwrap();
        assert_eq!(
            moved.joined.attention.awaiting_since,
            Some(asking.opened_at)
        );
        assert_eq!(moved.left.attention.awaiting_since, None);
        world.minute();
        world.anna.run(Reply::new(&asking, "Empty")).await.unwrap();
        let back = world.anna.run(go(&asking)).await.unwrap();
        let waits = back.joined.attention.awaiting_since;
        assert_eq!(
            waits,
            Some(asking.opened_at),
            "it was not here to be answered"
        );
    })
    .await;
}

#[tokio::test]
async fn a_closed_case_swallows_no_question_but_takes_what_is_settled() {
    on_every_store(|world| async move {
        let (asking, closed) = (world.mail("A", "x").await, world.mail("B", "x").await);
        let activity = world.first_activity(&asking).await;
        world.anna.run(close(&closed)).await.unwrap();
        let go = |to: &Case| go(activity, to);
        let refusal = refused(world.anna.run(go(&closed)).await, ErrorKind::Conflict);
        assert!(refusal.to_string().contains("reopen it first"), "{refusal}");
        world.minute();
        world.anna.run(close(&asking)).await.unwrap();
        world.anna.run(go(&closed)).await.unwrap();
        let reopen = ReopenCase {
            case: (&closed).into(),
        };
        let reopened = world.anna.run(reopen).await.unwrap();
        assert_eq!(reopened.attention.awaiting_since, None);
        let elsewhere = world
            .anna
            .run(OpenCase::new(world.carla, "C"))
            .await
            .unwrap();
        let moved = world.anna.run(go(&elsewhere)).await.unwrap();
        assert_eq!(
            moved.joined.attention.awaiting_since, None,
            "closing ended it"
        );
    })
    .await;
}
