//! Semantics: "Merge, split, link": merging and undoing it.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;
use casekit_core::{Change, ChangeSet};

use crate::world::{World, on_every_store, refused, text};

pub(crate) fn merge(duplicate: &Case, into: &Case) -> MergeCases {
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
        world.leaves(world.ben_id).await;
        let undo = UndoMerge {
            duplicate: (&case).into(),
        };
        let back = world.supervisor.run(undo).await.unwrap();
        assert_eq!((back.stage.as_str(), back.assignee), ("new", None));
    })
    .await;
}

pub(crate) fn undo(duplicate: &Case) -> UndoMerge {
    UndoMerge {
        duplicate: duplicate.id.into(),
    }
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

fn tag(case: &Case, add: &[&str], remove: &[&str]) -> TagCase {
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    TagCase {
        case: case.into(),
        add: tags(add),
        remove: tags(remove),
    }
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
