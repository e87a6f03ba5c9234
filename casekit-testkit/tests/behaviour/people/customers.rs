//! W3, and how cases follow their customer.

use std::collections::BTreeMap;

use casekit_core::ErrorKind;
use casekit_core::model::{Customer, ExternalId, FieldTarget, FieldType, FieldValue, Stored, What};
use casekit_core::operations::{
    CaseFilter, Contact, CreateCustomer, CreateOrganisation, CustomerKey, DefineField, FindCases,
    FindCustomers, FindOrCreateCustomer, FindOutcome, GetCase, GetCustomer, LookUpCustomer,
    OpenCase, PatchCustomer,
};

use super::desk::{TestDesk, on_every_store};

fn full() -> CreateCustomer {
    CreateCustomer {
        name: " Søren Ägren ".to_owned(),
        emails: vec!["soren@example.com".to_owned(), " S@Example.com".to_owned()],
        phones: vec!["+32 475 12 34 56".to_owned()],
        language: Some("da".to_owned()),
        external_ids: BTreeMap::from([("crm".to_owned(), "4711".to_owned())]),
        notes: "Call before noon".to_owned(),
        ..CreateCustomer::default()
    }
}

async fn carla(test: &TestDesk) -> Customer {
    let customer = test.customer;
    test.system().run(GetCustomer { customer }).await.unwrap()
}

#[tokio::test]
async fn a_customer_has_several_addresses_and_numbers() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let mut create = full();
        // The same address or number twice is one.
        create.emails.push("SOREN@example.com".to_owned());
        create.phones.push("0032475123456".to_owned());
        let made = ann.run(create).await.unwrap();
        assert_eq!(made.name, "Søren Ägren");
        assert_eq!(made.emails, ["soren@example.com", "S@Example.com"]);
        assert_eq!(made.phones, ["+32 475 12 34 56"]);
        for by in [
            CustomerKey::Email(" s@EXAMPLE.com".to_owned()),
            CustomerKey::Phone("+32475123456".to_owned()),
            CustomerKey::ExternalId(ExternalId {
                system: "crm".to_owned(),
                id: "4711".to_owned(),
            }),
        ] {
            assert_eq!(ann.run(LookUpCustomer { by }).await.unwrap(), made);
        }
        let by = CustomerKey::Phone("0475".to_owned());
        let missing = ann.run(LookUpCustomer { by }).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn what_belongs_to_one_customer_is_refused_to_another() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let holder = ann.run(full()).await.unwrap();
        let claims: [fn(&mut CreateCustomer); 3] = [
            |c| c.emails = vec!["S@example.COM".to_owned()],
            |c| c.phones = vec!["0032 475 123456".to_owned()],
            |c| c.external_ids = full().external_ids,
        ];
        for claim in claims {
            let mut create = CreateCustomer {
                name: "Thief".to_owned(),
                ..CreateCustomer::default()
            };
            claim(&mut create);
            let taken = ann.run(create).await.unwrap_err();
            assert_eq!(taken.kind(), ErrorKind::Taken);
            assert_eq!(taken.details().unwrap()["holder"], holder.id.to_string());
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    on_every_store(async |test| {
        let bad: [fn(&mut CreateCustomer); 7] = [
            |c| c.emails = vec!["no address".to_owned()],
            |c| c.phones = vec!["call me".to_owned()],
            |c| c.language = Some("English, please".to_owned()),
            |c| c.organisation = Some(uuid::Uuid::nil().into()),
            |c| c.external_ids = BTreeMap::from([("crm".to_owned(), String::new())]),
            |c| c.custom = BTreeMap::from([("none".to_owned(), FieldValue::YesNo(true))]),
            |c| *c = CreateCustomer::default(),
        ];
        for spoil in bad {
            let mut create = full();
            spoil(&mut create);
            let refused = test.agent(test.ann).run(create).await.unwrap_err();
            assert!(matches!(
                refused.kind(),
                ErrorKind::Invalid | ErrorKind::NotFound
            ));
        }
    })
    .await;
}

