//! Semantics: "Merge, split, link": merging and undoing it.

use std::sync::Arc;

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;
use casekit_core::{Change, ChangeSet};
use casekit_memory::MemoryStore;

use crate::world::{World, on_every_store, refused, text};

pub(crate) fn merge(duplicate: &Case, into: &Case) -> MergeCases {
    MergeCases {
        duplicate: duplicate.into(),
        into: into.into(),
    }
}

pub(crate) fn undo(duplicate: &Case) -> UndoMerge {
    UndoMerge {
        duplicate: duplicate.id.into(),
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
async fn a_merge_shows_nobody_more_than_they_were_shown() {
    on_every_store(|world| async move {
        let (shown, target) = (world.mail("D", "x").await, world.mail("T", "secret").await);
        let of_dirk = world.mail_of(world.dirk, "Dirk's", "x").await;
        let link = LinkCases {
            case: (&shown).into(),
            to: (&of_dirk).into(),
            relation: RelationKind::Linked,
            shown: [Shown::Case, Shown::To].into(),
        };
        let relation = world.anna.run(link).await.unwrap();
        let merged = merge(&shown, &target);
        world.supervisor.run(merged).await.unwrap();
        let dirk = world.customer(world.dirk);
        let linked = MyLinkedCases {
            case: of_dirk.id.into(),
        };
        assert!(dirk.run(linked).await.unwrap().is_empty());
        let related = RelatedCases {
            case: (&target).into(),
        };
        let related = world.anna.run(related).await.unwrap();
        assert_eq!(related[0].relation.shown, [of_dirk.id].into());
        world.supervisor.run(undo(&shown)).await.unwrap();
        let linked = dirk.run(linked).await.unwrap();
        assert_eq!(linked.len(), 1);
        let related = RelatedCases {
            case: (&shown).into(),
        };
        let related = world.anna.run(related).await.unwrap();
        assert_eq!(related[0].relation.shown, relation.shown);
    })
    .await;
}

/// Relates `case` to so many others that are not there any more.
pub(crate) async fn relate_to_many(world: &World, case: &Case, many: usize) {
    let relation = |_| {
        let relation = Relation {
            id: RelationId(world.desk.new_id()),
            workspace: world.workspace,
            version: Version(1),
            case: case.id,
            to: CaseId(world.desk.new_id()),
            relation: RelationKind::FollowUpOf,
            shown: [].into(),
            created_at: case.opened_at,
        };
        Change::Create(relation.into())
    };
    let changes = ChangeSet {
        id: world.desk.new_id(),
        workspace: world.workspace,
        changes: (0..many).map(relation).collect(),
        events: Vec::new(),
    };
    world.store.commit(changes).await.unwrap();
}

#[tokio::test]
async fn cases_with_too_many_relations_together_are_not_merged_and_none_is_locked_by_them() {
    on_every_store(|world| async move {
        let (one, other) = (world.mail("D", "x").await, world.mail("T", "x").await);
        relate_to_many(&world, &one, 1_001).await;
        relate_to_many(&world, &other, 10).await;
        let merged = world.supervisor.run(merge(&one, &other)).await;
        refused(merged, ErrorKind::Limit);
        let related = RelatedCases {
            case: (&one).into(),
        };
        world.anna.run(related).await.unwrap();
        let delete = DeleteCase {
            case: (&one).into(),
        };
        world.admin.run(delete).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_case_is_as_old_as_the_oldest_that_was_merged_into_it() {
    on_every_store(|world| async move {
        let older = world.mail("D", "x").await;
        world.minute();
        let target = world.mail("T", "x").await;
        world.minute();
        let newer = world.mail("E", "x").await;
        let replied = Reply::new(&older, "Yes");
        world.anna.run(replied).await.unwrap();
        world.supervisor.run(merge(&older, &target)).await.unwrap();
        let merged = merge(&newer, &target);
        let merged = world.supervisor.run(merged).await.unwrap();
        assert_eq!(merged.opened_at, older.opened_at);
        assert_eq!(merged.first_reply_ms(), Some(120_000));
        world.supervisor.run(undo(&older)).await.unwrap();
        assert_eq!(world.case(&target).await.opened_at, target.opened_at);
        assert_eq!(world.case(&older).await.opened_at, older.opened_at);
    })
    .await;
}

#[tokio::test]
async fn drafts_that_are_too_long_together_are_not_put_together() {
    on_every_store(|world| async move {
        let (duplicate, target) = (world.mail("D", "x").await, world.mail("T", "x").await);
        let draft = |case: &Case, length| SaveDraft {
            case: case.into(),
            purpose: DraftPurpose::Reply,
            text: "x".repeat(length),
        };
        for case in [&duplicate, &target] {
            world.anna.run(draft(case, 300_000)).await.unwrap();
        }
        let together = merge(&duplicate, &target);
        let refusal = refused(world.supervisor.run(together).await, ErrorKind::Limit);
        assert!(refusal.to_string().contains("Anna Agent"), "{refusal}");
        world.anna.run(draft(&target, 10)).await.unwrap();
        world
            .supervisor
            .run(merge(&duplicate, &target))
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_number_resolves_however_often_its_case_was_merged_on() {
    on_every_store(|world| async move {
        let first = world.mail("1", "x").await;
        let (mut before, mut last) = (first.clone(), first.clone());
        for _ in 0..40 {
            let next = world.mail("Next", "x").await;
            world.supervisor.run(merge(&last, &next)).await.unwrap();
            (before, last) = (last, next);
        }
        let get = GetCase {
            case: first.number.into(),
        };
        assert_eq!(world.anna.run(get).await.unwrap().id, last.id);
        world.supervisor.run(undo(&before)).await.unwrap();
        assert_eq!(world.anna.run(get).await.unwrap().id, before.id);
    })
    .await;
}

/// Copies of the last entry of `case`.
async fn fill(world: &World, case: &Case, many: usize) {
    let entry = world.thread(case).await.pop().unwrap();
    let copies = (0..many).map(|_| {
        let mut copy = entry.clone();
        copy.id = EntryId(world.desk.new_id());
        Change::Create(copy.into())
    });
    let changes = ChangeSet {
        id: world.desk.new_id(),
        workspace: world.workspace,
        changes: copies.collect(),
        events: Vec::new(),
    };
    world.store.commit(changes).await.unwrap();
}

#[tokio::test]
async fn cases_with_too_many_entries_together_are_not_merged() {
    // The bound is the core's, not a store's.
    let world = World::on(Arc::new(MemoryStore::new()), 7).await;
    let (one, two) = (world.mail("One", "x").await, world.mail("Two", "y").await);
    fill(&world, &one, 5_000).await;
    fill(&world, &two, 5_000).await;
    let error = refused(
        world.supervisor.run(merge(&one, &two)).await,
        ErrorKind::Limit,
    );
    let said = "case 2 would have more than 10000 entries";
    assert_eq!(error.message(), said);
    assert_eq!(world.case(&one).await.number, 1, "nothing was merged");
}
