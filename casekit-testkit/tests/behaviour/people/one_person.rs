//! Whatever is done to customers, in whatever order: nobody is lost, nothing is held twice, and what
//! repeats a customer repeats them truly.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use casekit_core::model::{CaseId, Customer, CustomerId};
use casekit_core::operations::{
    CaseFilter, CreateCustomer, CustomerKey, CustomerStatistics, FindCases, FindCustomers, GetCase,
    GetCustomer, Journey, LookUpCustomer, MergeCustomers, OpenCase, PatchCustomer, ReceiveMessage,
};
use casekit_memory::MemoryStore;
use proptest::prelude::*;

use super::desk::TestDesk;

/// How many customers there are. Steps name them by their place.
const CUSTOMERS: usize = 6;

#[derive(Debug, Clone)]
enum Step {
    Merge(usize, usize),
    Rename(usize, String),
    Open(usize),
    Write(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..CUSTOMERS;
    prop_oneof![
        (who(), who()).prop_map(|(a, b)| Step::Merge(a, b)),
        (who(), "[a-c]{0,2}").prop_map(|(who, name)| Step::Rename(who, name)),
        who().prop_map(Step::Open),
        (0..20_usize).prop_map(Step::Write),
    ]
}

struct Played {
    test: TestDesk,
    customers: Vec<CustomerId>,
    cases: Vec<CaseId>,
    /// The cases to which somebody wrote by mail.
    written: BTreeSet<CaseId>,
    /// By place, the place that holds them now.
    holders: BTreeMap<usize, usize>,
}

impl Played {
    async fn new() -> Self {
        let test = TestDesk::on(Arc::new(MemoryStore::new()), 1).await;
        let mut customers = Vec::new();
        for n in 0..CUSTOMERS {
            let create = CreateCustomer::new(&format!("n{n}"), &address(n));
            customers.push(test.system().run(create).await.unwrap().id);
        }
        Self {
            test,
            customers,
            cases: Vec::new(),
            written: BTreeSet::new(),
            holders: (0..CUSTOMERS).map(|n| (n, n)).collect(),
        }
    }

    async fn get(&self, n: usize) -> Customer {
        let customer = self.customers[n];
        let get = GetCustomer { customer };
        self.test.system().run(get).await.unwrap()
    }

    async fn play(&mut self, step: &Step) {
        let system = self.test.system();
        match step {
            Step::Merge(a, b) => {
                let (duplicate, into) = (self.customers[*a], self.customers[*b]);
                let merged = system.run(MergeCustomers { duplicate, into }).await;
                let (from, to) = (self.holders[a], self.holders[b]);
                assert_eq!(merged.is_ok(), from != to);
                for holder in self.holders.values_mut().filter(|h| **h == from) {
                    *holder = to;
                }
            }
            Step::Rename(n, name) => {
                let mut edit = PatchCustomer::of(&self.get(*n).await);
                edit.name = Some(name.clone());
                system.run(edit).await.unwrap();
            }
            Step::Open(n) => {
                let open = OpenCase::new(self.customers[*n], "Broken").customer_says("Help");
                self.cases.push(system.run(open).await.unwrap().id);
            }
            Step::Write(_) if self.cases.is_empty() => {}
            Step::Write(n) => {
                let case = self.cases[n % self.cases.len()];
                self.written.insert(case);
                system.run(ReceiveMessage::new(case, "More")).await.unwrap();
            }
        }
    }

    async fn check(&self) {
        let system = self.test.system();
        for n in 0..CUSTOMERS {
            let one = self.get(n).await;
            assert_eq!(one.id, self.customers[self.holders[&n]]);
            let by = CustomerKey::Email(address(n));
            assert_eq!(system.run(LookUpCustomer { by }).await.unwrap(), one);
            let with_me = self.holders.values().filter(|h| **h == self.holders[&n]);
            assert_eq!(one.emails.len(), with_me.count());
        }
        let (mut listed, mut steps) = (0, 0);
        // Carla, whom every desk has, is among them.
        let all = system.run(FindCustomers::default()).await.unwrap();
        for customer in &all.customers {
            assert_eq!(customer.merged_into, None);
            let filter = CaseFilter::Customer(customer.id);
            let find = FindCases {
                filter,
                limit: 1_000,
                ..FindCases::default()
            };
            let cases = system.run(find).await.unwrap().cases;
            let figures = CustomerStatistics::of(customer.id);
            let figures = system.run(figures).await.unwrap().figures;
            assert_eq!(figures.open, cases.len() as u64);
            let messages: u32 = cases.iter().map(|case| case.attention.messages).sum();
            assert_eq!(figures.messages, u64::from(messages));
            listed += cases.len();
            for case in &cases {
                assert_eq!(case.customer_name, customer.display_name());
            }
            let mut journey = Journey::of(customer.id);
            journey.limit = 1_000;
            for step in system.run(journey).await.unwrap().steps {
                steps += 1;
                let case = step.activity.case.into();
                let case = system.run(GetCase { case }).await.unwrap();
                assert_eq!(case.customer, customer.id);
            }
        }
        assert_eq!(listed, self.cases.len());
        // One activity for how each case was opened, one more for the mails to it.
        assert_eq!(steps, self.cases.len() + self.written.len());
    }
}

fn address(n: usize) -> String {
    format!("n{n}@example.com")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn customers_stay_whole(steps in prop::collection::vec(step(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut played = Played::new().await;
            for step in &steps {
                played.play(step).await;
            }
            played.check().await;
        });
    }
}
