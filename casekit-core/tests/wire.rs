//! The wire format: a change of what hosts in other languages send and receive, or of what stores keep,
//! is seen in review.

#![cfg(feature = "schema")]
use casekit_core::model::{Entity, Kind, SavedView, Stored, Version, What};
use casekit_core::operations::describe;
use casekit_testkit::generate::Generator;

#[test]
fn operations() {
    let described = describe();
    let operations = described["operations"].as_array().unwrap();
    let lines: Vec<String> = operations
        .iter()
        .map(|operation| {
            let (name, audience, access) = (
                &operation["name"],
                &operation["audience"],
                &operation["access"],
            );
            let text = |json: &serde_json::Value| json.as_str().unwrap().to_owned();
            let (input, output) = (&operation["input"], &operation["output"]);
            format!(
                "{} ({}, {}): {input} -> {output}",
                text(name),
                text(audience),
                text(access)
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn types_of_inputs_and_outputs() {
    insta::assert_json_snapshot!(describe()["$defs"]);
}

fn view(workspace: casekit_core::model::WorkspaceId) -> SavedView {
    SavedView {
        id: uuid::Uuid::from_u128(8).into(),
        workspace,
        version: Version(1),
        owner: None,
        name: "Urgent".to_owned(),
        list: serde_json::json!({ "filter": { "priority": "urgent" } }),
        columns: vec!["subject".to_owned()],
        updated_at: casekit_core::model::Time::default(),
    }
}

/// A record of every kind.
fn records() -> Vec<Entity> {
    let workspace = casekit_core::model::WorkspaceId(uuid::Uuid::from_u128(7));
    let mut generator = Generator::new(1, workspace);
    let (one, other) = (generator.customer(), generator.customer());
    let (case, duplicate) = (generator.case(&one), generator.case(&other));
    let agent = generator.agent();
    vec![
        Entity::from(generator.workspace()),
        Entity::from(generator.organisation()),
        Entity::from(generator.product()),
        Entity::from(generator.activity(&case)),
        Entity::from(generator.entry(&case)),
        Entity::from(generator.draft(&case, agent.id)),
        Entity::from(generator.relation(case.id, duplicate.id)),
        Entity::from(generator.tombstone(&case)),
        Entity::from(generator.event(case.key(), What::Opened)),
        Entity::from(generator.merge(duplicate, case.id)),
        Entity::from(agent),
        Entity::from(view(workspace)),
        Entity::from(one),
        Entity::from(case),
    ]
}

#[test]
fn records_as_they_are_stored() {
    let records = records();
    let mut stored = std::collections::BTreeMap::new();
    for kind in Kind::ALL {
        let record = records
            .iter()
            .find(|record| record.kind() == *kind)
            .unwrap();
        let json: serde_json::Value = serde_json::from_slice(&record.to_json().unwrap()).unwrap();
        stored.insert(kind.name(), json);
    }
    insta::assert_json_snapshot!(stored);
}

#[test]
fn what_records_declare_to_stores() {
    let declared: Vec<String> = Kind::ALL
        .iter()
        .map(|kind| {
            let declaration = kind.declaration();
            let fields: Vec<String> = declaration
                .fields
                .iter()
                .map(|field| format!("{} {:?} {:?}", field.name, field.arity, field.holds))
                .collect();
            format!(
                "{}: {}\n  indexes {:?}",
                kind.name(),
                fields.join(", "),
                declaration.indexes
            )
        })
        .collect();
    insta::assert_snapshot!(declared.join("\n"));
}
