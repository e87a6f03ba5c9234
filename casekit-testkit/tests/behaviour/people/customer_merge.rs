//! W4.

use std::collections::BTreeMap;

use casekit_core::ErrorKind;
use casekit_core::model::{
    Author, Body, Case, Customer, CustomerId, ExternalId, FieldTarget, FieldType, FieldValue,
    Medium, Stored, What,
};
use casekit_core::operations::{
    Contact, CreateCustomer, CreateOrganisation, CustomerKey, DefineField, FindCustomers,
    FindOrCreateCustomer, FindOutcome, GetCase, GetCustomer, Journey, ListMergedCustomers,
    LookUpCustomer, MergeCustomers, MyCases, MyUpdates, OpenCase, PatchCustomer, ReadThread,
    ReceiveMessage, RecordActivity,
};

use super::desk::{TestDesk, on_every_store};

fn merge(duplicate: CustomerId, into: CustomerId) -> MergeCustomers {
    MergeCustomers { duplicate, into }
}

async fn get(test: &TestDesk, customer: CustomerId) -> Customer {
    test.system().run(GetCustomer { customer }).await.unwrap()
}

async fn create(test: &TestDesk, name: &str, email: &str) -> Customer {
    let create = CreateCustomer::new(name, email);
    test.system().run(create).await.unwrap()
}

async fn case(test: &TestDesk, case: &Case) -> Case {
    let case = GetCase { case: case.into() };
    test.system().run(case).await.unwrap()
}

#[tokio::test]
async fn merging_takes_a_supervisor() {
    on_every_store(async |test| {
        let other = create(&test, "C.", "c@example.com").await;
        let denied = test
            .agent(test.ann)
            .run(merge(other.id, test.customer))
            .await;
        assert_eq!(denied.unwrap_err().kind(), ErrorKind::Denied);
        test.agent(test.supervisor)
            .run(merge(other.id, test.customer))
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn cases_and_activities_follow_and_the_old_id_still_resolves() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let other = create(&test, "C. Jones", "c@example.com").await;
        let opened = OpenCase::new(other.id, "Broken").customer_says("Help");
        let opened = ann.run(opened).await.unwrap();
        ann.run(RecordActivity::new(&opened, Medium::Visit))
            .await
            .unwrap();

        let merged = test
            .agent(test.supervisor)
            .run(merge(other.id, test.customer))
            .await
            .unwrap();
        assert_eq!((merged.cases, merged.activities), (1, 2));
        assert_eq!(merged.customer.id, test.customer);
        let followed = case(&test, &opened).await;
        assert_eq!(
            (followed.customer, followed.customer_name.as_str()),
            (test.customer, "Carla")
        );
        assert_eq!(followed.updated_at, opened.updated_at);
        // Both ids lead to one journey.
        for id in [other.id, test.customer] {
            assert_eq!(ann.run(Journey::of(id)).await.unwrap().steps.len(), 2);
            assert_eq!(get(&test, id).await.id, test.customer);
        }
        // What was said keeps who said it.
        let thread = ann.run(ReadThread::of(&opened)).await.unwrap().entries;
        let message = thread
            .iter()
            .find(|entry| matches!(entry.body, Body::Message(_)))
            .unwrap();
        assert!(matches!(message.author, Author::Customer { id, .. } if id == other.id));
        // And what they say next is said by the one that both are.
        let next = ann
            .run(ReceiveMessage::new(&opened, "And now?"))
            .await
            .unwrap();
        assert!(matches!(next.entry.author, Author::Customer { id, .. } if id == test.customer));
    })
    .await;
}

#[tokio::test]
async fn the_old_id_still_logs_in() {
    on_every_store(async |test| {
        let other = create(&test, "C.", "c@example.com").await;
        let system = test.system();
        system.run(OpenCase::new(other.id, "Theirs")).await.unwrap();
        system
            .run(OpenCase::new(test.customer, "Hers"))
            .await
            .unwrap();
        system.run(merge(other.id, test.customer)).await.unwrap();
        for id in [other.id, test.customer] {
            let cases = test
                .customer(id)
                .run(MyCases::default())
                .await
                .unwrap()
                .cases;
            assert_eq!(cases.len(), 2);
        }
    })
    .await;
}

