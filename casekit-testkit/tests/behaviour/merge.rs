//! Semantics: "Merge, split, link": merging and undoing it.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{on_every_store, refused, text};

fn merge(duplicate: &Case, into: &Case) -> MergeCases {
    MergeCases {
        duplicate: duplicate.into(),
        into: into.into(),
    }
}

#[tokio::test]
async fn the_thread_is_interleaved_by_time_and_the_duplicate_redirects() {
    on_every_store(|world| async move {
        let target = world.mail("Printer", "one").await;
        world.minute();
        let duplicate = world.mail("Printer!", "two").await;
        world.minute();
        world.anna.run(Reply::new(&target, "three")).await.unwrap();
        world.minute();
        world
            .system
            .run(ReceiveMessage::new(&duplicate, "four"))
            .await
            .unwrap();
        refused(
            world.anna.run(merge(&duplicate, &target)).await,
            ErrorKind::Denied,
        );
        let merged = world
            .supervisor
            .run(merge(&duplicate, &target))
            .await
            .unwrap();
        let thread = world.thread(&target).await;
        let said: Vec<_> = thread
            .iter()
            .map(text)
            .filter(|text| !text.is_empty())
            .collect();
        assert_eq!(said, ["one", "two", "three", "four"]);
        assert_eq!(merged.attention.messages, 4);
        assert!(
            merged.attention.awaiting_since.is_some(),
            "four has no answer yet"
        );
        let by_number = GetCase {
            case: duplicate.number.into(),
        };
        assert_eq!(world.anna.run(by_number).await.unwrap().id, target.id);
        let received = world
            .system
            .run(ReceiveMessage::new(duplicate.number, "five"))
            .await
            .unwrap();
        assert_eq!(received.case.id, target.id);
        let listed = world.anna.run(FindCases::default()).await.unwrap();
        assert_eq!(listed.cases.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn activities_tags_operators_drafts_and_relations_follow_without_doubles() {
    on_every_store(|world| async move {
        let (a, b, c) = (
            world.mail("A", "x").await,
            world.mail("B", "x").await,
            world.mail("C", "x").await,
        );
        for case in [&a, &b] {
            let link = LinkCases {
                case: case.into(),
                to: (&c).into(),
                relation: RelationKind::Linked,
                shown: [].into(),
            };
            world.anna.run(link).await.unwrap();
        }
        let between = LinkCases {
            case: (&a).into(),
            to: (&b).into(),
            relation: RelationKind::DuplicateOf,
            shown: [].into(),
        };
        world.anna.run(between).await.unwrap();
        let tag = TagCase {
            case: (&a).into(),
            add: ["hot".to_owned()].into(),
            remove: [].into(),
        };
        world.anna.run(tag).await.unwrap();
        let operator = AddOperator {
            case: (&a).into(),
            operator: world.ben_id,
        };
        world.anna.run(operator).await.unwrap();
        let purpose = DraftPurpose::Reply;
        for (case, text) in [(&a, "from a"), (&b, "from b")] {
            let save = SaveDraft {
                case: case.into(),
                purpose,
                text: text.into(),
            };
            world.anna.run(save).await.unwrap();
        }
        let merged = world.supervisor.run(merge(&a, &b)).await.unwrap();
        assert_eq!(merged.tags, ["hot".to_owned()].into());
        assert_eq!(merged.operators, [world.ben_id].into());
        let related = world
            .anna
            .run(RelatedCases { case: (&b).into() })
            .await
            .unwrap();
        assert_eq!(related.len(), 1, "linked to C once, and not to itself");
        let draft = world
            .anna
            .run(GetDraft {
                case: (&b).into(),
                purpose,
            })
            .await
            .unwrap()
            .unwrap();
        assert!(draft.text.contains("from a") && draft.text.contains("from b"));
    })
    .await;
}

#[tokio::test]
async fn undoing_a_merge_gives_both_cases_back_what_they_had() {
    on_every_store(|world| async move {
        let target = world.mail("Printer", "one").await;
        world.minute();
        let duplicate = world.mail("Printer!", "two").await;
        world.minute();
        world
            .anna
            .run(Reply::new(&duplicate, "three"))
            .await
            .unwrap();
        let before = (world.case(&target).await, world.case(&duplicate).await);
        let texts = |thread: Vec<Entry>| -> Vec<String> {
            let said = thread.iter().map(text).filter(|text| !text.is_empty());
            said.map(str::to_owned).collect()
        };
        world
            .supervisor
            .run(merge(&duplicate, &target))
            .await
            .unwrap();
        world.minute();
        world
            .system
            .run(ReceiveMessage::new(&target, "since"))
            .await
            .unwrap();
        let undone = world
            .supervisor
            .run(UndoMerge {
                duplicate: duplicate.number.into(),
            })
            .await
            .unwrap();
        assert_eq!(undone.attention, before.1.attention);
        assert_eq!((undone.status, undone.merged_into), (Status::Active, None));
        assert_eq!(texts(world.thread(&duplicate).await), ["two", "three"]);
        assert_eq!(texts(world.thread(&target).await), ["one", "since"]);
        let target_now = world.case(&target).await;
        assert_eq!(
            target_now.attention.awaiting_since,
            before.0.attention.awaiting_since
        );
        let again = UndoMerge {
            duplicate: duplicate.number.into(),
        };
        refused(world.supervisor.run(again).await, ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn a_case_is_not_merged_into_itself_not_even_by_way_of_another() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        refused(
            world.supervisor.run(merge(&a, &a)).await,
            ErrorKind::Invalid,
        );
        world.supervisor.run(merge(&a, &b)).await.unwrap();
        refused(
            world.supervisor.run(merge(&b, &a)).await,
            ErrorKind::Invalid,
        );
        refused(
            world.supervisor.run(merge(&a, &b)).await,
            ErrorKind::Conflict,
        );
    })
    .await;
}

#[tokio::test]
async fn a_merge_into_a_merged_case_goes_where_that_one_went() {
    on_every_store(|world| async move {
        let (a, b, c) = (
            world.mail("A", "x").await,
            world.mail("B", "x").await,
            world.mail("C", "x").await,
        );
        world.supervisor.run(merge(&a, &b)).await.unwrap();
        let merged = world.supervisor.run(merge(&c, &a)).await.unwrap();
        assert_eq!(merged.id, b.id);
    })
    .await;
}

#[tokio::test]
async fn of_opposite_merges_at_once_one_wins() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        let (one, other) = tokio::join!(
            world.supervisor.run(merge(&a, &b)),
            world.admin.run(merge(&b, &a))
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    })
    .await;
}

#[tokio::test]
async fn both_sides_tell_of_it() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        world.supervisor.run(merge(&a, &b)).await.unwrap();
        for case in [&a, &b] {
            let audit = world.anna.run(ReadAudit::of(case.id)).await.unwrap();
            assert_eq!(audit.events[0].what, What::Merged);
        }
        let other = CaseName {
            id: a.id,
            number: a.number,
        };
        assert!(
            world
                .history(&b)
                .await
                .contains(&Happening::MergedFrom { other })
        );
    })
    .await;
}

