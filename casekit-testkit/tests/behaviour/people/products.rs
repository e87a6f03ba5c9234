//! W7.

use casekit_core::ErrorKind;
use casekit_core::operations::{
    CreateProduct, GetCase, GetProduct, ListProducts, OpenCase, PatchProduct,
};

use super::desk::on_every_store;

#[tokio::test]
async fn a_case_can_be_about_a_product_while_it_is_active_and_stays_so() {
    on_every_store(async |test| {
        let (admin, ann) = (test.agent(test.admin), test.agent(test.ann));
        let product = admin.run(CreateProduct::new("Router")).await.unwrap();
        let mut open = OpenCase::new(test.customer, "Broken");
        open.product = Some(product.id);
        let case = ann.run(open.clone()).await.unwrap();

        let mut edit = PatchProduct::of(&product);
        edit.active = Some(false);
        let denied = ann.run(edit.clone()).await.unwrap_err();
        assert_eq!(denied.kind(), ErrorKind::Denied);
        admin.run(edit).await.unwrap();
        assert_eq!(ann.run(open).await.unwrap_err().kind(), ErrorKind::Invalid);
        let case = ann
            .run(GetCase {
                case: (&case).into(),
            })
            .await
            .unwrap();
        assert_eq!(case.product, Some(product.id));
    })
    .await;
}

#[tokio::test]
async fn a_product_is_edited_field_by_field_and_its_name_is_its_own() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        let router = admin.run(CreateProduct::new("Router")).await.unwrap();
        let taken = admin.run(CreateProduct::new(" RÖUTER ")).await.unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::Taken);

        let (mut name, mut description) = (PatchProduct::of(&router), PatchProduct::of(&router));
        name.name = Some("Router X".to_owned());
        description.description = Some("A box".to_owned());
        admin.run(name.clone()).await.unwrap();
        let both = admin.run(description).await.unwrap();
        assert_eq!(
            (both.name.as_str(), both.description.as_str()),
            ("Router X", "A box")
        );
        name.name = Some("Router Y".to_owned());
        assert_eq!(
            admin.run(name).await.unwrap_err().kind(),
            ErrorKind::Conflict
        );
        let product = router.id;
        assert_eq!(admin.run(GetProduct { product }).await.unwrap(), both);
    })
    .await;
}

#[tokio::test]
async fn products_are_listed_by_name() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        for name in ["Zebra", "äpple", "Banana"] {
            admin.run(CreateProduct::new(name)).await.unwrap();
        }
        let list = admin.run(ListProducts::default()).await.unwrap();
        let names: Vec<_> = list.products.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["äpple", "Banana", "Zebra"]);

        let mut edit = PatchProduct::of(&list.products[1]);
        edit.active = Some(false);
        admin.run(edit).await.unwrap();
        let active = ListProducts {
            active: Some(true),
            ..ListProducts::default()
        };
        assert_eq!(admin.run(active).await.unwrap().products.len(), 2);
    })
    .await;
}
