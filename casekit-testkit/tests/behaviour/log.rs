//! Row I5: importing event logs.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;
use chrono::{DateTime, TimeDelta};

use crate::world::{World, on_every_store, refused};

fn time(minute: i64) -> Time {
    DateTime::from_timestamp_millis(1_349_794_217_000).unwrap() + TimeDelta::minutes(minute)
}

fn logged(id: &str, lines: &[(&str, i64)]) -> LoggedCase {
    LoggedCase {
        id: id.into(),
        subject: String::new(),
        customer: Some("Rossi".into()),
        product: Some("Cash desk".into()),
        lines: lines
            .iter()
            .map(|(activity, minute)| LogLine {
                activity: (*activity).into(),
                at: time(*minute),
                agent: Some("Giulia".into()),
                customer: None,
                place: None,
            })
            .collect(),
    }
}

fn import(cases: Vec<LoggedCase>) -> ImportLog {
    ImportLog {
        system: "old desk".into(),
        cases,
        meanings: [].into(),
    }
}

#[tokio::test]
async fn a_log_becomes_cases_with_their_original_times() {
    on_every_store(|world| async move {
        let lines = [
            ("Insert ticket", 0),
            ("Take in charge ticket", 5),
            ("Wait", 9),
            ("Resolve ticket", 20),
            ("Closed", 30),
        ];
        let imported = world
            .admin
            .run(import(vec![logged("Case 1", &lines)]))
            .await
            .unwrap();
        assert_eq!(
            (imported.cases, imported.activities, imported.customers),
            (1, 5, 1)
        );
        assert_eq!((imported.agents, imported.products), (1, 1));
        let case = world.anna.run(GetCase { case: 1.into() }).await.unwrap();
        assert_eq!((case.opened_at, case.updated_at), (time(0), time(30)));
        assert_eq!(case.status, Status::Closed);
        assert_eq!(case.closing.as_ref().unwrap().at, time(30));
        assert_eq!(case.attention.first_reply_at, Some(time(9)));
        assert_eq!(case.customer_name, "Rossi");
        let stages: Vec<_> = world.history(&case).await;
        assert!(stages.contains(&Happening::StageChanged {
            before: "in_progress".into(),
            after: "waiting_for_customer".into()
        }));
        assert!(stages.contains(&Happening::Logged {
            turn: Turn::Customer,
            activity: "Wait".into()
        }));
        let search = SearchCases::new("charge");
        let found = world.anna.run(search).await.unwrap().found;
        assert_eq!(found[0].excerpt, "Take in charge ticket");
    })
    .await;
}

#[tokio::test]
async fn importing_again_imports_nothing_and_a_log_that_has_grown_only_what_is_new() {
    on_every_store(|world| async move {
        let first = vec![logged("Case 1", &[("Insert ticket", 0), ("Closed", 5)])];
        world.admin.run(import(first.clone())).await.unwrap();
        let again = world.admin.run(import(first)).await.unwrap();
        let new = (
            again.cases,
            again.activities,
            again.customers,
            again.agents,
            again.products,
        );
        assert_eq!(new, (0, 0, 0, 0, 0));
        assert_eq!((again.held.cases.len(), again.held.activities), (1, 2));
        let grown = logged(
            "Case 1",
            &[("Insert ticket", 0), ("Closed", 5), ("Reopen", 9)],
        );
        let more = world
            .admin
            .run(import(vec![
                grown,
                logged("Case 2", &[("Insert ticket", 1)]),
            ]))
            .await
            .unwrap();
        assert_eq!((more.cases, more.activities, more.customers), (1, 2, 0));
        let case = world.anna.run(GetCase { case: 1.into() }).await.unwrap();
        assert_eq!((case.status, case.reopened), (Status::Active, 1));
    })
    .await;
}

/// The activities of the case with number 1, by time.
async fn activities(world: &World) -> Vec<String> {
    let case = world.anna.run(GetCase { case: 1.into() }).await.unwrap();
    let lines = world.history(&case).await.into_iter();
    let logged = lines.filter_map(|line| match line {
        Happening::Logged { activity, .. } => Some(activity),
        _ => None,
    });
    logged.collect()
}

