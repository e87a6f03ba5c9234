//! What tests search in: ten cases about something common.

use std::collections::BTreeSet;

use casekit_core::model::{
    Author, Body, Case, CustomValues, FieldValue, Remark, Status, Value, Visibility, WorkspaceId,
};
use casekit_core::query::{Comparison, Filter};
use casekit_core::{Change, ChangeSet};
use casekit_testkit::generate::Generator;
use chrono::TimeDelta;
use uuid::Uuid;

/// How many notes on the oldest case are about talk: more than there are cases.
const NOTES: usize = 11;

/// Creates ten cases, `common` being the subject of nine and `common rare` that of the oldest, on which there are
/// many notes about `talk`; and filters that select the oldest alone.
pub(crate) fn ten_cases() -> (ChangeSet, Vec<Filter>) {
    let workspace = WorkspaceId(Uuid::from_u128(1));
    let mut make = Generator::new(1, workspace);
    let mut changes = Vec::new();
    let mut filters = Vec::new();
    for number in 1..=10 {
        let customer = make.customer();
        let mut case = make.case(&customer);
        case.id = Uuid::from_u128(number.into()).into();
        case.number = number;
        case.external_id = None;
        case.subject = "common".to_owned();
        case.tags = BTreeSet::new();
        case.custom = CustomValues::new();
        case.flagged = false;
        case.organisation = None;
        if number == 1 {
            filters = mark(&mut case);
        }
        changes.push(Change::Create(case.clone().into()));
        if number == 1 {
            changes.extend((0..NOTES).map(|_| talk(&mut make, &case)));
        }
    }
    let set = ChangeSet {
        changes,
        id: make.id(),
        workspace,
        events: Vec::new(),
    };
    (set, filters)
}

/// Sets a case apart from the others; gives the filters that select it.
fn mark(case: &mut Case) -> Vec<Filter> {
    case.subject.push_str(" rare");
    case.status = Status::Closed;
    case.flagged = true;
    case.reopened = 7;
    case.tags.insert("old".to_owned());
    let level = FieldValue::Number(7.5);
    case.custom.insert("level".to_owned(), level);
    case.opened_at -= TimeDelta::days(400);
    let opened = Value::from(case.opened_at);
    vec![
        Filter::equal("customer", case.customer),
        Filter::compare("opened_at", Comparison::AtMost, opened),
        Filter::equal("status", "closed"),
        Filter::equal("tags", "old"),
        Filter::compare("custom.level", Comparison::Equal, Value::Real(7.5)),
        Filter::equal("flagged", true),
        // No index has this one.
        Filter::equal("reopened", 7_i64),
    ]
}

fn talk(make: &mut Generator, case: &Case) -> Change {
    let mut entry = make.entry(case);
    entry.author = Author::System;
    entry.visibility = Visibility::Internal;
    entry.body = Body::Note(Remark {
        text: "talk".to_owned(),
        mentions: BTreeSet::new(),
    });
    Change::Create(entry.into())
}
