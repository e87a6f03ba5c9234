//! Rows C1 and C2: opening and editing.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{on_every_store, refused};

#[tokio::test]
async fn numbers_begin_at_one_in_every_workspace_and_leave_no_gap_for_a_refused_case() {
    on_every_store(|world| async move {
        assert_eq!(world.mail("One", "x").await.number, 1);
        let too_long = OpenCase::new(world.carla, &"x".repeat(2_000));
        refused(world.anna.run(too_long).await, ErrorKind::Limit);
        assert_eq!(world.mail("Two", "x").await.number, 2);
        let other = WorkspaceId(world.desk.new_id());
        let system = world.desk.system(other);
        system
            .run(CreateWorkspace {
                name: "Other".into(),
            })
            .await
            .unwrap();
        let contact = Contact::email("Carla", "carla@example.com");
        let case = system.run(OpenCase::new(contact, "One")).await.unwrap();
        assert_eq!(case.number, 1);
    })
    .await;
}

#[tokio::test]
async fn a_case_is_found_by_number_and_by_id_and_not_from_another_workspace() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        assert_eq!(
            world.anna.run(GetCase { case: 1.into() }).await.unwrap(),
            world.case(&case).await
        );
        let other = WorkspaceId(world.desk.new_id());
        let system = world.desk.system(other);
        let get = || GetCase {
            case: case.id.into(),
        };
        refused(system.run(get()).await, ErrorKind::NotFound);
        system
            .run(CreateWorkspace {
                name: "Other".into(),
            })
            .await
            .unwrap();
        refused(system.run(get()).await, ErrorKind::NotFound);
        refused(
            world.desk.agent(other, world.anna_id).run(get()).await,
            ErrorKind::Denied,
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_address_is_the_same_customer() {
    on_every_store(|world| async move {
        let contact = Contact::email("C. Perez", " Carla@Example.COM ");
        let case = world
            .system
            .run(OpenCase::new(contact, "Again"))
            .await
            .unwrap();
        assert_eq!(case.customer, world.carla);
        assert_eq!(case.customer_name, "Carla Pérez");
        let nobody = Contact {
            name: "X".into(),
            ..Contact::default()
        };
        refused(
            world.system.run(OpenCase::new(nobody, "x")).await,
            ErrorKind::Invalid,
        );
    })
    .await;
}

#[tokio::test]
async fn edits_of_different_fields_both_survive() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let mut annas = PatchCase::of(&case);
        annas.subject = Some("Printer on fire".into());
        let mut bens = PatchCase::of(&case);
        bens.priority = Some(Priority::Urgent);
        let (a, b) = tokio::join!(world.anna.run(annas), world.ben.run(bens));
        a.and(b).unwrap();
        let case = world.case(&case).await;
        assert_eq!(
            (case.subject.as_str(), case.priority),
            ("Printer on fire", Priority::Urgent)
        );
    })
    .await;
}

#[tokio::test]
async fn of_edits_of_one_field_the_one_that_saw_the_other_wins_and_a_stale_one_is_refused() {
    on_every_store(|world| async move {
        let seen = world.mail("Printer", "x").await;
        let patch = |seen: &Case, subject: &str| {
            let mut patch = PatchCase::of(seen);
            patch.subject = Some(subject.into());
            patch
        };
        let first = world.anna.run(patch(&seen, "A")).await.unwrap();
        let second = world.ben.run(patch(&first, "B")).await.unwrap();
        let stale = refused(
            world.anna.run(patch(&first, "C")).await,
            ErrorKind::Conflict,
        );
        assert_eq!(stale.details().unwrap()["field"], "subject");
        assert_eq!(stale.details().unwrap()["current"], "B");
        assert!(!stale.is_retryable());
        assert_eq!(world.case(&seen).await.version, second.version);
    })
    .await;
}

