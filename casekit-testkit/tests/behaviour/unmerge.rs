//! Semantics: "Merge, split, link": undoing a merge.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::merge::{merge, undo};
use crate::world::{on_every_store, refused, text};

fn tag(case: &Case, add: &[&str], remove: &[&str]) -> TagCase {
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    TagCase {
        case: case.into(),
        add: tags(add),
        remove: tags(remove),
    }
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
        world.leaves(world.ben_id).await;
        let undo = UndoMerge {
            duplicate: (&case).into(),
        };
        let back = world.supervisor.run(undo).await.unwrap();
        assert_eq!((back.stage.as_str(), back.assignee), ("new", None));
    })
    .await;
}

#[tokio::test]
async fn undoing_a_merge_takes_only_what_no_other_merge_and_no_hand_has_given() {
    on_every_store(|world| async move {
        let target = world.mail("T", "x").await;
        let (first, second) = (world.mail("A", "x").await, world.mail("B", "x").await);
        let other = world.mail("C", "x").await;
        for case in [&first, &second] {
            world
                .anna
                .run(tag(case, &["vip", "odd"], &[]))
                .await
                .unwrap();
            let operator = AddOperator {
                case: case.into(),
                operator: world.ben_id,
            };
            world.anna.run(operator).await.unwrap();
            let link = LinkCases {
                case: case.into(),
                to: (&other).into(),
                relation: RelationKind::Linked,
                shown: [].into(),
            };
            world.anna.run(link).await.unwrap();
            world.supervisor.run(merge(case, &target)).await.unwrap();
        }
        let by_hand = [tag(&target, &[], &["odd"]), tag(&target, &["odd"], &[])];
        for edit in by_hand {
            world.anna.run(edit).await.unwrap();
        }
        world.supervisor.run(undo(&first)).await.unwrap();
        let left = world.case(&target).await;
        assert_eq!(left.tags, ["odd".to_owned(), "vip".to_owned()].into());
        assert_eq!(left.operators, [world.ben_id].into());
        let linked = async |case: &Case| {
            let related = world.anna.run(RelatedCases { case: case.into() }).await;
            let related = related.unwrap().into_iter().map(|related| related.other.id);
            related.collect::<Vec<_>>()
        };
        assert_eq!(linked(&first).await, [other.id]);
        assert_eq!(
            linked(&target).await,
            [other.id],
            "the second is still part of it"
        );
        world.supervisor.run(undo(&second)).await.unwrap();
        let left = world.case(&target).await;
        assert_eq!(
            (left.tags, left.operators),
            (["odd".to_owned()].into(), [].into())
        );
        assert_eq!(linked(&second).await, [other.id]);
        assert_eq!(linked(&target).await, []);
        let audit = world.anna.run(ReadAudit::of(target.id)).await.unwrap();
        let lost = audit
            .events
            .iter()
            .find(|event| event.what == What::MergeUndone);
        let fields: Vec<_> = lost
            .unwrap()
            .changes
            .iter()
            .map(|change| change.field.as_str())
            .collect();
        assert_eq!(fields, ["merged", "operators", "tags"]);
    })
    .await;
}
