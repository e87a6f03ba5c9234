//! Rows C13 and H6: the audit, and following events in process.

use std::collections::BTreeSet;

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::merge::{merge, undo};
use crate::world::{World, on_every_store, refused};

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
        world.anna.run(AddNote::new(&case, "y")).await.unwrap();
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
        let note = AddNote::new(&case, "y");
        let (event, said) = tokio::join!(follower.next(), world.anna.run(note));
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

#[tokio::test]
async fn what_is_created_is_told_with_what_it_was_given() {
    on_every_store(|world| async move {
        let mut open = OpenCase::new(world.carla, "Printer").customer_says("It is on fire");
        open.priority = Priority::High;
        open.tags = ["hot".to_owned()].into();
        let case = world.anna.run(open).await.unwrap();
        let mut audit = ReadAudit::of(case.id);
        audit.direction = casekit_core::query::Direction::Ascending;
        let events = world.anna.run(audit).await.unwrap().events;
        let told: Vec<(What, Vec<(&str, serde_json::Value)>)> = events
            .iter()
            .map(|event| {
                let changes = event.changes.iter();
                assert!(changes.clone().all(|change| change.before.is_null()));
                let changes = changes.map(|change| (change.field.as_str(), change.after.clone()));
                (event.what, changes.collect())
            })
            .collect();
        let at = serde_json::to_value(case.opened_at).unwrap();
        let anna = serde_json::to_value(world.anna_id).unwrap();
        assert_eq!(
            told,
            [
                (
                    What::Opened,
                    vec![
                        ("subject", "Printer".into()),
                        ("customer", serde_json::to_value(world.carla).unwrap()),
                        ("priority", "high".into()),
                        ("tags", serde_json::json!(["hot"])),
                        ("status", "active".into()),
                        ("stage", "new".into()),
                        ("owner", anna.clone()),
                        ("assignee", anna),
                    ]
                ),
                (
                    What::ActivityRecorded,
                    vec![
                        ("medium", "other".into()),
                        ("subject", "Printer".into()),
                        ("started_at", at),
                    ]
                ),
                (
                    What::EntryAdded,
                    vec![("kind", "message".into()), ("visibility", "public".into())]
                ),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn taking_tells_the_owner_that_came_of_it() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let take = TakeCase {
            case: case.id.into(),
        };
        world.anna.run(take).await.unwrap();
        let event = world.ben.run(ReadAudit::of(case.id)).await.unwrap().events;
        assert_eq!(event[0].what, What::Taken);
        assert_eq!(
            event[0].changes,
            [
                FieldChange::new("owner", (), world.anna_id),
                FieldChange::new("assignee", (), world.anna_id),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_shown_through_a_link_is_told_in_both_cases() {
    on_every_store(|world| async move {
        let (case, other) = (
            world.mail("Printer", "x").await,
            world.mail("Ink", "y").await,
        );
        let link = LinkCases {
            case: case.id.into(),
            to: other.id.into(),
            relation: RelationKind::Linked,
            shown: [].into(),
        };
        let relation = world.anna.run(link).await.unwrap();
        let show = ShowLinked {
            relation: relation.id,
            shown: [other.id].into(),
        };
        world.anna.run(show).await.unwrap();
        for case in [case, other] {
            let events = world.ben.run(ReadAudit::of(case.id)).await.unwrap().events;
            let (what, about) = (events[0].what, events[0].about);
            assert_eq!((what, about), (What::Changed, relation.key()));
            assert_eq!(events[0].changes.len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn the_audit_of_people_begins_with_what_they_were_given() {
    on_every_store(|world| async move {
        let mut create = CreateCustomer::new("Eva", "eva@example.com");
        create.external_ids = [("crm".to_owned(), "7".to_owned())].into();
        let customer = world.anna.run(create).await.unwrap();
        let mut all = ReadAudit::of(CaseId(customer.id.0));
        all.case = None;
        let event = world.supervisor.run(all).await.unwrap().events.remove(0);
        assert_eq!((event.what, event.about), (What::Created, customer.key()));
        assert_eq!(
            event.changes,
            [
                FieldChange::new("name", (), "Eva"),
                FieldChange::new("emails", (), ["eva@example.com"]),
                FieldChange::new("external_ids.crm", (), "7"),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_merge_and_its_undoing_say_from_what_to_what() {
    on_every_store(|world| async move {
        let (case, other) = (world.mail("One", "x").await, world.mail("Two", "y").await);
        world.supervisor.run(merge(&case, &other)).await.unwrap();
        world.supervisor.run(undo(&case)).await.unwrap();
        let audit = world.anna.run(ReadAudit::of(case.id)).await.unwrap().events;
        assert_eq!(
            audit[0].changes,
            [
                FieldChange::new("merged_into", other.id, ()),
                FieldChange::new("status", "closed", "active"),
                FieldChange::new("stage", "closed", "new"),
            ]
        );
        assert_eq!(
            audit[1].changes,
            [
                FieldChange::new("merged_into", (), other.id),
                FieldChange::new("status", "active", "closed"),
                FieldChange::new("stage", "new", "closed"),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_page_of_events_that_would_be_cut_is_refused() {
    on_every_store(|world| async move {
        for limit in [0, 1_001] {
            let read = ReadEvents {
                after: Seq(0),
                limit,
            };
            refused(world.supervisor.run(read).await, ErrorKind::Invalid);
        }
    })
    .await;
}

#[tokio::test]
async fn the_audit_names_the_agents_who_take_part_in_an_activity() {
    on_every_store(|world| async move {
        let case = world
            .system
            .run(OpenCase::new(world.carla, "Lamp"))
            .await
            .unwrap();
        let told = async |reader: &World, activity: ActivityId| {
            let audit = ReadAudit::of(case.id);
            let events = reader.anna.run(audit).await.unwrap().events.into_iter();
            let of_agents = events.filter(|event| event.about.id == activity.0);
            let changes = of_agents.flat_map(|event| event.changes);
            let changes: Vec<_> = changes.filter(|change| change.field == "agents").collect();
            changes
        };
        let said = world.anna.run(Reply::new(&case, "Hello")).await.unwrap();
        let activity = said.entry.activity.unwrap();
        let anna = || FieldChange::new("agents", (), [world.anna_id]);
        assert_eq!(told(&world, activity).await, [anna()]);
        world.ben.run(Reply::new(&case, "And more")).await.unwrap();
        let both = BTreeSet::from([world.anna_id, world.ben_id]);
        let ben = FieldChange::new("agents", [world.anna_id], both);
        assert_eq!(told(&world, activity).await, [ben, anna()]);
    })
    .await;
}

#[tokio::test]
async fn the_audit_of_both_cases_tells_of_an_activity_that_was_split_off() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let activity = world.first_activity(&case).await;
        let split = SplitCase {
            case: (&case).into(),
            entries: [].into(),
            activity: Some(activity),
            subject: "Phone".into(),
        };
        let new = world.anna.run(split).await.unwrap();
        for id in [case.id, new.id] {
            let events = world.ben.run(ReadAudit::of(id)).await.unwrap().events;
            let mut moves = events
                .into_iter()
                .filter(|event| event.what == What::ActivityMoved);
            let told = moves.next().unwrap();
            assert_eq!(told.about.id, activity.0);
            assert_eq!(
                told.changes,
                [FieldChange::new("case", case.id, new.id)],
                "{id}"
            );
            assert!(moves.next().is_none());
        }
    })
    .await;
}

#[tokio::test]
async fn the_audit_of_a_related_case_tells_what_a_merge_does_to_the_relation() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        let (only, both) = (world.mail("C", "x").await, world.mail("D", "x").await);
        let link = async |case: &Case, to: &Case| {
            let link = LinkCases {
                case: case.into(),
                to: to.into(),
                relation: RelationKind::Linked,
                shown: [].into(),
            };
            world.anna.run(link).await.unwrap()
        };
        let moved = link(&a, &only).await;
        let left_out = link(&a, &both).await;
        link(&b, &both).await;
        let told = async |case: &Case, relation: &Relation| {
            let events = world.ben.run(ReadAudit::of(case.id)).await.unwrap().events;
            assert_eq!(events[0].about, relation.key());
            let change = events[0].changes[0].clone();
            (change.before, change.after)
        };
        let end = |value: &serde_json::Value| value["case"].clone();
        let (a_id, b_id) = (serde_json::json!(a.id), serde_json::json!(b.id));
        world.supervisor.run(merge(&a, &b)).await.unwrap();
        let (before, after) = told(&only, &moved).await;
        assert_eq!((end(&before), end(&after)), (a_id.clone(), b_id.clone()));
        let (before, after) = told(&both, &left_out).await;
        assert_eq!((end(&before), after), (a_id.clone(), ().into()));
        world.supervisor.run(undo(&a)).await.unwrap();
        let (before, after) = told(&only, &moved).await;
        assert_eq!((end(&before), end(&after)), (b_id, a_id.clone()));
        let (before, after) = told(&both, &left_out).await;
        assert_eq!((before, end(&after)), (().into(), a_id));
    })
    .await;
}