#[tokio::test]
async fn everything_known_of_both_is_known_of_one() {
    on_every_store(async |test| {
        let (admin, system) = (test.agent(test.admin), test.system());
        let choices = vec!["mail".to_owned(), "phone".to_owned()];
        for (key, holds) in [
            ("height", FieldType::Number),
            ("colour", FieldType::Text),
            ("prefers", FieldType::Choices { choices }),
        ] {
            let field = DefineField::new(FieldTarget::Customer, key, key, holds);
            admin.run(field).await.unwrap();
        }
        let text = |text: &str| FieldValue::Text(text.to_owned());
        let chosen = |choice: &str| FieldValue::Choices(vec![choice.to_owned()]);
        let mut kept = PatchCustomer::of(&get(&test, test.customer).await);
        kept.external_ids
            .insert("crm".to_owned(), Some("1".to_owned()));
        kept.notes = Some("Kind".to_owned());
        kept.custom.insert("colour".to_owned(), Some(text("red")));
        kept.custom
            .insert("prefers".to_owned(), Some(chosen("mail")));
        system.run(kept).await.unwrap();
        let initech = system
            .run(CreateOrganisation::new("Initech"))
            .await
            .unwrap();
        let other = CreateCustomer {
            name: "C. Jones".to_owned(),
            emails: vec!["c@example.com".to_owned()],
            phones: vec!["0475 1".to_owned()],
            organisation: Some(initech.id),
            language: Some("nl".to_owned()),
            external_ids: BTreeMap::from([
                ("crm".to_owned(), "2".to_owned()),
                ("shop".to_owned(), "7".to_owned()),
            ]),
            notes: "Pays late".to_owned(),
            custom: BTreeMap::from([
                ("colour".to_owned(), text("blue")),
                ("height".to_owned(), FieldValue::Number(180.0)),
                ("prefers".to_owned(), chosen("phone")),
            ]),
        };
        let other = system.run(other).await.unwrap();
        let hers = system
            .run(OpenCase::new(test.customer, "Hers"))
            .await
            .unwrap();

        let merged = system.run(merge(other.id, test.customer)).await.unwrap();
        let one = &merged.customer;
        assert_eq!(one.name, "Carla");
        assert_eq!(one.emails, ["carla@example.com", "c@example.com"]);
        assert_eq!(one.phones, ["0475 1"]);
        assert_eq!(one.organisation, Some(initech.id));
        assert_eq!(one.language.as_deref(), Some("nl"));
        assert_eq!(one.external_ids["crm"], "1");
        assert_eq!(one.external_ids["shop"], "7");
        assert_eq!(one.notes, "Kind\n\nPays late");
        assert_eq!(one.custom["height"], FieldValue::Number(180.0));
        assert_eq!(one.custom["colour"], text("red"));
        let both = FieldValue::Choices(vec!["mail".to_owned(), "phone".to_owned()]);
        assert_eq!(one.custom["prefers"], both);
        // Her own cases follow what she gained.
        assert_eq!(case(&test, &hers).await.organisation, Some(initech.id));

        // What could not go over is named, and stays.
        let apart: Vec<_> = merged
            .apart
            .iter()
            .map(|apart| apart.field.as_str())
            .collect();
        assert_eq!(apart, ["name", "external_ids.crm", "custom.colour"]);
        let stubs = system
            .run(ListMergedCustomers::of(test.customer))
            .await
            .unwrap()
            .customers;
        assert_eq!(stubs.len(), 1);
        assert_eq!(
            (stubs[0].id, stubs[0].name.as_str()),
            (other.id, "C. Jones")
        );
        assert_eq!(stubs[0].custom["colour"], text("blue"));
        let by = CustomerKey::ExternalId(ExternalId {
            system: "crm".to_owned(),
            id: "2".to_owned(),
        });
        assert_eq!(
            system.run(LookUpCustomer { by }).await.unwrap().id,
            test.customer
        );
    })
    .await;
}

