//! What tests search in: ten cases about something common.

use casekit_core::model::{CustomerId, WorkspaceId};
use casekit_core::{Change, ChangeSet};
use casekit_testkit::generate::Generator;
use uuid::Uuid;

/// Creates ten cases, `common` being the subject of nine and `common rare` that of the oldest; and whose the
/// oldest is.
pub(crate) fn ten_cases() -> (ChangeSet, CustomerId) {
    let workspace = WorkspaceId(Uuid::from_u128(1));
    let mut make = Generator::new(1, workspace);
    let customers: Vec<_> = (0..10).map(|_| make.customer()).collect();
    let cases = (1..).zip(&customers).map(|(number, customer)| {
        let mut case = make.case(customer);
        case.id = Uuid::from_u128(number.into()).into();
        case.number = number;
        case.external_id = None;
        case.subject = match number {
            1 => "common rare".to_owned(),
            _ => "common".to_owned(),
        };
        Change::Create(case.into())
    });
    let set = ChangeSet {
        changes: cases.collect(),
        id: make.id(),
        workspace,
        events: Vec::new(),
    };
    let oldest = customers.first().map(|customer| customer.id);
    (set, oldest.unwrap_or(CustomerId(Uuid::nil())))
}
