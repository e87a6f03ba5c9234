//! The wire format: a change of what hosts in other languages send and receive, or of what stores keep,
//! is seen in review.

#![cfg(feature = "schema")]
use casekit_core::model::Kind;
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

#[test]
fn records_as_they_are_stored() {
    let workspace = casekit_core::model::WorkspaceId(uuid::Uuid::from_u128(7));
    let scene = Generator::new(1, workspace).scene(80);
    let events = scene
        .events
        .into_iter()
        .map(casekit_core::model::Entity::Event);
    let records: Vec<_> = scene.records.into_iter().chain(events).collect();
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