#[tokio::test]
async fn cases_of_different_customers_are_not_merged_nor_a_waiting_one_into_a_closed_one() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        let other = world.mail_of(world.dirk, "C", "x").await;
        refused(
            world.supervisor.run(merge(&other, &a)).await,
            ErrorKind::Invalid,
        );
        let close = CloseCase::new(&a, "");
        world.anna.run(close).await.unwrap();
        refused(
            world.supervisor.run(merge(&b, &a)).await,
            ErrorKind::Conflict,
        );
        world.supervisor.run(merge(&a, &b)).await.unwrap();
    })
    .await;
}

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

#[tokio::test]
async fn an_edit_of_a_merged_case_does_not_reach_the_other() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        world.supervisor.run(merge(&a, &b)).await.unwrap();
        let mut patch = PatchCase::of(&a);
        patch.subject = Some("Autosaved".into());
        refused(world.anna.run(patch).await, ErrorKind::Conflict);
        refused(
            world.admin.run(DeleteCase { case: (&a).into() }).await,
            ErrorKind::Conflict,
        );
        assert_eq!(world.case(&b).await.subject, "B");
    })
    .await;
}

#[tokio::test]
async fn undoing_keeps_what_was_decided_since_on_relations() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        let (c, d) = (world.mail("C", "x").await, world.mail("D", "x").await);
        let mut relations = Vec::new();
        for to in [&c, &d] {
            let link = LinkCases {
                case: (&a).into(),
                to: to.into(),
                relation: RelationKind::Linked,
                shown: [Shown::To].into(),
            };
            relations.push(world.anna.run(link).await.unwrap());
        }
        world.supervisor.run(merge(&a, &b)).await.unwrap();
        let hide = ShowLinked {
            relation: relations[0].id,
            shown: [].into(),
        };
        world.anna.run(hide).await.unwrap();
        world
            .anna
            .run(UnlinkCases {
                relation: relations[1].id,
            })
            .await
            .unwrap();
        world
            .supervisor
            .run(UndoMerge {
                duplicate: a.id.into(),
            })
            .await
            .unwrap();
        let related = world
            .anna
            .run(RelatedCases { case: (&a).into() })
            .await
            .unwrap();
        assert_eq!(related.len(), 1, "what was unlinked stays so");
        assert_eq!(
            (related[0].other.id, related[0].relation.shown.len()),
            (c.id, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn the_number_of_a_merged_case_finds_the_one_it_went_into() {
    on_every_store(|world| async move {
        let mut cases = Vec::new();
        for _ in 0..12 {
            cases.push(world.mail("Lamp", "x").await);
        }
        let [.., first, second, third] = &cases[..] else {
            panic!("cases")
        };
        world.supervisor.run(merge(first, second)).await.unwrap();
        world.supervisor.run(merge(second, third)).await.unwrap();
        let found = async |case: &Case| {
            let search = SearchCases::new(&case.number.to_string());
            let found = world.anna.run(search).await.unwrap().found;
            let found: Vec<CaseId> = found.into_iter().map(|found| found.case.id).collect();
            found
        };
        for case in [first, second, third] {
            assert_eq!(found(case).await, [third.id]);
        }
        let carla = world.customer(world.carla);
        let find = MyCases {
            text: Some(first.number.to_string()),
            ..MyCases::default()
        };
        assert_eq!(carla.run(find).await.unwrap().cases[0].id, third.id);
        let undo = UndoMerge {
            duplicate: second.into(),
        };
        world.supervisor.run(undo).await.unwrap();
        assert_eq!(found(first).await, [second.id]);
        assert_eq!(found(second).await, [second.id]);
        assert_eq!(found(third).await, [third.id]);
    })
    .await;
}

#[tokio::test]
async fn undoing_a_merge_gives_no_retired_stage_and_no_agent_who_has_gone() {
    on_every_store(|world| async move {
        let (case, other) = (world.mail("One", "x").await, world.mail("Two", "y").await);
        let take = TakeCase {
            case: (&case).into(),
        };
        world.ben.run(take).await.unwrap();
        let set = SetStage {
            case: (&case).into(),
            stage: "on_hold".into(),
            seen: None,
        };
        world.ben.run(set).await.unwrap();
        world.supervisor.run(merge(&case, &other)).await.unwrap();
        let key = "on_hold".into();
        world.admin.run(RetireStage { key }).await.unwrap();
        let agent = world.ben_id;
        let ben = world.admin.run(GetAgent { agent }).await.unwrap();
        let mut patch = PatchAgent::of(&ben);
        patch.active = Some(false);
        world.admin.run(patch).await.unwrap();
        let undo = UndoMerge {
            duplicate: (&case).into(),
        };
        let back = world.supervisor.run(undo).await.unwrap();
        assert_eq!((back.stage.as_str(), back.assignee), ("new", None));
    })
    .await;
}
