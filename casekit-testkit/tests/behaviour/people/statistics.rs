//! W5.

use casekit_core::model::{CallDirection, CallOutcome, Case};
use casekit_core::operations::{
    CloseCase, CustomerFigures, CustomerStatistics, LogCall, MergeCases, OpenCase, ReceiveMessage,
    ReopenCase, Reply,
};
use chrono::TimeDelta;

use super::desk::{TestDesk, on_every_store};

async fn figures(test: &TestDesk) -> CustomerFigures {
    let statistics = CustomerStatistics::of(test.customer);
    test.agent(test.ann).run(statistics).await.unwrap().figures
}

async fn open(test: &TestDesk) -> Case {
    let open = OpenCase::new(test.customer, "Broken").customer_says("Help");
    test.system().run(open).await.unwrap()
}

async fn close(test: &TestDesk, case: &Case) {
    let close = CloseCase::new(case, "done");
    test.agent(test.ann).run(close).await.unwrap();
}

#[tokio::test]
async fn a_customer_without_cases_has_no_means_and_no_contact() {
    on_every_store(async |test| {
        assert_eq!(figures(&test).await, CustomerFigures::default());
    })
    .await;
}

#[tokio::test]
async fn cases_messages_contacts_and_mean_times_add_up() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let start = casekit_core::port::Clock::now(&test.clock);
        let minutes = |n: i64| start + TimeDelta::minutes(n);

        let first = open(&test).await;
        test.clock.set(minutes(10));
        ann.run(Reply::new(&first, "Try again")).await.unwrap();
        test.clock.set(minutes(60));
        close(&test, &first).await;

        let second = open(&test).await;
        test.clock.set(minutes(80));
        ann.run(Reply::new(&second, "Coming")).await.unwrap();
        test.clock.set(minutes(90));
        close(&test, &second).await;
        let reopen = ReopenCase {
            case: (&second).into(),
        };
        ann.run(reopen).await.unwrap();

        test.clock.set(minutes(100));
        open(&test).await;
        test.clock.set(minutes(120));
        ann.run(ReceiveMessage::new(&second, "Still broken"))
            .await
            .unwrap();

        let minute = 60_000;
        let expected = CustomerFigures {
            open: 2,
            closed: 1,
            reopened: 1,
            messages: 6,
            first_contact: Some(start),
            last_contact: Some(minutes(120)),
            mean_first_response_ms: Some(15 * minute),
            mean_resolution_ms: Some(60 * minute),
        };
        assert_eq!(figures(&test).await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_call_is_a_contact_and_a_message() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let case = ann
            .run(OpenCase::new(test.customer, "Broken"))
            .await
            .unwrap();
        let now = casekit_core::port::Clock::now(&test.clock);
        let call = LogCall {
            case: (&case).into(),
            direction: CallDirection::Outbound,
            caller: String::new(),
            called: String::new(),
            started_at: now - TimeDelta::minutes(5),
            ended_at: now,
            outcome: CallOutcome::Answered,
            notes: String::new(),
            recording: None,
        };
        ann.run(call).await.unwrap();
        let figures = figures(&test).await;
        assert_eq!(figures.messages, 1);
        assert_eq!(figures.first_contact, Some(now - TimeDelta::minutes(5)));
        assert_eq!(figures.last_contact, figures.first_contact);
    })
    .await;
}

#[tokio::test]
async fn a_case_that_was_merged_does_not_count() {
    on_every_store(async |test| {
        let (first, second) = (open(&test).await, open(&test).await);
        let merge = MergeCases {
            duplicate: (&second).into(),
            into: (&first).into(),
        };
        test.agent(test.supervisor).run(merge).await.unwrap();
        let figures = figures(&test).await;
        assert_eq!((figures.open, figures.closed, figures.messages), (1, 0, 2));
    })
    .await;
}

#[tokio::test]
async fn every_other_case_is_listed_newest_first_page_by_page() {
    on_every_store(async |test| {
        let mut cases = Vec::new();
        for _ in 0..5 {
            test.clock.advance(TimeDelta::minutes(1));
            cases.push(open(&test).await.id);
        }
        let mut statistics = CustomerStatistics::of(test.customer);
        statistics.leave_out = Some(cases[2].into());
        statistics.limit = 3;
        let first = test.agent(test.ann).run(statistics.clone()).await.unwrap();
        // It is counted all the same.
        assert_eq!(first.figures.open, 5);
        statistics.after = first.cases.next;
        let second = test.agent(test.ann).run(statistics).await.unwrap();
        assert!(second.cases.next.is_none());
        let listed: Vec<_> = first
            .cases
            .cases
            .iter()
            .chain(&second.cases.cases)
            .map(|c| c.id)
            .collect();
        assert_eq!(listed, [cases[4], cases[3], cases[1], cases[0]]);
    })
    .await;
}
