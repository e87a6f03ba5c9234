//! Counts, sums and extremes by group.

use casekit_core::ErrorKind;
use casekit_core::model::{Arity, Holds, Kind, Value};
use casekit_core::query::{Aggregate, AggregateRow, Filter, Measure, eval_aggregate};

use super::fixture::{Failure, Fixture, Outcome, equal, refused};

pub(super) async fn aggregate_means_eval(mut fixture: Fixture) -> Outcome {
    // Of nothing, there is no group, not even one with a count of 0.
    let nothing = Aggregate::count(fixture.workspace, Kind::Case, Filter::all());
    equal(
        "rows of nothing",
        &fixture.store.aggregate(&nothing).await?,
        &Vec::new(),
    )?;

    let known = fixture.populate(40).await?;
    let mut aggregates = Vec::new();
    for kind in Kind::ALL {
        let all = Aggregate::count(fixture.workspace, *kind, Filter::all());
        let fields = &kind.declaration().fields;
        let single: Vec<_> = fields.iter().filter(|f| f.arity == Arity::One).collect();
        let mut measures = vec![Measure::Count];
        for field in &single {
            measures.push(Measure::Min(field.name.to_owned()));
            measures.push(Measure::Max(field.name.to_owned()));
            if field.holds == Holds::Int {
                measures.push(Measure::Sum(field.name.to_owned()));
            }
            aggregates.push(all.clone().by(&[field.name]));
        }
        aggregates.push(all.clone().measures(measures.clone()));
        aggregates.push(all.clone().measures(vec![]));
        for pair in single.windows(2) {
            let names: Vec<&str> = pair.iter().map(|field| field.name).collect();
            aggregates.push(all.clone().by(&names).measures(measures.clone()));
        }
        aggregates.push(all);
    }
    let filters = [
        Filter::equal("status", "active"),
        Filter::equal("tags", "vip"),
        Filter::equal("tags", "vip").negate(),
        Filter::Any(vec![]),
    ];
    for filter in filters {
        let some = Aggregate::count(fixture.workspace, Kind::Case, filter);
        aggregates.push(some.clone().by(&["assignee", "status"]));
        aggregates.push(some);
    }
    for aggregate in aggregates {
        let wanted = eval_aggregate(&aggregate, known.iter())?;
        let got = fixture.store.aggregate(&aggregate).await?;
        let asked = serde_json::to_string(&aggregate).unwrap_or_default();
        equal(&format!("the rows of {asked}"), &got, &wanted)?;
    }
    Ok(())
}

pub(super) async fn aggregate_counts_enough(mut fixture: Fixture) -> Outcome {
    let known = fixture.populate(40).await?;
    let filters = [
        Filter::all(),
        Filter::equal("status", "active"),
        Filter::equal("tags", "vip"),
        Filter::equal("customer", Value::nil()),
    ];
    for filter in filters {
        let exact = Aggregate::count(fixture.workspace, Kind::Case, filter);
        let all = counted(&eval_aggregate(&exact, known.iter())?);
        for enough in [1, 2, all, all + 1] {
            let bounded = exact.clone().enough(u32::try_from(enough).unwrap_or(1));
            let got = counted(&fixture.store.aggregate(&bounded).await?);
            let asked = serde_json::to_string(&bounded).unwrap_or_default();
            if got > all || got < enough.min(all) {
                let told = format!("of {all} records {got} were counted by {asked}");
                return Err(Failure(told));
            }
        }
    }
    Ok(())
}

/// What a count of all gives.
fn counted(rows: &[AggregateRow]) -> i64 {
    match rows.first().and_then(|row| row.values.first()) {
        Some(Value::Int(count)) => *count,
        _ => 0,
    }
}

pub(super) async fn aggregate_refuses_invalid(mut fixture: Fixture) -> Outcome {
    fixture.create_case().await?;
    let all = || Aggregate::count(fixture.workspace, Kind::Case, Filter::all());
    let invalid = [
        ("a group by many values", all().by(&["tags"])),
        ("a group by an unknown field", all().by(&["nothing"])),
        ("enough of a group", all().by(&["status"]).enough(5)),
        (
            "a sum of texts",
            all().measures(vec![Measure::Sum("stage".to_owned())]),
        ),
        (
            "a sum of times",
            all().measures(vec![Measure::Sum("opened_at".to_owned())]),
        ),
        (
            "an extreme of many values",
            all().measures(vec![Measure::Max("tags".to_owned())]),
        ),
        (
            "an unknown field in the filter",
            Aggregate::count(
                fixture.workspace,
                Kind::Case,
                Filter::equal("nothing", 1_i64),
            ),
        ),
    ];
    for (what, aggregate) in invalid {
        refused(
            what,
            fixture.store.aggregate(&aggregate).await,
            ErrorKind::Invalid,
        )?;
    }
    Ok(())
}
