//! Rows C13 and H6: the audit, and following events in process.

use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::on_every_store;

#[tokio::test]
async fn events_are_gap_free_and_a_follower_resumes_where_it_stopped() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let mut follower = world.desk.subscribe(world.workspace, Seq(0));
        let mut seen = Vec::new();
        while let Some(event) = follower.try_next().await.unwrap() {
            seen.push(event);
        }
        drop(follower);
        world.anna.run(Reply::new(&case, "y")).await.unwrap();
        let last = seen.last().unwrap().seq;
        let mut follower = world.desk.subscribe(world.workspace, last);
        let next = follower.next().await.unwrap();
        assert_eq!(next.seq.0, last.0 + 1);
        assert_eq!((next.what, next.case), (What::EntryAdded, Some(case.id)));
        let order: Vec<_> = seen.iter().map(|event| event.seq.0).collect();
        assert_eq!(order, (1..=last.0).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_follower_that_waits_is_woken() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let mut follower = world.desk.subscribe(world.workspace, Seq(0));
        while follower.try_next().await.unwrap().is_some() {}
        let (event, said) = tokio::join!(follower.next(), world.anna.run(Reply::new(&case, "y")));
        assert_eq!(event.unwrap().about, said.unwrap().entry.key());
    })
    .await;
}

#[tokio::test]
async fn the_audit_says_who_when_and_from_what_to_what() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let at = world.minute();
        let mut patch = PatchCase::of(&case);
        patch.priority = Some(Priority::Urgent);
        world.anna.run(patch).await.unwrap();
        let event = world
            .ben
            .run(ReadAudit::of(case.id))
            .await
            .unwrap()
            .events
            .remove(0);
        assert_eq!((event.actor, event.at), (Actor::Agent(world.anna_id), at));
        assert_eq!(event.operation, "patch_case");
        assert_eq!(
            event.changes,
            [FieldChange::new("priority", "normal", "urgent")]
        );
    })
    .await;
}

#[tokio::test]
async fn the_audit_of_the_workspace_needs_the_right_to_supervise() {
    on_every_store(|world| async move {
        let mut all = ReadAudit::of(world.mail("Printer", "x").await.id);
        all.case = None;
        assert!(world.anna.run(all.clone()).await.is_err());
        all.limit = 3;
        let mut seen = Vec::new();
        loop {
            let page = world.supervisor.run(all.clone()).await.unwrap();
            seen.extend(page.events.iter().map(|event| event.seq.0));
            all.after = page.next;
            if all.after.is_none() {
                break;
            }
        }
        assert_eq!(seen, (1..=seen[0]).rev().collect::<Vec<_>>());
    })
    .await;
}