#[tokio::test]
async fn a_line_that_could_not_be_read_at_first_is_imported_when_the_log_is_mended() {
    on_every_store(|world| async move {
        let lines = [("Insert ticket", 0), ("Comment", 5), ("Wait", 9)];
        let whole = logged("Case 1", &lines);
        let mut first = whole.clone();
        first.lines.remove(1);
        first.lines[1].place = Some(3);
        world.admin.run(import(vec![first])).await.unwrap();
        let mended = world.admin.run(import(vec![whole])).await.unwrap();
        assert_eq!(mended.activities, 1);
        let mut all = activities(&world).await;
        all.sort();
        assert_eq!(all, ["Comment", "Insert ticket", "Wait"]);
    })
    .await;
}

#[tokio::test]
async fn two_lines_of_a_case_are_not_at_one_place() {
    on_every_store(|world| async move {
        let places = [
            (Some(2), "case `Case 1` has two lines at place 2"),
            (Some(0), "the place of a line is 1 to 99999, not 0"),
            (
                Some(100_000),
                "the place of a line is 1 to 99999, not 100000",
            ),
        ];
        for (place, said) in places {
            let mut case = logged("Case 1", &[("Insert ticket", 0), ("Closed", 5)]);
            case.lines[0].place = place;
            let answer = world.admin.run(import(vec![case])).await;
            assert_eq!(refused(answer, ErrorKind::Invalid).message(), said);
        }
    })
    .await;
}

#[tokio::test]
async fn work_on_a_closed_case_reopens_it_and_what_an_activity_means_can_be_set() {
    on_every_store(|world| async move {
        let mut log = import(vec![
            logged("A", &[("Insert", 0), ("Fertig", 1)]),
            logged(
                "B",
                &[("Insert", 0), ("Closed", 1), ("Take in charge ticket", 2)],
            ),
        ]);
        log.meanings = [("FERTIG".to_owned(), LogAction::Close)].into();
        world.admin.run(log).await.unwrap();
        let status = |number: u64| {
            let anna = world.anna.clone();
            async move {
                anna.run(GetCase {
                    case: number.into(),
                })
                .await
                .unwrap()
                .status
            }
        };
        assert_eq!(
            (status(1).await, status(2).await),
            (Status::Closed, Status::Active)
        );
    })
    .await;
}

