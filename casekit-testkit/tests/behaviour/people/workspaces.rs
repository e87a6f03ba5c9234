//! W1, I4 and the stages of C3.

use casekit_core::ErrorKind;
use casekit_core::model::{
    FieldTarget, FieldType, FieldValue, Role, Status, Workspace, WorkspaceId,
};
use casekit_core::operations::{
    CreateAgent, CreateCustomer, CreateWorkspace, DefineField, DefineStage, FindCustomers,
    GetAgent, GetCase, GetCustomer, GetWorkspace, ListAgents, OpenCase, PatchCustomer,
    PatchWorkspace, RetireField, RetireStage, SetStage,
};

use super::desk::{TestDesk, on_every_store};

fn keys(workspace: &Workspace) -> Vec<&str> {
    workspace.stages.iter().map(|s| s.key.as_str()).collect()
}

fn stage(key: &str, status: Status) -> DefineStage {
    DefineStage {
        key: key.to_owned(),
        name: key.to_uppercase(),
        status,
        pauses: false,
        before: None,
    }
}

#[tokio::test]
async fn a_workspace_is_created_once() {
    on_every_store(async |test| {
        let name = "Again".to_owned();
        let refused = test
            .system()
            .run(CreateWorkspace { name })
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn no_call_made_in_one_workspace_reads_or_changes_another() {
    on_every_store(async |test| {
        let other = test.desk.system(WorkspaceId(test.desk.new_id()));
        let name = "Other".to_owned();
        other.run(CreateWorkspace { name }).await.unwrap();

        // The same address is free there, and those of here are not found.
        let twin = CreateCustomer::new("Twin", "carla@example.com");
        let twin = other.run(twin).await.unwrap();
        let admin = CreateAgent::new("Ada", "ada@acme.example", Role::Admin);
        let admin = other.run(admin).await.unwrap();
        let customer = test.customer;
        let missing = other.run(GetCustomer { customer }).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        let agent = GetAgent { agent: test.ann };
        assert_eq!(
            other.run(agent).await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
        let found = other.run(FindCustomers::default()).await.unwrap();
        assert_eq!(found.customers, std::slice::from_ref(&twin));
        let agents = other.run(ListAgents::default()).await.unwrap();
        assert_eq!(agents.agents, std::slice::from_ref(&admin));

        // Nor can an agent of one act in the other, or edit what is there.
        let stranger = test.desk.agent(other.workspace(), test.admin);
        let denied = stranger.run(GetWorkspace {}).await.unwrap_err();
        assert_eq!(denied.kind(), ErrorKind::Denied);
        let mut edit = PatchCustomer::of(&twin);
        edit.name = Some("Stolen".to_owned());
        let refused = test.system().run(edit).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn settings_are_the_admins() {
    on_every_store(async |test| {
        let before = test.agent(test.ann).run(GetWorkspace {}).await.unwrap();
        let mut edit = PatchWorkspace::of(&before);
        edit.settings.reopen_within_days = Some(30);
        let denied = test
            .agent(test.supervisor)
            .run(edit.clone())
            .await
            .unwrap_err();
        assert_eq!(denied.kind(), ErrorKind::Denied);
        assert_eq!(denied.details().unwrap()["action"], "patch_workspace");

        let after = test.agent(test.admin).run(edit).await.unwrap();
        assert_eq!(after.settings.reopen_within_days, 30);
        assert_eq!(after.name, before.name);
        let last = test.events().await.pop().unwrap();
        let change = &last.changes[0];
        assert_eq!(
            (change.field.as_str(), &change.before, &change.after),
            ("settings.reopen_within_days", &14.into(), &30.into())
        );
    })
    .await;
}

#[tokio::test]
async fn two_admins_edits_of_different_settings_both_survive() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        let seen = admin.run(GetWorkspace {}).await.unwrap();
        let mut name = PatchWorkspace::of(&seen);
        name.name = Some(" Acme Ltd ".to_owned());
        let mut days = PatchWorkspace::of(&seen);
        days.settings.reopen_within_days = Some(7);
        admin.run(name.clone()).await.unwrap();
        let both = admin.run(days).await.unwrap();
        assert_eq!(
            (both.name.as_str(), both.settings.reopen_within_days),
            ("Acme Ltd", 7)
        );

        name.name = Some("Late".to_owned());
        let stale = admin.run(name).await.unwrap_err();
        assert_eq!(stale.kind(), ErrorKind::Conflict);
        assert_eq!(stale.details().unwrap()["current"], "Acme Ltd");
    })
    .await;
}

#[tokio::test]
async fn a_stage_is_created_renamed_and_moved() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        let created = admin.run(stage("triage", Status::Active)).await.unwrap();
        assert_eq!(*keys(&created).last().unwrap(), "triage");

        let mut first = stage("triage", Status::Active);
        first.name = "To be sorted".to_owned();
        first.before = Some("new".to_owned());
        let moved = admin.run(first).await.unwrap();
        assert_eq!(keys(&moved)[..2], ["triage", "new"]);
        assert_eq!(moved.stages[0].name, "To be sorted");

        // The first stage of a status is the one in which cases enter it.
        let case = OpenCase::new(test.customer, "Broken");
        assert_eq!(
            test.agent(test.ann).run(case).await.unwrap().stage,
            "triage"
        );
    })
    .await;
}

#[tokio::test]
async fn the_status_of_a_stage_is_kept() {
    on_every_store(async |test| {
        let define = stage("on_hold", Status::Closed);
        let refused = test.agent(test.admin).run(define).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn each_status_keeps_at_least_one_stage() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        let key = "closed".to_owned();
        let refused = admin
            .run(RetireStage { key: key.clone() })
            .await
            .unwrap_err();
        assert!(refused.message().contains("each status keeps at least one"));

        admin.run(stage("archived", Status::Closed)).await.unwrap();
        let after = admin.run(RetireStage { key }).await.unwrap();
        assert!(after.stage("closed").unwrap().retired);
        let key = "archived".to_owned();
        assert!(admin.run(RetireStage { key }).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_stage_with_cases_in_it_cannot_be_retired_and_a_retired_one_takes_none() {
    on_every_store(async |test| {
        let (admin, ann) = (test.agent(test.admin), test.agent(test.ann));
        let case = ann
            .run(OpenCase::new(test.customer, "Broken"))
            .await
            .unwrap();
        let set = |stage: &str| SetStage {
            case: (&case).into(),
            stage: stage.to_owned(),
            seen: None,
        };
        ann.run(set("on_hold")).await.unwrap();
        let retire = RetireStage {
            key: "on_hold".to_owned(),
        };
        let refused = admin.run(retire.clone()).await.unwrap_err();
        assert!(refused.message().ends_with("there are 1"), "{refused}");

        ann.run(set("in_progress")).await.unwrap();
        admin.run(retire).await.unwrap();
        let refused = ann.run(set("on_hold")).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid);
        let (_, offered) = refused.message().split_once(": ").unwrap();
        assert!(!offered.contains("on_hold"), "{refused}");

        // Defined anew, it is in use again.
        admin.run(stage("on_hold", Status::Active)).await.unwrap();
        ann.run(set("on_hold")).await.unwrap();
        let case = GetCase {
            case: (&case).into(),
        };
        assert_eq!(ann.run(case).await.unwrap().stage, "on_hold");
    })
    .await;
}

fn colour(choices: &[&str]) -> DefineField {
    let choices = choices.iter().map(|&c| c.to_owned()).collect();
    let holds = FieldType::Choice { choices };
    DefineField::new(FieldTarget::Customer, "colour", "Colour", holds)
}

fn text(value: &str) -> Option<FieldValue> {
    Some(FieldValue::Text(value.to_owned()))
}

async fn set_colour(test: &TestDesk, value: Option<FieldValue>) -> casekit_core::Result<()> {
    let ann = test.agent(test.ann);
    let customer = test.customer;
    let seen = ann.run(GetCustomer { customer }).await.unwrap();
    let mut edit = PatchCustomer::of(&seen);
    edit.custom.insert("colour".to_owned(), value);
    ann.run(edit).await.map(|_| ())
}

async fn colour_of(test: &TestDesk) -> Option<FieldValue> {
    let customer = test.customer;
    let held = test.agent(test.ann).run(GetCustomer { customer }).await;
    held.unwrap().custom.get("colour").cloned()
}

#[tokio::test]
async fn a_renamed_or_retired_field_keeps_its_values() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        admin.run(colour(&["red", "blue"])).await.unwrap();
        set_colour(&test, text("red")).await.unwrap();

        let mut renamed = colour(&["red", "blue"]);
        renamed.label = "Favourite colour".to_owned();
        renamed.required = true;
        renamed.default = text("blue");
        renamed.shown_to_customer = true;
        let workspace = admin.run(renamed).await.unwrap();
        assert_eq!(workspace.fields.len(), 1);
        assert_eq!(workspace.fields[0].label, "Favourite colour");
        assert_eq!(colour_of(&test).await, text("red"));

        let retire = RetireField {
            target: FieldTarget::Customer,
            key: "colour".to_owned(),
        };
        admin.run(retire).await.unwrap();
        let refused = set_colour(&test, text("blue")).await.unwrap_err();
        assert!(refused.message().contains("retired"));
        assert_eq!(colour_of(&test).await, text("red"));

        admin.run(colour(&["red", "blue"])).await.unwrap();
        set_colour(&test, text("blue")).await.unwrap();
        assert_eq!(colour_of(&test).await, text("blue"));
    })
    .await;
}

#[tokio::test]
async fn a_choice_that_is_taken_away_stays_where_it_was_chosen() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        admin.run(colour(&["red", "blue"])).await.unwrap();
        set_colour(&test, text("red")).await.unwrap();
        admin.run(colour(&["blue", "green"])).await.unwrap();
        assert_eq!(colour_of(&test).await, text("red"));

        // Another field of the customer can be edited all the same.
        let ann = test.agent(test.ann);
        let customer = test.customer;
        let seen = ann.run(GetCustomer { customer }).await.unwrap();
        let mut edit = PatchCustomer::of(&seen);
        edit.notes = Some("likes red".to_owned());
        ann.run(edit).await.unwrap();

        set_colour(&test, text("green")).await.unwrap();
        assert!(set_colour(&test, text("red")).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn the_type_of_a_field_is_kept() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        admin.run(colour(&["red"])).await.unwrap();
        let number = DefineField::new(FieldTarget::Customer, "colour", "Colour", FieldType::Number);
        let refused = admin.run(number).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid);
        // The same key on another kind of record is another field.
        let number = DefineField::new(FieldTarget::Case, "colour", "Colour", FieldType::Number);
        assert_eq!(admin.run(number).await.unwrap().fields.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_field_has_a_plain_key_and_choices_that_differ() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        let mut key = colour(&["red"]);
        key.key = "Colour!".to_owned();
        let mut default = colour(&["red"]);
        default.default = text("mauve");
        for bad in [
            key,
            default,
            colour(&[]),
            colour(&["red", "red"]),
            colour(&[" "]),
        ] {
            let refused = admin.run(bad).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Invalid);
        }
    })
    .await;
}

