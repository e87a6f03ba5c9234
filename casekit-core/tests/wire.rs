//! The wire format: a change of what hosts in other languages send and receive, or of what stores keep,
//! is seen in review.

#![cfg(feature = "schema")]
use casekit_core::model::{Entity, Kind, Seq, Stored, Unique, Value, Version, What, WorkspaceId};
use casekit_core::operations::describe;
use casekit_core::port::Lookup;
use casekit_core::query::{
    Aggregate, AggregateRow, Comparison, Direction, Filter, Measure, Page, Query, Scope, TextQuery,
};
use casekit_core::{Change, ChangeSet, Committed};
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

/// The words that are no names in Python (`keyword.kwlist`): a field called so could not be read as
/// `case.from`, nor be given as a named argument.
const PYTHON: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// The words that are no names of variables in JavaScript. All of them can name a property, so that
/// `entry.case` and `{ default: 1 }` are fine: these two, which no other word says as well, are left out.
const JAVASCRIPT: &[&str] = &[
    "arguments",
    "await",
    "break",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// The names of all fields that `schema` describes.
fn fields(schema: &serde_json::Value, names: &mut std::collections::BTreeSet<String>) {
    let parts: Vec<&serde_json::Value> = match schema {
        serde_json::Value::Object(members) => {
            let properties = members.get("properties").and_then(|p| p.as_object());
            names.extend(properties.into_iter().flat_map(|p| p.keys().cloned()));
            members.values().collect()
        }
        serde_json::Value::Array(parts) => parts.iter().collect(),
        _ => Vec::new(),
    };
    parts.into_iter().for_each(|part| fields(part, names));
}

#[test]
fn no_field_is_called_by_a_keyword_of_python_or_javascript() {
    let mut names = std::collections::BTreeSet::new();
    fields(&describe(), &mut names);
    assert!(names.contains("customer_name"), "{names:?}");
    names.retain(|name| [PYTHON, JAVASCRIPT].concat().contains(&name.as_str()));
    assert_eq!(names, std::collections::BTreeSet::new());
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
        Entity::from(generator.saved_view(None)),
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
fn of_every_unique_value_people_are_told_in_their_words_that_it_is_held() {
    for record in records() {
        let taken = record.kind().declaration().taken;
        for unique in record.unique() {
            let told = taken.iter().find(|taken| taken.name == unique.name);
            assert!(told.is_some(), "{}", unique.name);
        }
    }
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

/// What crosses to a store that is written in another language.
#[test]
fn what_stores_are_asked_and_answer() {
    let workspace = WorkspaceId(uuid::Uuid::from_u128(7));
    let mut make = Generator::new(2, workspace);
    let customer = make.customer();
    let (before, agent) = (make.case(&customer), make.agent());
    let draft = make.draft(&before, agent.id);
    let mut after = before.clone();
    after.flagged = !after.flagged;
    let key = before.key();
    let unique = Unique::new("customer_email", "carla@example.com");
    let filter = Filter::Any(vec![
        Filter::equal("status", "active").and(Filter::is_in("number", [1_i64, 2])),
        Filter::compare("opened_at", Comparison::AtLeast, Value::Time(5)).negate(),
    ]);
    let mut query = Query::all(workspace, Kind::Case).filter(filter.clone());
    query = query.sort("updated_at", Direction::Descending);
    query.text = TextQuery::new("Señor printer", Scope::Public);
    query.after = Some(query.cursor(Value::Time(9), key.id));
    let aggregate = Aggregate::count(workspace, Kind::Case, filter)
        .by(&["status"])
        .measures(vec![Measure::Count, Measure::Max("updated_at".to_owned())]);
    let set = ChangeSet {
        id: uuid::Uuid::from_u128(1),
        workspace,
        changes: vec![
            Change::Create(customer.clone().into()),
            Change::Replace {
                before: before.clone().into(),
                after: after.into(),
            },
            Change::Delete {
                before: draft.into(),
            },
            Change::Check {
                key,
                version: Version(3),
            },
        ],
        events: vec![make.event(key, What::Changed)],
    };
    let page = Page {
        records: vec![before.into()],
        hits: vec![key],
        next: query.after.clone(),
    };
    insta::assert_json_snapshot!(serde_json::json!({
        "commit": set,
        "committed": Committed { seq: Seq(4), numbers: vec![(key, 12)] },
        "load": [Lookup::Key(key), Lookup::Unique(workspace, unique)],
        "find": query,
        "page": page,
        "aggregate": aggregate,
        "row": AggregateRow { group: vec!["active".into()], values: vec![Value::Int(2), Value::Time(9)] },
    }));
}
