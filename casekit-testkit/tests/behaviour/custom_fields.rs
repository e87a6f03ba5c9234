//! Row I4: custom fields.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{World, on_every_store, refused};

fn field(key: &str, holds: FieldType) -> DefineField {
    DefineField {
        target: FieldTarget::Case,
        key: key.into(),
        label: key.to_uppercase(),
        holds,
        required: false,
        default: None,
        shown_to_customer: false,
    }
}

async fn define(world: &World) {
    let choices = vec!["red".to_owned(), "green".to_owned()];
    for (key, holds) in [
        ("serial", FieldType::Text),
        ("price", FieldType::Number),
        ("warranty", FieldType::YesNo),
        ("bought", FieldType::Date),
        (
            "colour",
            FieldType::Choice {
                choices: choices.clone(),
            },
        ),
        ("lights", FieldType::Choices { choices }),
    ] {
        world.admin.run(field(key, holds)).await.unwrap();
    }
}

fn value(json: &str) -> FieldValue {
    serde_json::from_str(json).unwrap()
}

async fn open(world: &World, custom: &[(&str, &str)]) -> casekit_core::Result<Case> {
    let mut open = OpenCase::new(world.carla, "x");
    open.custom = custom
        .iter()
        .map(|(key, json)| ((*key).to_owned(), value(json)))
        .collect();
    world.anna.run(open).await
}