#[tokio::test]
async fn the_duplicates_addresses_find_the_one_that_is_kept() {
    on_every_store(async |test| {
        let other = create(&test, "C.", "c@example.com").await;
        test.system()
            .run(merge(other.id, test.customer))
            .await
            .unwrap();
        let contact = Contact::email("C.", "c@example.com");
        let found = test
            .system()
            .run(FindOrCreateCustomer { contact })
            .await
            .unwrap();
        assert_eq!(
            (found.outcome, found.customer.id),
            (FindOutcome::Found, test.customer)
        );
        // In lists, and by words, there is only one.
        let all = test.system().run(FindCustomers::default()).await.unwrap();
        assert_eq!(all.customers.len(), 1);
        let found = test
            .system()
            .run(FindCustomers::text("c@example"))
            .await
            .unwrap();
        assert_eq!(found.customers, all.customers);
    })
    .await;
}

#[tokio::test]
async fn a_merge_with_oneself_is_refused() {
    on_every_store(async |test| {
        let refused = test.system().run(merge(test.customer, test.customer)).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn a_merge_into_a_stub_goes_to_where_it_points_and_chains_stay_short() {
    on_every_store(async |test| {
        let mut last = test.customer;
        let mut stubs = Vec::new();
        // Many more than the redirects that are followed.
        for n in 0..40 {
            let next = create(&test, "Next", &format!("n{n}@example.com")).await.id;
            test.system().run(merge(last, next)).await.unwrap();
            stubs.push(last);
            last = next;
        }
        for stub in &stubs {
            assert_eq!(get(&test, *stub).await.id, last);
        }
        assert_eq!(get(&test, last).await.emails.len(), 41);
        let opened = test
            .system()
            .run(OpenCase::new(stubs[0], "Old id"))
            .await
            .unwrap();
        assert_eq!(opened.customer, last);

        let late = create(&test, "Late", "late@example.com").await.id;
        let merged = test.system().run(merge(late, stubs[0])).await.unwrap();
        assert_eq!(merged.customer.id, last);
        // And a stub as the duplicate stands for the one it went into.
        let final_one = create(&test, "Final", "final@example.com").await.id;
        test.system().run(merge(stubs[3], final_one)).await.unwrap();
        assert_eq!(get(&test, late).await.id, final_one);
        assert_eq!(case(&test, &opened).await.customer, final_one);
    })
    .await;
}

#[tokio::test]
async fn merging_twice_is_a_conflict_that_names_the_one() {
    on_every_store(async |test| {
        let other = create(&test, "C.", "c@example.com").await;
        test.system()
            .run(merge(other.id, test.customer))
            .await
            .unwrap();
        for (duplicate, into) in [(other.id, test.customer), (test.customer, other.id)] {
            let refused = test.system().run(merge(duplicate, into)).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Conflict);
            assert_eq!(
                refused.details().unwrap()["customer"],
                test.customer.to_string()
            );
        }
    })
    .await;
}

#[tokio::test]
async fn of_opposite_merges_at_once_one_wins() {
    on_every_store(async |test| {
        let other = create(&test, "C.", "c@example.com").await;
        let (first, opposite) = (test.system(), merge(test.customer, other.id));
        let desk = test.raced_by(async move {
            first.run(opposite).await.unwrap();
        });
        let second = desk
            .system(test.workspace)
            .run(merge(other.id, test.customer))
            .await;
        assert_eq!(second.unwrap_err().kind(), ErrorKind::Conflict);
        assert_eq!(get(&test, test.customer).await.id, other.id);
        assert_eq!(get(&test, other.id).await.emails.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_case_opened_at_the_same_moment_is_not_left_behind() {
    on_every_store(async |test| {
        let other = create(&test, "C.", "c@example.com").await;
        // The merge comes first: the case is opened for the one who is kept.
        let (first, merging) = (test.system(), merge(other.id, test.customer));
        let desk = test.raced_by(async move {
            first.run(merging).await.unwrap();
        });
        let open = OpenCase::new(other.id, "Broken");
        let opened = desk.system(test.workspace).run(open).await.unwrap();
        assert_eq!(case(&test, &opened).await.customer, test.customer);
    })
    .await;
}

#[tokio::test]
async fn a_case_changed_at_the_same_moment_keeps_the_change_and_moves() {
    on_every_store(async |test| {
        let other = create(&test, "C.", "c@example.com").await;
        let opened = test
            .system()
            .run(OpenCase::new(other.id, "Broken"))
            .await
            .unwrap();
        let (first, message) = (test.system(), ReceiveMessage::new(&opened, "Hello?"));
        let desk = test.raced_by(async move {
            first.run(message).await.unwrap();
        });
        let merging = merge(other.id, test.customer);
        desk.system(test.workspace).run(merging).await.unwrap();
        let both = case(&test, &opened).await;
        assert_eq!((both.customer, both.attention.messages), (test.customer, 1));
        assert_eq!(
            test.system()
                .run(Journey::of(test.customer))
                .await
                .unwrap()
                .steps
                .len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn both_sides_audit_it() {
    on_every_store(async |test| {
        let other = create(&test, "C.", "c@example.com").await;
        test.agent(test.supervisor)
            .run(merge(other.id, test.customer))
            .await
            .unwrap();
        let events = test.events().await;
        let merges: Vec<_> = events.iter().filter(|e| e.what == What::Merged).collect();
        assert_eq!(merges.len(), 2);
        let change = |about, field: &str| {
            let event = merges.iter().find(|event| event.about == about).unwrap();
            event
                .changes
                .iter()
                .find(|c| c.field == field)
                .cloned()
                .unwrap()
        };
        let stub = change(other.key(), "merged_into");
        assert_eq!(
            (stub.before.is_null(), stub.after),
            (true, test.customer.to_string().into())
        );
        let kept = get(&test, test.customer).await;
        let emails = change(kept.key(), "emails");
        assert_eq!(
            emails.after,
            serde_json::json!(["carla@example.com", "c@example.com"])
        );
    })
    .await;
}

#[tokio::test]
async fn an_edit_of_a_stub_is_a_conflict_that_says_where_it_went() {
    on_every_store(async |test| {
        let seen = create(&test, "C.", "c@example.com").await;
        test.system()
            .run(merge(seen.id, test.customer))
            .await
            .unwrap();
        let mut edit = PatchCustomer::of(&seen);
        edit.name = Some("C. Jones".to_owned());
        let refused = test.system().run(edit).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        assert_eq!(
            refused.details().unwrap()["current"],
            test.customer.to_string()
        );
    })
    .await;
}

#[tokio::test]
async fn news_of_the_last_of_very_many_merged_customers_is_told() {
    on_every_store(async |test| {
        let mut last = test.customer;
        for n in 0..201 {
            last = create(&test, "C.", &format!("c{n}@example.com")).await.id;
            if n < 200 {
                let merged = test.system().run(merge(last, test.customer)).await;
                merged.unwrap();
            }
        }
        let opened = OpenCase::new(last, "Broken").customer_says("Help");
        let opened = test.system().run(opened).await.unwrap();
        let merged = test.system().run(merge(last, test.customer)).await;
        merged.unwrap();
        let customer = test.customer(test.customer);
        let news = customer.run(MyUpdates::default()).await.unwrap();
        assert!(!news.updates.is_empty());
        assert!(news.updates.iter().all(|update| update.case == opened.id));
    })
    .await;
}
