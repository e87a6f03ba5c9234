//! Eight at once: of those who want the same one gets it, and nothing that others did is lost.

use std::collections::BTreeSet;

use casekit_core::ErrorKind;
use casekit_core::desk::AgentSession;
use casekit_core::model::*;
use casekit_core::operations::*;
use tokio::task::JoinSet;

use crate::world::{World, on_every_store};

const THREADS: usize = 8;

/// How often each does what it does.
const EACH: usize = 6;

/// The agents who work at the same time.
async fn agents(world: &World) -> Vec<AgentSession> {
    let mut agents = Vec::new();
    for number in 0..THREADS {
        let email = format!("agent-{number}@acme.example");
        let agent = CreateAgent::new("Agent", &email, Role::Agent);
        let agent = world.admin.run(agent).await.unwrap().id;
        agents.push(world.desk.agent(world.workspace, agent));
    }
    agents
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn eight_who_open_cases_get_numbers_of_their_own_without_a_gap() {
    on_every_store(|world| async move {
        let mut opening = JoinSet::new();
        for agent in agents(&world).await {
            let customer = world.carla;
            opening.spawn(async move {
                let mut numbers = Vec::new();
                for _ in 0..EACH {
                    let open = OpenCase::new(customer, "Help");
                    numbers.push(agent.run(open).await.unwrap().number);
                }
                numbers
            });
        }
        let numbers: Vec<u64> = opening.join_all().await.concat();
        let all = (THREADS * EACH) as u64;
        assert_eq!(numbers.len() as u64, all);
        let distinct: BTreeSet<u64> = numbers.into_iter().collect();
        assert_eq!(distinct, (1..=all).collect());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_eight_who_take_a_case_one_gets_it() {
    on_every_store(|world| async move {
        let mut cases = Vec::new();
        for _ in 0..EACH {
            cases.push(world.mail("Help", "Help!").await);
        }
        let mut taking = JoinSet::new();
        for agent in agents(&world).await {
            let wanted: Vec<CaseRef> = cases.iter().map(CaseRef::from).collect();
            taking.spawn(async move {
                let mut taken = Vec::new();
                for case in wanted {
                    match agent.run(TakeCase { case }).await {
                        Ok(case) => taken.push((case.number, agent.actor().agent())),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict),
                    }
                }
                taken
            });
        }
        let taken = taken_by(taking.join_all().await.concat());
        assert_eq!(taken.len(), EACH, "each case has one who took it");
        for (number, by) in taken {
            let case = world
                .system
                .run(GetCase {
                    case: number.into(),
                })
                .await;
            assert_eq!(case.unwrap().assignee, by);
        }
    })
    .await;
}

/// Who took which case, each of which must be there once.
fn taken_by(mut taken: Vec<(u64, Option<AgentId>)>) -> Vec<(u64, Option<AgentId>)> {
    taken.sort_unstable();
    let before = taken.len();
    taken.dedup_by_key(|(number, _)| *number);
    assert_eq!(taken.len(), before, "a case was taken twice");
    taken
}

/// An edit of the field that is the `writer`'s own.
fn edit(case: &Case, writer: usize, round: usize) -> PatchCase {
    let mut patch = PatchCase::of(case);
    let text = format!("{writer} {round}");
    match writer {
        0 => patch.subject = Some(text),
        1 => patch.description = Some(text),
        2 => patch.notes = Some(text),
        3 => patch.tags = Some([text].into()),
        4 => patch.language = Some(Some(["de", "en", "es", "fr", "it", "nl"][round].to_owned())),
        5 => patch.flagged = Some(round.is_multiple_of(2)),
        6 => patch.priority = Some([Priority::High, Priority::Low][round % 2]),
        _ => patch.custom = [("seats".to_owned(), Some(FieldValue::Number(round as f64)))].into(),
    }
    patch
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn what_eight_edit_in_different_fields_is_all_there() {
    on_every_store(|world| async move {
        let seats = DefineField::new(FieldTarget::Case, "seats", "Seats", FieldType::Number);
        world.admin.run(seats).await.unwrap();
        let case = world.mail("Help", "Help!").await;
        let mut editing = JoinSet::new();
        for (writer, agent) in agents(&world).await.into_iter().enumerate() {
            let mut seen = case.clone();
            editing.spawn(async move {
                for round in 0..EACH {
                    seen = agent.run(edit(&seen, writer, round)).await.unwrap();
                }
            });
        }
        editing.join_all().await;
        let now = world
            .system
            .run(GetCase {
                case: case.id.into(),
            })
            .await
            .unwrap();
        let last = EACH - 1;
        assert_eq!(now.subject, format!("0 {last}"));
        assert_eq!(now.description, format!("1 {last}"));
        assert_eq!(now.notes, format!("2 {last}"));
        assert_eq!(now.tags, [format!("3 {last}")].into());
        assert_eq!(now.language.as_deref(), Some("nl"));
        assert!(!now.flagged);
        assert_eq!(now.priority, Priority::Low);
        assert_eq!(
            now.custom.get("seats"),
            Some(&FieldValue::Number(last as f64))
        );
        assert_eq!(now.version.0, case.version.0 + (THREADS * EACH) as u64);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_eight_who_edit_a_field_that_they_saw_alike_one_is_heard() {
    on_every_store(|world| async move {
        let case = world.mail("Help", "Help!").await;
        let mut editing = JoinSet::new();
        for (writer, agent) in agents(&world).await.into_iter().enumerate() {
            let mut patch = PatchCase::of(&case);
            patch.subject = Some(format!("by {writer}"));
            editing.spawn(async move { agent.run(patch).await });
        }
        let (heard, refused): (Vec<_>, Vec<_>) = editing
            .join_all()
            .await
            .into_iter()
            .partition(Result::is_ok);
        assert_eq!((heard.len(), refused.len()), (1, THREADS - 1));
        for error in refused {
            assert_eq!(error.unwrap_err().kind(), ErrorKind::Conflict);
        }
    })
    .await;
}
