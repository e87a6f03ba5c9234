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

/// Something done with the threads of several cases.
#[derive(Debug, Clone, Copy)]
enum Do {
    Say(usize, Say),
    LateCall(usize),
    Merge(usize, usize),
    Undo(usize),
    Move(usize, usize),
    Split(usize),
}

const CASES: usize = 4;

fn plot() -> impl Strategy<Value = Vec<(Do, i64)>> {
    let case = || 0..CASES;
    let say = prop_oneof![
        3 => Just(Say::Customer),
        3 => Just(Say::Reply),
        1 => Just(Say::Call),
        1 => Just(Say::Close),
    ];
    let step = prop_oneof![
        4 => (case(), say).prop_map(|(case, say)| Do::Say(case, say)),
        1 => case().prop_map(Do::LateCall),
        3 => (case(), case()).prop_map(|(one, other)| Do::Merge(one, other)),
        2 => case().prop_map(Do::Undo),
        2 => (case(), case()).prop_map(|(one, other)| Do::Move(one, other)),
        1 => case().prop_map(Do::Split),
    ];
    proptest::collection::vec((step, 1..4_i64), 1..16)
}

/// A case that is worked on, with its thread.
async fn whole(
    world: &World,
    case: &Case,
) -> (
    Attention,
    Time,
    BTreeMap<EntryId, (Time, Body, Option<Time>)>,
) {
    let now = world.case(case).await;
    let said = said(world, &now).await;
    (now.attention, now.opened_at, said)
}

/// Has the attention of a case derived anew, by an activity without entries that comes and goes.
async fn derive_anew(world: &World, case: &Case, aside: &Case) {
    let record = RecordActivity::new(case, Medium::Visit);
    let activity = world.anna.run(record).await.unwrap().id;
    let to_case = aside.into();
    world
        .anna
        .run(MoveActivity { activity, to_case })
        .await
        .unwrap();
}

/// Whether nothing in the thread of `case` came from `other`.
async fn never_in(world: &World, case: &Case, other: &Case) -> bool {
    let thread = world.thread(case).await;
    let mut stays = thread.iter().flat_map(|entry| &entry.was_in);
    stays.all(|stay| stay.case != other.id)
}

/// What was said last in a case.
async fn last_said(world: &World, case: &Case) -> Option<Entry> {
    let mut thread = world.thread(case).await.into_iter().rev();
    thread.find(|entry| entry.activity.is_some())
}

async fn carry_out(world: &World, cases: &[Case], step: Do) {
    match step {
        Do::Say(case, say) => play(world, &cases[case], say).await,
        Do::LateCall(case) => {
            let now = casekit_core::port::Clock::now(&world.clock);
            let ended_at = now - chrono::TimeDelta::minutes(5);
            let call = LogCall {
                case: (&cases[case]).into(),
                direction: CallDirection::Outbound,
                caller: String::new(),
                called: String::new(),
                started_at: ended_at,
                ended_at,
                outcome: CallOutcome::Answered,
                notes: String::new(),
                recording: None,
            };
            drop(world.anna.run(call).await.unwrap());
        }
        Do::Merge(duplicate, into) => {
            let (duplicate, into) = (&cases[duplicate], &cases[into]);
            let before = (world.case(duplicate).await, world.case(into).await);
            let threads = (whole(world, duplicate).await, whole(world, into).await);
            let apart =
                never_in(world, into, duplicate).await && never_in(world, duplicate, into).await;
            let merge = MergeCases {
                duplicate: duplicate.into(),
                into: into.into(),
            };
            // What is merged already, closed or the case itself is refused.
            let Ok(merged) = world.supervisor.run(merge).await else {
                return;
            };
            let waits = [&before.0, &before.1]
                .into_iter()
                .filter_map(|case| case.attention.awaiting_since);
            // What one had answered may have gone to the other, and answers it there.
            if apart {
                assert_eq!(merged.attention.awaiting_since, waits.min());
            }
            let undo = UndoMerge {
                duplicate: duplicate.id.into(),
            };
            world.supervisor.run(undo).await.unwrap();
            assert_eq!(
                (whole(world, duplicate).await, whole(world, into).await),
                threads
            );
            world.minute();
            world.supervisor.run(merge).await.unwrap();
        }
        // What was not merged, or was merged on, is refused.
        Do::Undo(case) => {
            let undo = UndoMerge {
                duplicate: cases[case].id.into(),
            };
            drop(world.supervisor.run(undo).await);
        }
        Do::Move(from, to) => {
            let entry = last_said(world, &world.case(&cases[from]).await).await;
            if let Some(activity) = entry.and_then(|entry| entry.activity) {
                let to_case = (&cases[to]).into();
                drop(world.anna.run(MoveActivity { activity, to_case }).await);
            }
        }
        Do::Split(case) => {
            if let Some(entry) = last_said(world, &world.case(&cases[case]).await).await {
                let split = SplitCase {
                    case: (&cases[case]).into(),
                    entries: [entry.id].into(),
                    activity: None,
                    subject: "Part".into(),
                };
                world.anna.run(split).await.unwrap();
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_was_merged_undone_moved_and_split_attention_follows_from_what_was_said(plot in plot()) {
        in_a_world(|world| async move {
            let aside = world.anna.run(OpenCase::new(world.carla, "Aside")).await.unwrap();
            let mut cases = Vec::new();
            for subject in ["A", "B", "C"] {
                world.minute();
                cases.push(world.mail(subject, "x").await);
            }
            world.minute();
            cases.push(world.system.run(OpenCase::new(world.carla, "A form")).await.unwrap());
            for (step, minutes) in plot {
                world.minutes(minutes);
                carry_out(&world, &cases, step).await;
                world.minute();
                for case in &cases {
                    let case = world.case(case).await;
                    let before = whole(&world, &case).await;
                    derive_anew(&world, &case, &aside).await;
                    assert_eq!(whole(&world, &case).await, before, "after {step:?}");
                }
            }
        });
    }
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
