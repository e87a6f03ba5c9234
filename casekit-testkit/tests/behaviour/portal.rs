//! Rows K1 and K2, as far as they exist: what customers see and do.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{on_every_store, refused};

#[tokio::test]
async fn a_customer_opens_a_case_follows_it_and_closes_it() {
    on_every_store(|world| async move {
        let carla = world.customer(world.carla);
        let open = OpenMyCase {
            subject: "Printer".into(),
            text: "It is on fire".into(),
            product: None,
        };
        let opened = carla.run(open).await.unwrap();
        assert_eq!(
            (opened.number, opened.own, opened.agent.as_deref()),
            (1, true, None)
        );
        let case = world.anna.run(GetCase { case: 1.into() }).await.unwrap();
        assert_eq!((case.owner, case.origin), (None, Medium::Portal));
        assert_eq!(case.attention.awaiting_since, Some(case.opened_at));
        world.anna.run(TakeCase { case: 1.into() }).await.unwrap();
        world.anna.run(Reply::new(1, "Water helps")).await.unwrap();
        let shown = carla.run(MyCase { case: 1.into() }).await.unwrap();
        assert_eq!(shown.agent.as_deref(), Some("Anna Agent"));
        let thread = carla.run(MyThread::of(1)).await.unwrap().entries;
        let kinds: Vec<_> = thread
            .iter()
            .map(|entry| (&entry.author, &entry.body))
            .collect();
        assert_eq!(kinds[0].1, &PortalBody::Opened);
        assert!(matches!(
            kinds[1],
            (PortalAuthor::You, PortalBody::Message { .. })
        ));
        assert_eq!(kinds[2].1, &PortalBody::Taken);
        assert!(matches!(kinds[3].0, PortalAuthor::Agent { name } if name == "Anna Agent"));
        let closed = carla.run(CloseMyCase { case: 1.into() }).await.unwrap();
        assert_eq!(closed.status, Status::Closed);
        let said = carla
            .run(SendMyMessage {
                case: 1.into(),
                text: "Sorry!".into(),
            })
            .await
            .unwrap();
        assert_eq!((said.case.number, said.case.status), (1, Status::Active));
        world.days(1);
        carla.run(CloseMyCase { case: 1.into() }).await.unwrap();
        world.days(15);
        let said = carla
            .run(SendMyMessage {
                case: 1.into(),
                text: "Hello?".into(),
            })
            .await
            .unwrap();
        assert_eq!(said.case.number, 2, "a follow-up");
        assert_eq!(carla.run(MyCases::default()).await.unwrap().cases.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_case_shown_through_a_link_is_seen_but_not_acted_on() {
    on_every_store(|world| async move {
        let mine = world.mail("Mine", "x").await;
        let other = world.mail_of(world.dirk, "Other", "y").await;
        let carla = world.customer(world.carla);
        let link = LinkCases {
            case: (&mine).into(),
            to: (&other).into(),
            relation: RelationKind::Linked,
            shown: [].into(),
        };
        let relation = world.anna.run(link).await.unwrap();
        refused(
            carla
                .run(MyCase {
                    case: other.id.into(),
                })
                .await,
            ErrorKind::NotFound,
        );
        let show = ShowLinked {
            relation: relation.id,
            shown: [other.id].into(),
        };
        world.anna.run(show).await.unwrap();
        assert!(
            !carla
                .run(MyCase {
                    case: other.id.into()
                })
                .await
                .unwrap()
                .own
        );
        let linked = carla
            .run(MyLinkedCases {
                case: mine.id.into(),
            })
            .await
            .unwrap();
        assert_eq!(linked[0].id, other.id);
        let thread = carla.run(MyThread::of(other.id)).await.unwrap().entries;
        assert!(thread.iter().all(|entry| entry.author != PortalAuthor::You));
        let say = SendMyMessage {
            case: other.id.into(),
            text: "Hi".into(),
        };
        refused(carla.run(say).await, ErrorKind::Denied);
        let dirk = world.customer(world.dirk);
        refused(
            dirk.run(MyCase {
                case: mine.id.into(),
            })
            .await,
            ErrorKind::NotFound,
        );
        assert_eq!(
            carla.run(MyCases::default()).await.unwrap().cases.len(),
            1,
            "own cases only"
        );
    })
    .await;
}

#[tokio::test]
async fn custom_fields_are_shown_with_their_label_if_the_workspace_says_so() {
    on_every_store(|world| async move {
        for (key, shown_to_customer) in [("serial", true), ("margin", false)] {
            let define = DefineField {
                target: FieldTarget::Case,
                key: key.into(),
                label: format!("The {key}"),
                holds: FieldType::Text,
                required: false,
                default: Some(FieldValue::Text("?".into())),
                shown_to_customer,
            };
            world.admin.run(define).await.unwrap();
        }
        world.mail("Printer", "x").await;
        let case = world
            .customer(world.carla)
            .run(MyCase { case: 1.into() })
            .await
            .unwrap();
        let field = PortalField {
            key: "serial".into(),
            label: "The serial".into(),
            value: FieldValue::Text("?".into()),
        };
        assert_eq!(case.fields, [field]);
    })
    .await;
}

#[tokio::test]
async fn updates_tell_of_own_cases_and_of_what_is_public_only() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        world.mail_of(world.dirk, "Other", "y").await;
        let carla = world.customer(world.carla);
        let first = carla.run(MyUpdates::default()).await.unwrap();
        let whats: Vec<_> = first
            .updates
            .iter()
            .map(|update| (update.case, update.what))
            .collect();
        assert_eq!(
            whats,
            [(case.id, PortalWhat::Opened), (case.id, PortalWhat::Said)]
        );
        let note = AddNote::new(&case, "odd");
        world.anna.run(note).await.unwrap();
        world
            .anna
            .run(Reply::new(&case, "Water helps"))
            .await
            .unwrap();
        let second = carla.run(MyUpdates { after: first.upto }).await.unwrap();
        assert_eq!(second.updates.len(), 1);
        let third = carla.run(MyUpdates { after: second.upto }).await.unwrap();
        assert_eq!((third.updates.len(), third.upto), (0, second.upto));
    })
    .await;
}

#[tokio::test]
async fn a_strangers_message_is_news_when_it_is_accepted_and_a_deleted_case_is_none() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let carla = world.customer(world.carla);
        let after = carla.run(MyUpdates::default()).await.unwrap().upto;
        let mut mail = ReceiveMessage::new(&case, "I know that printer");
        mail.by = Sender::Stranger { name: "Eva".into() };
        let entry = world.system.run(mail).await.unwrap().entry.id;
        let look = MyUpdates { after };
        assert_eq!(carla.run(look).await.unwrap().updates, []);
        world.anna.run(AcceptMessage { entry }).await.unwrap();
        let updates = carla.run(look).await.unwrap().updates;
        assert_eq!(updates.len(), 1);
        assert_eq!(updates[0].what, PortalWhat::Said);
        let case = (&case).into();
        world.admin.run(DeleteCase { case }).await.unwrap();
        let all = carla.run(MyUpdates::default()).await.unwrap();
        assert_eq!(all.updates, []);
    })
    .await;
}