#[tokio::test]
async fn every_type_takes_its_values_and_refuses_others() {
    on_every_store(|world| async move {
        define(&world).await;
        for (key, good, bad) in [
            ("serial", r#""A-1""#, "5"),
            ("price", "12.5", r#""12""#),
            ("warranty", "true", r#""yes""#),
            ("bought", r#""2026-02-28""#, r#""2026-02-30""#),
            ("colour", r#""red""#, r#""blue""#),
            ("lights", r#"["red", "green"]"#, r#"["red", "blue"]"#),
        ] {
            let case = open(&world, &[(key, good)]).await.unwrap();
            assert_eq!(case.custom[key], value(good));
            refused(open(&world, &[(key, bad)]).await, ErrorKind::Invalid);
        }
        refused(open(&world, &[("unknown", "1")]).await, ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn cases_are_found_by_custom_fields_of_every_type() {
    on_every_store(|world| async move {
        define(&world).await;
        open(
            &world,
            &[
                ("price", "5"),
                ("bought", r#""2026-01-01""#),
                ("lights", r#"["red"]"#),
            ],
        )
        .await
        .unwrap();
        open(
            &world,
            &[
                ("price", "50"),
                ("bought", r#""2026-03-01""#),
                ("warranty", "true"),
            ],
        )
        .await
        .unwrap();
        open(
            &world,
            &[
                ("price", "500"),
                ("serial", r#""A-1""#),
                ("lights", r#"["red", "green"]"#),
            ],
        )
        .await
        .unwrap();
        for (field, compare, json, numbers) in [
            ("price", Compare::Equal, "50", vec![2]),
            ("price", Compare::AtLeast, "50", vec![2, 3]),
            ("price", Compare::AtMost, "50", vec![1, 2]),
            ("bought", Compare::AtLeast, r#""2026-02-01""#, vec![2]),
            ("warranty", Compare::Equal, "true", vec![2]),
            ("serial", Compare::Equal, r#""A-1""#, vec![3]),
            ("lights", Compare::Equal, r#""red""#, vec![1, 3]),
        ] {
            let custom = CustomFilter {
                field: field.into(),
                compare,
                value: value(json),
            };
            let find = FindCases {
                filter: CaseFilter::Custom(custom),
                sort: CaseSort::Number,
                direction: casekit_core::query::Direction::Ascending,
                ..FindCases::default()
            };
            let page = world.anna.run(find).await.unwrap();
            let found: Vec<_> = page.cases.iter().map(|case| case.number).collect();
            assert_eq!(found, numbers, "{field} {compare:?} {json}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_required_field_must_be_given_and_a_default_stands_in() {
    on_every_store(|world| async move {
        let mut colour = field("colour", FieldType::Text);
        colour.default = Some(value(r#""red""#));
        world.admin.run(colour).await.unwrap();
        let mut serial = field("serial", FieldType::Text);
        serial.required = true;
        world.admin.run(serial).await.unwrap();
        refused(open(&world, &[]).await, ErrorKind::Invalid);
        let case = open(&world, &[("serial", r#""A-1""#)]).await.unwrap();
        assert_eq!(case.custom["colour"], value(r#""red""#));
        let mut patch = PatchCase::of(&case);
        patch.custom = [("serial".to_owned(), None)].into();
        refused(world.anna.run(patch).await, ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn edits_of_different_custom_fields_both_survive_and_null_takes_one_away() {
    on_every_store(|world| async move {
        define(&world).await;
        let seen = open(&world, &[("serial", r#""A-1""#)]).await.unwrap();
        let patch = |key: &str, value: Option<FieldValue>| {
            let mut patch = PatchCase::of(&seen);
            patch.custom = [(key.to_owned(), value)].into();
            patch
        };
        world
            .anna
            .run(patch("price", Some(value("5"))))
            .await
            .unwrap();
        let case = world.ben.run(patch("serial", None)).await.unwrap();
        assert_eq!(case.custom, [("price".to_owned(), value("5"))].into());
        refused(
            world.ben.run(patch("price", Some(value("6")))).await,
            ErrorKind::Conflict,
        );
    })
    .await;
}

#[tokio::test]
async fn a_renamed_or_retired_field_keeps_its_values() {
    on_every_store(|world| async move {
        define(&world).await;
        let case = open(&world, &[("serial", r#""A-1""#)]).await.unwrap();
        let mut renamed = field("serial", FieldType::Text);
        renamed.label = "Serial number".into();
        world.admin.run(renamed).await.unwrap();
        let retire = RetireField {
            target: FieldTarget::Case,
            key: "serial".into(),
        };
        world.admin.run(retire).await.unwrap();
        assert_eq!(world.case(&case).await.custom["serial"], value(r#""A-1""#));
        refused(
            open(&world, &[("serial", r#""A-2""#)]).await,
            ErrorKind::Invalid,
        );
        let custom = CustomFilter {
            field: "serial".into(),
            compare: Compare::Equal,
            value: value(r#""A-1""#),
        };
        let find = FindCases {
            filter: CaseFilter::Custom(custom),
            ..FindCases::default()
        };
        assert_eq!(world.anna.run(find).await.unwrap().cases.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_field_is_not_compared_with_what_it_never_holds() {
    on_every_store(|world| async move {
        define(&world).await;
        let find = async |key: &str, json: &str| {
            let filter = CaseFilter::Custom(CustomFilter {
                field: key.into(),
                compare: Compare::Equal,
                value: value(json),
            });
            let find = FindCases {
                filter,
                ..FindCases::default()
            };
            world.anna.run(find).await
        };
        for (key, bad, said) in [
            ("price", r#""180""#, "`price` takes a number"),
            (
                "bought",
                r#""2026-2-1""#,
                "`bought` takes a date such as `2026-11-21`",
            ),
            (
                "colour",
                r#""blue""#,
                "`blue` is no choice of `colour`: red, green",
            ),
            (
                "lights",
                r#""blue""#,
                "`blue` is no choice of `lights`: red, green",
            ),
            (
                "lights",
                r#"["red"]"#,
                "compare `lights` with one choice at a time",
            ),
        ] {
            let error = refused(find(key, bad).await, ErrorKind::Invalid);
            assert_eq!(error.message(), said);
        }
        assert!(find("lights", r#""red""#).await.unwrap().cases.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_choice_that_was_taken_away_still_finds_what_holds_it() {
    on_every_store(|world| async move {
        define(&world).await;
        let held = [("colour", r#""red""#), ("lights", r#"["red"]"#)];
        let case = open(&world, &held).await.unwrap();
        let green = || vec!["green".to_owned()];
        for (key, holds) in [
            ("colour", FieldType::Choice { choices: green() }),
            ("lights", FieldType::Choices { choices: green() }),
        ] {
            world.admin.run(field(key, holds.clone())).await.unwrap();
            let again = world.admin.run(field(key, holds)).await.unwrap();
            let mut fields = again.fields.iter();
            let defined = fields.find(|field| field.key == key).unwrap();
            assert_eq!(defined.retired_choices, ["red"]);
            let by = |choice: &str| FindCases {
                filter: CaseFilter::Custom(CustomFilter {
                    field: key.into(),
                    compare: Compare::Equal,
                    value: FieldValue::Text(choice.into()),
                }),
                ..FindCases::default()
            };
            let found = world.anna.run(by("red")).await.unwrap();
            assert_eq!(found.cases, std::slice::from_ref(&case));
            let error = refused(world.anna.run(by("rde")).await, ErrorKind::Invalid);
            let said = format!("`rde` is no choice of `{key}`: green");
            assert_eq!(error.message(), said);
        }
        refused(
            open(&world, &[("colour", r#""red""#)]).await,
            ErrorKind::Invalid,
        );
    })
    .await;
}

#[tokio::test]
async fn a_choice_that_is_taken_back_is_one_again() {
    on_every_store(|world| async move {
        define(&world).await;
        for choices in [vec!["green".to_owned()], vec!["red".to_owned()]] {
            let colour = field("colour", FieldType::Choice { choices });
            world.admin.run(colour).await.unwrap();
        }
        let workspace = world.anna.run(GetWorkspace {}).await.unwrap();
        let mut fields = workspace.fields.iter();
        let colour = fields.find(|field| field.key == "colour").unwrap();
        assert_eq!(colour.retired_choices, ["green"]);
        assert!(open(&world, &[("colour", r#""red""#)]).await.is_ok());
    })
    .await;
}
