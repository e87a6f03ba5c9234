//! What a filter means: the same as in memory.

use std::collections::BTreeSet;

use casekit_core::ErrorKind;
use casekit_core::model::{Arity, Case, Entity, FieldValue, Holds, Kind, Value};
use casekit_core::query::{Comparison, Direction, Filter, MAX_LIMIT, Query, SortBy};

use super::fixture::{Failure, Fixture, Outcome, create, refused};
use crate::generate::queries::COMPARISONS;

pub(super) async fn find_means_eval(mut fixture: Fixture) -> Outcome {
    let known = fixture.populate(30).await?;
    for kind in Kind::ALL {
        let of_kind: Vec<&Entity> = known.iter().filter(|r| r.kind() == *kind).collect();
        fixture
            .agree(&known, &Query::all(fixture.workspace, *kind))
            .await?;
        for field in &kind.declaration().fields {
            for (name, value) in values_of(*kind, field.name, &of_kind) {
                for is in COMPARISONS {
                    if *is == Comparison::StartsWith && value.holds() != Holds::Text {
                        continue;
                    }
                    let filter = Filter::compare(&name, *is, value.clone());
                    let query = Query::all(fixture.workspace, *kind).filter(filter);
                    fixture.agree(&known, &query).await?;
                }
            }
            if field.arity != Arity::One {
                continue;
            }
            for direction in [Direction::Ascending, Direction::Descending] {
                let query = Query::all(fixture.workspace, *kind);
                let query = query.sort(field.name, direction).limit(7);
                fixture.agree(&known, &query).await?;
            }
        }
    }
    Ok(())
}

/// A few different values that records have in a field, with the names by which they are found.
fn values_of(kind: Kind, field: &str, records: &[&Entity]) -> Vec<(String, Value)> {
    let mut values = BTreeSet::new();
    for record in records {
        let row = record.row();
        values.extend(
            row.values(kind, field)
                .map(|v| (field.to_owned(), v.clone())),
        );
        let prefix = format!("{field}.");
        let named = row
            .many
            .iter()
            .filter(|(name, _)| name.starts_with(&prefix));
        values.extend(named.cloned());
    }
    let step = (values.len() / 4).max(1);
    values.into_iter().step_by(step).collect()
}

pub(super) async fn find_combines_filters(mut fixture: Fixture) -> Outcome {
    let known = fixture.populate(30).await?;
    let active = || Filter::equal("status", "active");
    let flagged = || Filter::equal("flagged", true);
    let urgent = || Filter::compare("priority", Comparison::AtLeast, 2_i64);
    let nobody = || Filter::equal("assignee", Value::nil());
    let filters = [
        Filter::All(vec![]),
        Filter::Any(vec![]),
        Filter::All(vec![]).negate(),
        Filter::Any(vec![]).negate(),
        Filter::is_in("status", Vec::<Value>::new()),
        Filter::is_in("status", Vec::<Value>::new()).negate(),
        Filter::is_in("status", ["active", "closed", "active"]),
        Filter::is_in("priority", [0_i64, 3]).negate(),
        Filter::All(vec![active(), flagged()]),
        Filter::Any(vec![active(), flagged()]),
        Filter::All(vec![active(), flagged().negate()]),
        Filter::Any(vec![active().negate(), urgent()]).negate(),
        Filter::All(vec![Filter::Any(vec![flagged(), urgent()]), nobody()]),
        Filter::Any(vec![Filter::All(vec![flagged(), urgent()]), nobody()]),
        Filter::All(vec![Filter::All(vec![]), Filter::Any(vec![active()])]),
        active().negate().negate(),
        active().and(flagged()).and(urgent()).and(nobody()),
        // Contradictions and tautologies.
        active().and(active().negate()),
        Filter::Any(vec![active(), active().negate()]),
    ];
    for filter in filters {
        let query = fixture
            .cases()
            .filter(filter)
            .sort("updated_at", Direction::Descending);
        fixture.agree(&known, &query).await?;
    }
    let mut deep = active();
    for _ in 0..15 {
        deep = deep.negate();
    }
    fixture.agree(&known, &fixture.cases().filter(deep)).await?;
    let many = Filter::is_in("number", (0..900).map(|n| n * 2).collect::<Vec<i64>>());
    fixture.agree(&known, &fixture.cases().filter(many)).await?;
    let numbers = (0..1_500_i64).map(|n| Filter::equal("number", n * 2));
    let others = (0..1_500_i64).map(|n| Filter::compare("number", Comparison::Less, 1_520 - n));
    for long in [
        Filter::Any(numbers.collect()),
        Filter::All(others.collect()),
    ] {
        fixture
            .agree(&known, &fixture.cases().filter(long.clone()))
            .await?;
        fixture
            .agree(&known, &fixture.cases().filter(long.negate()))
            .await?;
    }
    Ok(())
}

