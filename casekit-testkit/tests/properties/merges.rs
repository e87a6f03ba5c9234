//! Rows C8: whatever was said in two cases, a merge loses nothing and doubles nothing, and undoing it
//! gives both back what they had.

use std::collections::{BTreeMap, BTreeSet};

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;
use proptest::prelude::*;

use crate::in_a_world;
use crate::world::World;

/// Something said in one of two cases.
#[derive(Debug, Clone, Copy)]
enum Say {
    Customer,
    Reply,
    Note,
    Call,
    Close,
    Tag(u8),
}

fn script() -> impl Strategy<Value = Vec<(bool, Say, i64)>> {
    let say = prop_oneof![
        Just(Say::Customer),
        Just(Say::Reply),
        Just(Say::Note),
        Just(Say::Call),
        Just(Say::Close),
        (0..3_u8).prop_map(Say::Tag),
    ];
    proptest::collection::vec((any::<bool>(), say, 0..3_i64), 0..25)
}

async fn play(world: &World, case: &Case, say: Say) {
    let reference = CaseRef::from(case);
    match say {
        Say::Customer => drop(
            world
                .system
                .run(ReceiveMessage::new(reference, "hello"))
                .await
                .unwrap(),
        ),
        Say::Reply => drop(world.anna.run(Reply::new(reference, "yes")).await.unwrap()),
        Say::Note => {
            let note = AddNote::new(reference, "odd");
            drop(world.anna.run(note).await.unwrap());
        }
        Say::Call => {
            let now = casekit_core::port::Clock::now(&world.clock);
            let call = LogCall {
                case: reference,
                direction: CallDirection::Inbound,
                caller: String::new(),
                called: String::new(),
                started_at: now,
                ended_at: now,
                outcome: CallOutcome::Answered,
                notes: String::new(),
                recording: None,
            };
            drop(world.anna.run(call).await.unwrap());
        }
        // A case that is closed already stays so.
        Say::Close => drop(world.anna.run(CloseCase::new(reference, "")).await),
        Say::Tag(tag) => {
            let add = [format!("t{tag}")].into();
            let tag = TagCase {
                case: reference,
                add,
                remove: BTreeSet::new(),
            };
            drop(world.anna.run(tag).await.unwrap());
        }
    }
}

/// What was said in a case: without its history, which stays with it.
async fn said(world: &World, case: &Case) -> BTreeMap<EntryId, (Time, Body, Option<Time>)> {
    let thread = world.thread(case).await.into_iter();
    let said = thread.filter(|entry| !matches!(entry.body, Body::Happening(_)));
    said.map(|entry| (entry.id, (entry.at, entry.body, entry.ended_wait)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn merging_keeps_everything_and_undoing_it_restores_both(script in script()) {
        in_a_world(|world| async move {
            let target = world.mail("A", "one").await;
            let duplicate = world.mail("B", "two").await;
            for (of_target, say, minutes) in script {
                world.minutes(minutes);
                play(&world, if of_target { &target } else { &duplicate }, say).await;
            }
            world.minute();
            let before = (world.case(&target).await, world.case(&duplicate).await);
            let threads = (said(&world, &target).await, said(&world, &duplicate).await);
            let merge = MergeCases { duplicate: (&duplicate).into(), into: (&target).into() };
            if before.0.status == Status::Closed && before.1.status == Status::Active {
                let refused = world.supervisor.run(merge).await.unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::Conflict);
                return;
            }
            let merged = world.supervisor.run(merge).await.unwrap();
            let all = said(&world, &target).await;
            let ids = |thread: &BTreeMap<EntryId, _>| thread.keys().copied().collect::<BTreeSet<_>>();
            let both: BTreeSet<_> = threads.0.keys().chain(threads.1.keys()).copied().collect();
            assert_eq!(ids(&all), both);
            assert_eq!(merged.tags, before.0.tags.union(&before.1.tags).cloned().collect());
            assert!(world.thread(&target).await.is_sorted_by_key(|entry| (entry.at, entry.id)));
            let undo = UndoMerge { duplicate: duplicate.id.into() };
            world.supervisor.run(undo).await.unwrap();
            let after = (world.case(&target).await, world.case(&duplicate).await);
            assert_eq!((said(&world, &target).await, said(&world, &duplicate).await), threads);
            for (before, after) in [(before.0, after.0), (before.1, after.1)] {
                assert_eq!(after.attention, before.attention);
                assert_eq!((after.status, after.stage, after.closing), (before.status, before.stage, before.closing));
                assert_eq!((after.tags, after.operators), (before.tags, before.operators));
                assert_eq!((after.exchanges, after.merged_into), (before.exchanges, None));
            }
        });
    }
}
