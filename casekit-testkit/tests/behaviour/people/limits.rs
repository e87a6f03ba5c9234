//! What goes into an index is bounded, as `docs/limits.md` says: at the limit it is taken, over it refused
//! with the limit in the message.

use casekit_core::model::ExternalId;
use casekit_core::operations::{CreateCustomer, CreateOrganisation, CreateProduct, OpenCase};
use casekit_core::{ErrorKind, Result};

use super::desk::{TestDesk, on_every_store};

/// Gives something of so many characters.
async fn give(test: &TestDesk, field: &str, characters: usize) -> Result<()> {
    let system = test.system();
    let text = "x".repeat(characters);
    let mut customer = CreateCustomer::new("Eva", &format!("{field}{characters}@example.com"));
    let mut case = OpenCase::new(test.customer, "Broken");
    match field {
        "name" => {
            system.run(CreateProduct::new(&text)).await?;
            system.run(CreateOrganisation::new(&text)).await?;
            customer.name = text;
        }
        "email" => {
            let domain = "@example.com";
            customer.emails = vec![text[domain.len()..].to_owned() + domain];
        }
        "phone" => customer.phones = vec!["1".repeat(characters)],
        "language" => {
            let tag = "en".to_owned() + &"-abcdefg".repeat(9);
            customer.language = Some(tag[..characters].trim_end_matches('-').to_owned());
        }
        "tags" => case.tags = [text].into(),
        "external_ids" => customer.external_ids = [("crm".to_owned(), text)].into(),
        "id" => {
            case.external_id = Some(ExternalId {
                system: "crm".to_owned(),
                id: text,
            });
        }
        "system" => {
            case.external_id = Some(ExternalId {
                system: text,
                id: "7".to_owned(),
            });
        }
        _ => {
            assert_eq!(field, "subject");
            case.subject = text;
        }
    }
    system.run(customer).await?;
    system.run(case).await?;
    Ok(())
}

#[tokio::test]
async fn at_the_limit_it_is_taken_and_over_it_refused() {
    on_every_store(async |test| {
        for (field, most) in [
            ("name", 200),
            ("email", 254),
            ("phone", 32),
            ("language", 34),
            ("tags", 100),
            ("external_ids", 255),
            ("id", 255),
            ("system", 64),
            ("subject", 1_000),
        ] {
            give(&test, field, most).await.unwrap();
            let limit = if field == "language" { 35 } else { most };
            let refused = give(&test, field, most + 2).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Limit, "{refused}");
            let told = if field == "email" || field == "phone" {
                format!("`{field}s` is too long: at most {limit} characters")
            } else {
                format!("`{field}` is too long: at most {limit} characters")
            };
            assert_eq!(refused.message(), told);
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_is_bounded_as_it_is_compared_too() {
    on_every_store(async |test| {
        // One character that is compared as eighteen.
        let product = CreateProduct::new(&"\u{fdfa}".repeat(100));
        let refused = test.system().run(product).await.unwrap_err();
        assert_eq!(
            refused.message(),
            "`name` is too long: at most 200 characters"
        );
    })
    .await;
}