/// Stores a case for each `change` to a plain one.
async fn store_cases<T>(
    fixture: &mut Fixture,
    values: &[T],
    change: impl Fn(&mut Case, &T),
) -> Result<Vec<Entity>, Failure> {
    let customer = fixture.some_customer();
    let mut cases = Vec::new();
    for value in values {
        let mut case = fixture.make.case(&customer);
        case.tags.clear();
        case.custom.clear();
        change(&mut case, value);
        cases.push(case);
    }
    fixture.commit(cases.iter().map(create).collect()).await?;
    let keys: Vec<_> = cases.iter().map(casekit_core::model::Stored::key).collect();
    fixture.load_all(&keys).await
}

pub(super) async fn find_filters_many_valued(mut fixture: Fixture) -> Outcome {
    let tags: [&[&str]; 6] = [&[], &["a"], &["b"], &["a", "b"], &["a", "b", "c"], &["ab"]];
    let known = store_cases(&mut fixture, &tags, |case, tags| {
        case.tags = tags.iter().map(|&tag| tag.to_owned()).collect();
    })
    .await?;
    let has = |tag: &str| Filter::equal("tags", tag);
    let filters = [
        has("a"),
        has("none"),
        // "Not" is about the record, not about one of its values.
        has("a").negate(),
        has("none").negate(),
        has("a").and(has("b")),
        has("a").and(has("b").negate()),
        Filter::Any(vec![has("b"), has("c")]),
        Filter::Any(vec![has("b"), has("c")]).negate(),
        Filter::is_in("tags", ["b", "c"]),
        Filter::is_in("tags", ["b", "c"]).negate(),
        Filter::compare("tags", Comparison::StartsWith, "a"),
        Filter::compare("tags", Comparison::StartsWith, ""),
        Filter::compare("tags", Comparison::StartsWith, "").negate(),
        // One value above and one below is enough: each part looks at all values.
        Filter::compare("tags", Comparison::Less, "b").and(Filter::compare(
            "tags",
            Comparison::Greater,
            "b",
        )),
    ];
    for filter in filters {
        // Nobody may come twice because two of its values match.
        fixture
            .agree(&known, &fixture.cases().filter(filter).limit(2))
            .await?;
    }
    // A value that is gone is not found any more.
    let Some(Entity::Case(case)) = known.get(4) else {
        return Err(Failure("the fifth case is missing".to_owned()));
    };
    let mut after = Case::clone(case);
    after.tags = ["c".to_owned(), "d".to_owned()].into();
    let after = fixture.replace(&**case, after).await?;
    let mut known = known.clone();
    known.splice(4..5, [Entity::from(after)]);
    for tag in ["a", "b", "c", "d"] {
        fixture
            .agree(&known, &fixture.cases().filter(has(tag)))
            .await?;
    }
    Ok(())
}

pub(super) async fn find_filters_named(mut fixture: Fixture) -> Outcome {
    let values = [
        None,
        Some(FieldValue::Text("5".to_owned())),
        Some(FieldValue::Number(5.0)),
        Some(FieldValue::Number(-0.5)),
        Some(FieldValue::Number(0.0)),
        Some(FieldValue::Number(-0.0)),
        Some(FieldValue::Number(1e300)),
        Some(FieldValue::YesNo(true)),
        Some(FieldValue::YesNo(false)),
        Some(FieldValue::Choices(vec![])),
        Some(FieldValue::Choices(vec!["5".to_owned(), "x".to_owned()])),
        Some(FieldValue::Text("true".to_owned())),
        Some(FieldValue::Text(String::new())),
    ];
    let known = store_cases(&mut fixture, &values, |case, value| {
        case.custom
            .extend(value.clone().map(|value| ("field".to_owned(), value)));
        case.custom
            .insert("other".to_owned(), FieldValue::Number(5.0));
    })
    .await?;
    let asked = [
        Value::from("5"),
        Value::from("true"),
        Value::from(""),
        Value::Real(5.0),
        Value::Real(0.0),
        Value::Real(-0.0),
        Value::Bool(true),
        Value::Bool(false),
        // No custom field holds these, but asking is no error.
        Value::Int(5),
        Value::Int(1),
        Value::Time(5),
    ];
    for name in ["custom.field", "custom.other", "custom.unknown"] {
        for value in &asked {
            for is in COMPARISONS {
                if *is == Comparison::StartsWith && value.holds() != Holds::Text {
                    continue;
                }
                let filter = Filter::compare(name, *is, value.clone());
                for filter in [filter.clone(), filter.negate()] {
                    fixture
                        .agree(&known, &fixture.cases().filter(filter))
                        .await?;
                }
            }
        }
        let mixed = Filter::is_in(name, asked.clone());
        fixture
            .agree(&known, &fixture.cases().filter(mixed))
            .await?;
    }
    Ok(())
}