#[tokio::test]
async fn a_bad_log_is_refused_whole() {
    on_every_store(|world| async move {
        let empty = import(vec![logged("A", &[("Insert", 0)]), logged("B", &[])]);
        refused(world.admin.run(empty).await, ErrorKind::Invalid);
        let twice = import(vec![
            logged("A", &[("Insert", 0)]),
            logged("A", &[("Insert", 0)]),
        ]);
        refused(world.admin.run(twice).await, ErrorKind::Invalid);
        let agents = import(vec![logged("A", &[("Insert", 0)])]);
        refused(world.anna.run(agents).await, ErrorKind::Denied);
        assert!(
            world
                .anna
                .run(FindCases::default())
                .await
                .unwrap()
                .cases
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn an_import_tells_what_is_held_whether_it_is_new_or_not() {
    on_every_store(|world| async move {
        let cases = || {
            vec![
                logged("Case 1", &[("Insert ticket", 0), ("Closed", 5)]),
                logged("Case 2", &[("Insert ticket", 1)]),
            ]
        };
        let first = world.admin.run(import(cases())).await.unwrap();
        let again = world.admin.run(import(cases())).await.unwrap();
        assert_eq!(first.held, again.held);
        let statuses: Vec<_> = again.held.cases.iter().map(|case| case.status).collect();
        assert_eq!(statuses, [Status::Closed, Status::Active]);
        assert_eq!(again.held.activities, 3);
        let case = world.anna.run(GetCase { case: 2.into() }).await.unwrap();
        assert_eq!(again.held.cases[1].id, case.id);
        assert_eq!(again.held.customers, [case.customer].into());
        assert_eq!(again.held.products, case.product.into_iter().collect());
        assert_eq!(again.held.agents.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_line_can_name_a_customer_of_its_own() {
    on_every_store(|world| async move {
        let mut case = logged("Case 1", &[("Insert ticket", 0), ("Closed", 5)]);
        case.lines[1].customer = Some(" Bianchi ".into());
        let imported = world.admin.run(import(vec![case])).await.unwrap();
        assert_eq!((imported.customers, imported.held.customers.len()), (2, 2));
        let case = world.anna.run(GetCase { case: 1.into() }).await.unwrap();
        assert_eq!(case.customer_name, "Rossi");
        let found = world.anna.run(FindCustomers::text("bianchi")).await;
        let bianchi = found.unwrap().customers[0].id;
        for (customer, subject) in [(case.customer, "Insert ticket"), (bianchi, "Closed")] {
            let journey = world.anna.run(Journey::of(customer)).await.unwrap();
            assert_eq!(journey.steps.len(), 1);
            assert_eq!(journey.steps[0].activity.subject, subject);
        }
    })
    .await;
}

#[tokio::test]
async fn a_line_of_a_customer_of_its_own_stays_theirs_through_a_merge_and_its_undoing() {
    on_every_store(|world| async move {
        let mut first = logged("Case 1", &[("Insert ticket", 0), ("Comment", 5)]);
        first.lines[1].customer = Some("Bianchi".into());
        let second = logged("Case 2", &[("Insert ticket", 0)]);
        let log = import(vec![first, second]);
        world.admin.run(log).await.unwrap();
        let found = world.anna.run(FindCustomers::text("bianchi")).await;
        let bianchi = found.unwrap().customers[0].id;
        let merge = MergeCases {
            duplicate: 1.into(),
            into: 2.into(),
        };
        let steps = async || {
            let journey = world.anna.run(Journey::of(bianchi)).await.unwrap();
            journey.steps.len()
        };
        world.supervisor.run(merge).await.unwrap();
        assert_eq!(steps().await, 1);
        let duplicate = 1.into();
        world.supervisor.run(UndoMerge { duplicate }).await.unwrap();
        assert_eq!(steps().await, 1);
    })
    .await;
}

#[tokio::test]
async fn spellings_that_come_to_the_same_agent_or_product_are_one() {
    on_every_store(|world| async move {
        let mut one = logged("Case 1", &[("Insert ticket", 0), ("Closed", 5)]);
        one.lines[0].agent = Some("José Díaz".into());
        one.lines[1].agent = Some("jose  diaz".into());
        let mut two = logged("Case 2", &[("Insert ticket", 0)]);
        two.product = Some("CASH DESK".into());
        two.lines[0].agent = Some("Jose-Diaz".into());
        let imported = world.admin.run(import(vec![one, two])).await.unwrap();
        assert_eq!((imported.agents, imported.products), (1, 1));
        let assigned = imported.held.agents;
        assert_eq!(assigned.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_log_leads_no_case_to_a_stage_that_is_retired() {
    on_every_store(|world| async move {
        let key = "in_progress".into();
        world.admin.run(RetireStage { key }).await.unwrap();
        let lines = [("Insert ticket", 0), ("Take in charge ticket", 5)];
        let log = import(vec![logged("Case 1", &lines)]);
        world.admin.run(log).await.unwrap();
        let case = world.anna.run(GetCase { case: 1.into() }).await.unwrap();
        assert_eq!(case.stage, "new");
    })
    .await;
}

#[tokio::test]
async fn who_saw_a_case_before_its_log_grew_does_not_undo_what_the_log_says() {
    on_every_store(|world| async move {
        let lines = [("Take in charge ticket", 0), ("Resolve ticket", 9)];
        let first = import(vec![logged("Case 1", &lines[..1])]);
        world.admin.run(first).await.unwrap();
        let case = GetCase { case: 1.into() };
        let seen = world.anna.run(case).await.unwrap();
        let grown = import(vec![logged("Case 1", &lines)]);
        world.admin.run(grown).await.unwrap();
        let stage = SetStage {
            case: (&seen).into(),
            stage: "new".into(),
            seen: Some(seen.version),
        };
        refused(world.anna.run(stage).await, ErrorKind::Conflict);
    })
    .await;
}
