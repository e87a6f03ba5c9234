//! W9.

use casekit_core::ErrorKind;
use casekit_core::operations::{
    CreateCustomer, CreateOrganisation, FindCustomers, GetOrganisation, ListOrganisations,
    PatchOrganisation,
};

use super::desk::on_every_store;

#[tokio::test]
async fn the_customers_of_an_organisation_are_listed() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let acme = ann.run(CreateOrganisation::new("Initech")).await.unwrap();
        for name in ["Zoe", "Dan"] {
            let mut create = CreateCustomer::new(name, &format!("{name}@initech.example"));
            create.organisation = Some(acme.id);
            ann.run(create).await.unwrap();
        }
        let find = FindCustomers {
            organisation: Some(acme.id),
            ..FindCustomers::default()
        };
        let found = ann.run(find).await.unwrap().customers;
        let names: Vec<_> = found.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["Dan", "Zoe"]);
    })
    .await;
}

#[tokio::test]
async fn an_organisation_is_edited_field_by_field_and_its_name_is_its_own() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let seen = ann.run(CreateOrganisation::new("Initech")).await.unwrap();
        let taken = ann
            .run(CreateOrganisation::new("INITECH"))
            .await
            .unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::Taken);

        let (mut name, mut notes) = (PatchOrganisation::of(&seen), PatchOrganisation::of(&seen));
        name.name = Some("Initrode".to_owned());
        notes.notes = Some("Pays late".to_owned());
        ann.run(name.clone()).await.unwrap();
        let both = ann.run(notes).await.unwrap();
        assert_eq!(
            (both.name.as_str(), both.notes.as_str()),
            ("Initrode", "Pays late")
        );
        name.name = Some("Else".to_owned());
        assert_eq!(ann.run(name).await.unwrap_err().kind(), ErrorKind::Conflict);
        let organisation = seen.id;
        assert_eq!(
            ann.run(GetOrganisation { organisation }).await.unwrap(),
            both
        );
    })
    .await;
}

#[tokio::test]
async fn organisations_are_found_by_how_their_name_begins() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        for name in ["Écoles de Gand", "École royale", "Initech"] {
            ann.run(CreateOrganisation::new(name)).await.unwrap();
        }
        let list = ListOrganisations {
            name: Some("ecole".to_owned()),
            ..ListOrganisations::default()
        };
        let found = ann.run(list).await.unwrap().organisations;
        let names: Vec<_> = found.iter().map(|o| o.name.as_str()).collect();
        assert_eq!(names, ["École royale", "Écoles de Gand"]);
    })
    .await;
}