#[tokio::test]
async fn a_required_field_is_asked_of_a_new_customer_and_a_default_stands_in() {
    on_every_store(async |test| {
        let (admin, ann) = (test.agent(test.admin), test.agent(test.ann));
        let mut required = colour(&["red", "blue"]);
        required.required = true;
        admin.run(required.clone()).await.unwrap();
        let create = CreateCustomer::new("Dan", "dan@example.com");
        let refused = ann.run(create.clone()).await.unwrap_err();
        assert!(refused.message().contains("`colour` must be given"));

        required.default = text("blue");
        admin.run(required).await.unwrap();
        let created = ann.run(create).await.unwrap();
        assert_eq!(created.custom.get("colour").cloned(), text("blue"));
        assert!(set_colour(&test, None).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_stage_that_is_retired_at_the_same_moment_takes_no_case() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let case = ann.run(OpenCase::new(test.customer, "Broken"));
        let case = case.await.unwrap();
        let admin = test.agent(test.admin);
        let desk = test.raced_by(async move {
            let key = "on_hold".to_owned();
            admin.run(RetireStage { key }).await.unwrap();
        });
        let set = SetStage {
            case: (&case).into(),
            stage: "on_hold".to_owned(),
            seen: None,
        };
        let refused = desk.agent(test.workspace, test.ann).run(set).await;
        let refused = refused.unwrap_err();
        assert!(refused.message().starts_with("there is no stage `on_hold`"));
    })
    .await;
}