#[tokio::test]
async fn a_message_in_between_makes_no_edit_stale() {
    on_every_store(|world| async move {
        let seen = world.mail("Printer", "x").await;
        world
            .system
            .run(ReceiveMessage::new(&seen, "Hello?"))
            .await
            .unwrap();
        let mut patch = PatchCase::of(&seen);
        patch.flagged = Some(true);
        assert!(world.anna.run(patch).await.unwrap().flagged);
    })
    .await;
}

#[tokio::test]
async fn null_takes_a_value_away_and_an_absent_field_stays() {
    on_every_store(|world| async move {
        let product = world
            .admin
            .run(CreateProduct::new("Printers"))
            .await
            .unwrap()
            .id;
        let mut open = OpenCase::new(world.carla, "x");
        open.product = Some(product);
        let case = world.anna.run(open).await.unwrap();
        let session = world
            .desk
            .session(world.workspace, Actor::Agent(world.anna_id));
        let edit = serde_json::json!({ "case": case.id, "seen": case.version, "subject": "y" });
        session
            .call("patch_case", edit.to_string().as_bytes())
            .await
            .unwrap();
        assert_eq!(world.case(&case).await.product, Some(product));
        let edit = serde_json::json!({ "case": case.id, "seen": case.version, "product": null });
        session
            .call("patch_case", edit.to_string().as_bytes())
            .await
            .unwrap();
        assert_eq!(world.case(&case).await.product, None);
    })
    .await;
}

#[tokio::test]
async fn an_edit_that_changes_nothing_writes_nothing() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let mut patch = PatchCase::of(&case);
        patch.subject = Some("Printer".into());
        assert_eq!(world.anna.run(patch).await.unwrap().version, case.version);
    })
    .await;
}

#[tokio::test]
async fn wrong_input_is_refused_with_a_kind_and_writes_nothing() {
    on_every_store(|world| async move {
        let session = world
            .desk
            .session(world.workspace, Actor::Agent(world.anna_id));
        let huge = format!(
            r#"{{"case": 1, "message": {{"text": "{}"}}}}"#,
            "x".repeat(1 << 20)
        );
        let carla = world.carla;
        for (operation, input, kind) in [
            ("no_such_operation", "{}".to_owned(), ErrorKind::Invalid),
            ("my_cases", "{}".to_owned(), ErrorKind::Invalid),
            ("open_case", "{}".to_owned(), ErrorKind::Invalid),
            ("open_case", "not json".to_owned(), ErrorKind::Invalid),
            (
                "open_case",
                format!(r#"{{"customer": "{carla}", "subject": 5}}"#),
                ErrorKind::Invalid,
            ),
            (
                "open_case",
                format!(r#"{{"customer": "{carla}", "sbuject": "x"}}"#),
                ErrorKind::Invalid,
            ),
            (
                "get_case",
                r#"{"case": 99}"#.to_owned(),
                ErrorKind::NotFound,
            ),
            (
                "find_cases",
                r#"{"limit": 0}"#.to_owned(),
                ErrorKind::Invalid,
            ),
            (
                "find_cases",
                r#"{"limit": 100000}"#.to_owned(),
                ErrorKind::Invalid,
            ),
            (
                "find_cases",
                r#"{"after": "bm90IGEgY3Vyc29y"}"#.to_owned(),
                ErrorKind::Invalid,
            ),
            (
                "find_cases",
                r#"{"filter": {"colour": "red"}}"#.to_owned(),
                ErrorKind::Invalid,
            ),
        ] {
            let answer = session.call(operation, input.as_bytes()).await;
            assert_eq!(answer.unwrap_err().kind(), kind, "{operation} {input}");
        }
        world.mail("Printer", "x").await;
        let answer = session.call("reply", huge.as_bytes()).await;
        assert_eq!(answer.unwrap_err().kind(), ErrorKind::Limit);
        assert_eq!(
            world
                .case(&world.anna.run(GetCase { case: 1.into() }).await.unwrap())
                .await
                .version,
            Version(1)
        );
    })
    .await;
}