pub(super) async fn find_compares_text_bytewise(mut fixture: Fixture) -> Outcome {
    let texts = [
        "",
        " ",
        "a",
        "A",
        "a ",
        "ab",
        "aB",
        "a%b",
        "a_b",
        "axb",
        "a*b",
        "a?b",
        "a[b]",
        "a\\b",
        "b",
        "z",
        "Z",
        "ä",
        "a\u{308}",
        "é",
        "ß",
        "ss",
        "ı",
        "i",
        "I",
        "\u{7f}",
        "\u{80}",
        "\u{ffff}",
        "😀",
        "\u{10ffff}",
        "\u{10ffff}a",
        "10",
        "9",
    ];
    let known = store_cases(&mut fixture, &texts, |case, text| {
        case.stage = (*text).to_owned();
        case.tags = [(*text).to_owned()].into();
        case.custom
            .insert("text".to_owned(), FieldValue::Text((*text).to_owned()));
    })
    .await?;
    for field in ["stage", "tags", "custom.text"] {
        for text in texts {
            for is in COMPARISONS {
                let filter = Filter::compare(field, *is, text);
                fixture
                    .agree(&known, &fixture.cases().filter(filter))
                    .await?;
            }
        }
    }
    for direction in [Direction::Ascending, Direction::Descending] {
        let query = fixture.cases().sort("stage", direction).limit(5);
        fixture.agree(&known, &query).await?;
    }
    Ok(())
}

pub(super) async fn find_refuses_invalid(mut fixture: Fixture) -> Outcome {
    fixture.create_case().await?;
    let cases = || fixture.cases();
    let mut by_relevance = cases();
    by_relevance.sort.by = SortBy::Relevance;
    let mut too_deep = Filter::all();
    for _ in 0..20 {
        too_deep = too_deep.negate();
    }
    let too_many = Filter::is_in("number", (0..2_000_i64).collect::<Vec<_>>());
    let invalid = [
        ("a limit of 0", cases().limit(0), ErrorKind::Invalid),
        (
            "a limit too large",
            cases().limit(MAX_LIMIT + 1),
            ErrorKind::Invalid,
        ),
        (
            "an unknown field",
            cases().filter(Filter::equal("nothing", "x")),
            ErrorKind::Invalid,
        ),
        (
            "a value of another type",
            cases().filter(Filter::equal("number", "x")),
            ErrorKind::Invalid,
        ),
        (
            "the beginning of a number",
            cases().filter(Filter::compare("number", Comparison::StartsWith, 1_i64)),
            ErrorKind::Invalid,
        ),
        (
            "a number that is none",
            cases().filter(Filter::equal("custom.x", Value::Real(f64::NAN))),
            ErrorKind::Invalid,
        ),
        (
            "a sort by many values",
            cases().sort("tags", Direction::Ascending),
            ErrorKind::Invalid,
        ),
        (
            "a sort by an unknown field",
            cases().sort("x", Direction::Ascending),
            ErrorKind::Invalid,
        ),
        ("relevance without a text", by_relevance, ErrorKind::Invalid),
        (
            "a filter too deep",
            cases().filter(too_deep),
            ErrorKind::Limit,
        ),
        (
            "a filter with too many values",
            cases().filter(too_many),
            ErrorKind::Limit,
        ),
    ];
    for (what, query, kind) in invalid {
        refused(what, fixture.store.find(&query).await, kind)?;
    }
    fixture.store.find(&cases().limit(MAX_LIMIT)).await?;
    Ok(())
}