#[tokio::test]
async fn updates_go_on_after_a_merge_of_customers() {
    on_every_store(|world| async move {
        let case = world.mail_of(world.dirk, "Printer", "x").await;
        let merge = MergeCustomers {
            duplicate: world.dirk,
            into: world.carla,
        };
        world.supervisor.run(merge).await.unwrap();
        for customer in [world.carla, world.dirk] {
            let customer = world.customer(customer);
            let updates = customer.run(MyUpdates::default()).await.unwrap();
            assert_eq!(updates.updates.len(), 2);
            assert!(updates.updates.iter().all(|update| update.case == case.id));
        }
    })
    .await;
}

#[tokio::test]
async fn a_customer_nobody_knows_is_denied() {
    on_every_store(|world| async move {
        let nobody = world.customer(CustomerId(world.desk.new_id()));
        refused(nobody.run(MyCases::default()).await, ErrorKind::Denied);
    })
    .await;
}

#[tokio::test]
async fn who_was_merged_still_reads_the_own_messages_as_ones_own() {
    on_every_store(|world| async move {
        world.mail_of(world.dirk, "Printer", "It is on fire").await;
        let merge = MergeCustomers {
            duplicate: world.dirk,
            into: world.carla,
        };
        world.supervisor.run(merge).await.unwrap();
        for id in [world.carla, world.dirk] {
            let thread = world
                .customer(id)
                .run(MyThread::of(1))
                .await
                .unwrap()
                .entries;
            assert_eq!(thread[1].author, PortalAuthor::You);
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_shows_the_same_of_a_case_as_the_case_itself() {
    on_every_store(|world| async move {
        let product = world.admin.run(CreateProduct::new("Lamps")).await.unwrap();
        let mut open = OpenCase::new(world.carla, "Lamp");
        open.product = Some(product.id);
        let (own, other) = (world.anna.run(open.clone()).await.unwrap(), {
            open.customer = world.dirk.into();
            world.anna.run(open).await.unwrap()
        });
        let link = LinkCases {
            case: (&own).into(),
            to: (&other).into(),
            relation: RelationKind::Linked,
            shown: [Shown::To].into(),
        };
        world.anna.run(link).await.unwrap();
        let carla = world.customer(world.carla);
        let alone = async |case: &Case| carla.run(MyCase { case: case.into() }).await.unwrap();
        let shown = alone(&own).await;
        assert_eq!(
            (shown.agent.as_deref(), shown.product.as_deref()),
            (Some("Anna Agent"), Some("Lamps"))
        );
        let listed = carla.run(MyCases::default()).await.unwrap().cases;
        assert_eq!(listed, [shown]);
        let linked = carla
            .run(MyLinkedCases {
                case: (&own).into(),
            })
            .await
            .unwrap();
        assert_eq!(linked, [alone(&other).await]);
    })
    .await;
}