#[tokio::test]
async fn a_customer_is_found_or_created_by_email_or_phone() {
    on_every_store(async |test| {
        let system = test.system();
        let find = |contact: Contact| system.run(FindOrCreateCustomer { contact });
        let found = find(Contact::email("C.", "CARLA@example.com"))
            .await
            .unwrap();
        assert_eq!(
            (found.outcome, found.customer.id),
            (FindOutcome::Found, test.customer)
        );
        assert_eq!(found.customer.name, "Carla");

        let created = find(Contact::phone("Dan", "0475/12.34.56")).await.unwrap();
        assert_eq!(created.outcome, FindOutcome::Created);
        let again = find(Contact::phone("", "0475 123456")).await.unwrap();
        assert_eq!(
            (again.outcome, again.customer),
            (FindOutcome::Found, created.customer)
        );
        let nothing = find(Contact::default()).await.unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn two_first_contacts_at_once_find_one_customer() {
    on_every_store(async |test| {
        let contact = Contact::email("Dan", "dan@example.com");
        let (other, find) = (test.system(), FindOrCreateCustomer { contact });
        let same = find.clone();
        let desk = test.raced_by(async move {
            assert_eq!(other.run(same).await.unwrap().outcome, FindOutcome::Created);
        });
        let found = desk.system(test.workspace).run(find).await.unwrap();
        assert_eq!(found.outcome, FindOutcome::Found);
        let all = test.system().run(FindCustomers::text("dan")).await.unwrap();
        assert_eq!(all.customers, [found.customer]);
    })
    .await;
}

#[tokio::test]
async fn a_new_customer_who_writes_twice_at_once_has_two_cases() {
    on_every_store(async |test| {
        let contact = Contact::email("Dan", "dan@example.com");
        let (other, open) = (test.system(), OpenCase::new(contact, "Broken"));
        let same = open.clone();
        let desk = test.raced_by(async move {
            other.run(same).await.unwrap();
        });
        let second = desk.system(test.workspace).run(open).await.unwrap();
        let cases = FindCases {
            filter: CaseFilter::Customer(second.customer),
            ..FindCases::default()
        };
        assert_eq!(test.system().run(cases).await.unwrap().cases.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn any_single_field_is_edited_without_overwriting_a_colleagues_edit_of_another() {
    on_every_store(async |test| {
        let (ann, ben) = (test.agent(test.ann), test.agent(test.ben));
        let seen = carla(&test).await;
        let mut name = PatchCustomer::of(&seen);
        name.name = Some("Carla Jones".to_owned());
        let mut phones = PatchCustomer::of(&seen);
        phones.phones = Some(vec!["0475".to_owned()]);
        let mut crm = PatchCustomer::of(&seen);
        crm.external_ids
            .insert("crm".to_owned(), Some("1".to_owned()));
        let mut shop = PatchCustomer::of(&seen);
        shop.external_ids
            .insert("shop".to_owned(), Some("2".to_owned()));
        for edit in [&name, &phones, &crm] {
            ann.run(edit.clone()).await.unwrap();
        }
        let all = ben.run(shop).await.unwrap();
        assert_eq!((all.name.as_str(), all.phones.len()), ("Carla Jones", 1));
        assert_eq!(all.external_ids.len(), 2);

        name.name = Some("Carla Smith".to_owned());
        let stale = ben.run(name.clone()).await.unwrap_err();
        assert_eq!(stale.kind(), ErrorKind::Conflict);
        assert_eq!(stale.details().unwrap()["field"], "name");
        assert_eq!(stale.details().unwrap()["current"], "Carla Jones");
        // Who saw the earlier edit wins.
        name.seen = all.version;
        assert_eq!(ben.run(name).await.unwrap().name, "Carla Smith");
    })
    .await;
}

#[tokio::test]
async fn two_edits_at_the_same_moment_both_survive() {
    on_every_store(async |test| {
        let seen = carla(&test).await;
        let (mut name, mut notes) = (PatchCustomer::of(&seen), PatchCustomer::of(&seen));
        name.name = Some("Carla Jones".to_owned());
        notes.notes = Some("VIP".to_owned());
        let other = test.agent(test.ben);
        let desk = test.raced_by(async move {
            other.run(name).await.unwrap();
        });
        let both = desk
            .agent(test.workspace, test.ann)
            .run(notes)
            .await
            .unwrap();
        assert_eq!(
            (both.name.as_str(), both.notes.as_str()),
            ("Carla Jones", "VIP")
        );
        assert_eq!(carla(&test).await, both);
    })
    .await;
}

#[tokio::test]
async fn each_custom_field_is_a_field_of_its_own() {
    on_every_store(async |test| {
        let (admin, ann) = (test.agent(test.admin), test.agent(test.ann));
        for key in ["height", "weight"] {
            let field = DefineField::new(FieldTarget::Customer, key, key, FieldType::Number);
            admin.run(field).await.unwrap();
        }
        let seen = carla(&test).await;
        let set = |key: &str, value: Option<f64>| {
            let mut edit = PatchCustomer::of(&seen);
            edit.custom
                .insert(key.to_owned(), value.map(FieldValue::Number));
            edit
        };
        ann.run(set("height", Some(180.0))).await.unwrap();
        let both = ann.run(set("weight", Some(80.5))).await.unwrap();
        assert_eq!(both.custom.len(), 2);
        let stale = ann.run(set("height", None)).await.unwrap_err();
        assert_eq!(stale.details().unwrap()["field"], "custom.height");

        let mut remove = set("height", None);
        remove.seen = both.version;
        assert_eq!(ann.run(remove).await.unwrap().custom.len(), 1);
        let mut wrong = PatchCustomer::of(&both);
        wrong
            .custom
            .insert("weight".to_owned(), Some(FieldValue::YesNo(true)));
        assert_eq!(ann.run(wrong).await.unwrap_err().kind(), ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn an_edit_says_from_what_to_what_and_one_that_changes_nothing_says_nothing() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let seen = carla(&test).await;
        let mut edit = PatchCustomer::of(&seen);
        edit.language = Some(Some("nl".to_owned()));
        edit.name = Some("Carla".to_owned());
        let edited = ann.run(edit).await.unwrap();
        let events = test.events().await;
        let event = events.last().unwrap();
        assert_eq!((event.what, event.about), (What::Changed, seen.key()));
        assert_eq!(
            (event.actor.agent(), event.operation.as_str()),
            (Some(test.ann), "patch_customer")
        );
        assert_eq!(event.changes.len(), 1);
        let change = &event.changes[0];
        assert_eq!(
            (change.field.as_str(), &change.after),
            ("language", &"nl".into())
        );
        assert!(change.before.is_null());

        let mut same = PatchCustomer::of(&edited);
        same.language = Some(Some("nl".to_owned()));
        assert_eq!(ann.run(same).await.unwrap().version, edited.version);
        assert_eq!(test.events().await.len(), events.len());
    })
    .await;
}

#[tokio::test]
async fn cases_follow_a_new_name_and_organisation_and_stay_where_they_are_in_lists() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let before = ann
            .run(OpenCase::new(test.customer, "Broken"))
            .await
            .unwrap();
        test.clock.advance(chrono::TimeDelta::hours(1));
        let initech = ann.run(CreateOrganisation::new("Initech")).await.unwrap();
        let mut edit = PatchCustomer::of(&carla(&test).await);
        edit.name = Some("Carla Jones".to_owned());
        edit.organisation = Some(Some(initech.id));
        ann.run(edit).await.unwrap();

        let cases = FindCases {
            filter: CaseFilter::Organisation(Some(initech.id)),
            ..FindCases::default()
        };
        let cases = ann.run(cases).await.unwrap().cases;
        let [case] = cases.as_slice() else {
            panic!("one case of the organisation, not {}", cases.len());
        };
        assert_eq!(case.customer_name, "Carla Jones");
        assert_eq!(case.updated_at, before.updated_at);
        let events = test.events().await;
        let fields: Vec<_> = events
            .iter()
            .filter(|event| event.about == case.key() && event.operation == "patch_customer")
            .flat_map(|event| &event.changes)
            .map(|change| change.field.as_str())
            .collect();
        assert_eq!(fields, ["customer_name", "organisation"]);
    })
    .await;
}

#[tokio::test]
async fn a_case_opened_while_its_customer_is_renamed_has_the_new_name() {
    on_every_store(async |test| {
        let mut edit = PatchCustomer::of(&carla(&test).await);
        edit.name = Some("Carla Jones".to_owned());
        let other = test.agent(test.ben);
        let desk = test.raced_by(async move {
            other.run(edit).await.unwrap();
        });
        let open = OpenCase::new(test.customer, "Broken");
        let case = desk
            .agent(test.workspace, test.ann)
            .run(open)
            .await
            .unwrap();
        let case = test
            .system()
            .run(GetCase {
                case: (&case).into(),
            })
            .await
            .unwrap();
        assert_eq!(case.customer_name, "Carla Jones");
    })
    .await;
}

#[tokio::test]
async fn customers_are_found_by_words_of_name_address_and_number() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let soren = ann.run(full()).await.unwrap();
        for text in [
            "soren agr",
            "SØREN",
            "s@exa",
            "+32475",
            "+32 475 12",
            "0032 475/12.34",
            "476",
        ] {
            let found = ann.run(FindCustomers::text(text)).await.unwrap().customers;
            let hit = found.iter().any(|customer| customer.id == soren.id);
            assert_eq!(hit, text != "476", "{text}");
            assert!(found.len() <= 1, "{text}");
        }
        assert!(
            ann.run(FindCustomers::text("?!"))
                .await
                .unwrap()
                .customers
                .is_empty()
        );
        assert_eq!(
            ann.run(FindCustomers::default())
                .await
                .unwrap()
                .customers
                .len(),
            2
        );
    })
    .await;
}

#[tokio::test]
async fn customers_are_listed_page_by_page() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        for n in 0..7 {
            let create = CreateCustomer::new("Same Name", &format!("n{n}@example.com"));
            ann.run(create).await.unwrap();
        }
        let mut find = FindCustomers::text("same");
        find.limit = 3;
        let mut ids = Vec::new();
        loop {
            let page = ann.run(find.clone()).await.unwrap();
            ids.extend(page.customers.into_iter().map(|customer| customer.id));
            find.after = page.next;
            if find.after.is_none() {
                break;
            }
        }
        let all: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), all.len()), (7, 7));
    })
    .await;
}
