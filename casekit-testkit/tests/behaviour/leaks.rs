//! Row K4 and semantics "Permissions": nothing internal reaches a customer, by any operation.
//!
//! A marker is planted wherever something is internal; then every operation that a customer may run is
//! run, with right and wrong input, and its answers and errors are searched for it.

use std::collections::BTreeSet;

use casekit_core::model::*;
use casekit_core::operations::*;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

use crate::world::{World, on_every_store};

const MARKER: &str = "xsecretx";

/// A case of Carla in which everything internal holds the marker, and cases of others that do.
struct Planted {
    case: Case,
    /// Closed so long ago that a message opens another.
    old: Case,
    linked: Case,
    hidden: Case,
    /// A product that is no longer served.
    product: ProductId,
    /// An event of a case of Dirk's.
    foreign: EventId,
}

async fn plant(world: &World) -> Planted {
    let secret = format!("{MARKER} inside");
    // Before anybody writes: entries keep the names of their authors.
    plant_people(world, &secret).await;
    let product = plant_settings(world, &secret).await;
    let old = world.system.run(secretive(world.carla, &secret)).await;
    let old = old.unwrap();
    let close = CloseCase::new(&old, &secret);
    world.anna.run(close).await.unwrap();
    world.clock.advance(TimeDelta::days(60));
    let mut open = secretive(world.carla, &secret);
    open.external_id = Some(ExternalId {
        system: MARKER.into(),
        id: MARKER.into(),
    });
    let case = world.system.run(open).await.unwrap();
    // What Dirk may see of his own case is not for Carla, who is shown it through a link.
    let mut open = secretive(world.dirk, &secret);
    let shown = FieldValue::Text(secret.clone());
    open.custom.insert("shared".to_owned(), shown);
    let linked = world.system.run(open).await.unwrap();
    let hidden = world.mail_of(world.dirk, &secret, &secret).await;
    plant_relations(world, &case, &linked, &hidden).await;
    plant_thread(world, &case, &secret).await;
    plant_thread(world, &linked, &secret).await;
    let audit = ReadAudit::of(hidden.id);
    let foreign = world.anna.run(audit).await.unwrap().events[0].id;
    Planted {
        case,
        old,
        linked,
        hidden,
        product,
        foreign,
    }
}

/// A case that holds the marker wherever only staff may look.
fn secretive(customer: CustomerId, secret: &str) -> OpenCase {
    let mut open = OpenCase::new(customer, "Printer").customer_says("It is on fire");
    open.origin = Medium::Email;
    secret.clone_into(&mut open.description);
    secret.clone_into(&mut open.notes);
    open.tags = [MARKER.to_owned()].into();
    let margin = FieldValue::Text(secret.to_owned());
    open.custom = [("margin".to_owned(), margin)].into();
    open
}

/// Stages and fields that customers are not told of, and a product that is no longer served.
async fn plant_settings(world: &World, secret: &str) -> ProductId {
    let field = |key, label| DefineField::new(FieldTarget::Case, key, label, FieldType::Text);
    world.admin.run(field("margin", secret)).await.unwrap();
    let mut shown = field("shared", "Shared");
    shown.shown_to_customer = true;
    world.admin.run(shown).await.unwrap();
    let stage = DefineStage {
        key: MARKER.into(),
        name: secret.into(),
        status: Status::Active,
        pauses: false,
        before: None,
    };
    world.admin.run(stage).await.unwrap();
    let mut product = CreateProduct::new("Telex");
    secret.clone_into(&mut product.description);
    let product = world.admin.run(product).await.unwrap();
    let mut patch = PatchProduct::of(&product);
    patch.active = Some(false);
    world.admin.run(patch).await.unwrap();
    product.id
}

async fn plant_people(world: &World, secret: &str) {
    let anna = world
        .admin
        .run(GetAgent {
            agent: world.anna_id,
        })
        .await
        .unwrap();
    let mut patch = PatchAgent::of(&anna);
    patch.email = Some(format!("{MARKER}@acme.example"));
    patch.signature = Some(Some(secret.to_owned()));
    world.admin.run(patch).await.unwrap();
    for (id, name) in [
        (world.carla, None),
        (world.dirk, Some(format!("Dirk {MARKER}"))),
    ] {
        let customer = world.anna.run(GetCustomer { customer: id }).await.unwrap();
        let mut patch = PatchCustomer::of(&customer);
        patch.notes = Some(secret.to_owned());
        patch.name = name;
        world.anna.run(patch).await.unwrap();
    }
}

async fn plant_thread(world: &World, case: &Case, secret: &str) {
    let mut reply = Reply::new(case, "Water helps");
    reply.message.bcc = vec![format!("{MARKER}@else.example")];
    reply.message.cc = vec![format!("{MARKER}@cc.example")];
    reply.message.sender = Some(format!("{MARKER}@acme.example"));
    reply.message.attachments = vec![Attachment {
        name: "manual.pdf".into(),
        media_type: "application/pdf".into(),
        size: 9,
        location: secret.to_owned(),
    }];
    let entry = world.anna.run(reply).await.unwrap().entry;
    let note = AddNote {
        case: case.into(),
        text: secret.into(),
        mentions: [world.ben_id].into(),
        draft: None,
    };
    world.anna.run(note).await.unwrap();
    let comment = AddComment {
        activity: entry.activity.unwrap(),
        text: secret.into(),
        mentions: [].into(),
    };
    world.anna.run(comment).await.unwrap();
    let now = world.minute();
    let call = LogCall {
        case: case.into(),
        direction: CallDirection::Inbound,
        caller: MARKER.into(),
        called: MARKER.into(),
        started_at: now,
        ended_at: now,
        outcome: CallOutcome::Answered,
        notes: secret.into(),
        recording: Some(secret.into()),
    };
    world.anna.run(call).await.unwrap();
    let mut stranger = ReceiveMessage::new(case, secret);
    stranger.by = Sender::Stranger {
        name: MARKER.into(),
    };
    world.system.run(stranger).await.unwrap();
    let redacted = world
        .anna
        .run(Reply::new(case, secret))
        .await
        .unwrap()
        .entry;
    world
        .anna
        .run(RedactEntry { entry: redacted.id })
        .await
        .unwrap();
    let edited = world
        .anna
        .run(Reply::new(case, secret))
        .await
        .unwrap()
        .entry;
    let edit = EditEntry {
        entry: edited.id,
        seen: edited.version,
        text: "sorry".into(),
    };
    world.anna.run(edit).await.unwrap();
    let save = SaveDraft {
        case: case.into(),
        purpose: DraftPurpose::Reply,
        text: secret.into(),
    };
    world.anna.run(save).await.unwrap();
    world
        .anna
        .run(SetStage {
            case: case.into(),
            stage: MARKER.into(),
            seen: None,
        })
        .await
        .unwrap();
    let transfer = TransferCase {
        case: case.into(),
        to: world.ben_id,
        note: secret.into(),
        seen: None,
    };
    world.anna.run(transfer).await.unwrap();
    let close = CloseCase::new(case, secret);
    world.anna.run(close).await.unwrap();
}

async fn plant_relations(world: &World, case: &Case, linked: &Case, hidden: &Case) {
    let link = |to: &Case, shown: BTreeSet<Shown>| LinkCases {
        case: case.into(),
        to: to.into(),
        relation: RelationKind::Linked,
        shown,
    };
    world
        .anna
        .run(link(linked, [Shown::To].into()))
        .await
        .unwrap();
    world.anna.run(link(hidden, [].into())).await.unwrap();
    let mut merged = OpenCase::new(world.carla, "Printer again").customer_says("Hello?");
    merged.tags = [format!("{MARKER}-2")].into();
    let merged = world.system.run(merged).await.unwrap();
    let merge = MergeCases {
        duplicate: (&merged).into(),
        into: case.into(),
    };
    world.supervisor.run(merge).await.unwrap();
}

/// Inputs for every operation of customers, right and wrong.
fn inputs(operation: &str, planted: &Planted) -> Vec<Json> {
    let references = [
        json!(planted.old.number),
        json!(planted.case.id),
        json!(planted.case.number),
        json!(planted.linked.id),
        json!(planted.hidden.id),
        json!(planted.hidden.number),
        json!(999),
    ];
    let each = |make: &dyn Fn(&Json) -> Json| references.iter().map(make).collect();
    match operation {
        "my_cases" => vec![
            json!({}),
            json!({ "text": MARKER }),
            json!({ "text": "xsec" }),
            json!({ "text": "dirk" }),
            json!({ "text": "printer" }),
            json!({ "status": "closed", "limit": 1 }),
            json!({ "after": "no cursor" }),
        ],
        "my_thread" => each(&|case| json!({ "case": case, "limit": 3 })),
        "my_case" | "my_linked_cases" | "close_my_case" | "reopen_my_case" => {
            each(&|case| json!({ "case": case }))
        }
        "open_my_case" => vec![
            json!({ "subject": "New", "text": "Hello" }),
            json!({ "subject": "New", "text": "Hello", "product": planted.product }),
            json!({}),
        ],
        "send_my_message" => each(&|case| json!({ "case": case, "text": "And now?" })),
        "my_updates" => vec![json!({}), json!({ "after": planted.foreign })],
        other => panic!("give the leak test inputs for the new operation `{other}`"),
    }
}

#[tokio::test]
async fn nothing_internal_is_in_any_answer_or_error() {
    on_every_store(|world| async move {
        let planted = plant(&world).await;
        let carla = world
            .desk
            .session(world.workspace, Actor::Customer(world.carla));
        for operation in registry()
            .iter()
            .filter(|operation| operation.audience == "customers")
        {
            let mut answered = 0;
            let mut inputs = inputs(operation.name, &planted);
            while let Some(mut input) = inputs.pop() {
                let call = format!("{} {input}", operation.name);
                let bytes = input.to_string();
                let seen = match carla.call(operation.name, bytes.as_bytes()).await {
                    Ok(answer) => {
                        answered += 1;
                        let answer: Json = serde_json::from_slice(&answer).unwrap();
                        if let Some(next) = answer.get("next").filter(|next| !next.is_null()) {
                            input["after"] = next.clone();
                            inputs.push(input);
                        }
                        answer.to_string()
                    }
                    Err(error) => format!("{error} {error:?} {:?}", error.to_wire()),
                };
                assert_no_leak(&call, &seen);
            }
            assert!(answered >= 1, "`{}` never answered", operation.name);
        }
    })
    .await;
}

fn assert_no_leak(call: &str, seen: &str) {
    let seen = seen.to_lowercase();
    assert!(!seen.contains(MARKER), "{call}: {seen}");
    assert!(!seen.contains("@acme.example"), "{call}: {seen}");
}

#[tokio::test]
async fn the_marker_is_where_it_was_planted() {
    on_every_store(|world| async move {
        let planted = plant(&world).await;
        let thread = serde_json::to_string(&world.thread(&planted.case).await).unwrap();
        let audit = world
            .anna
            .run(ReadAudit::of(planted.case.id))
            .await
            .unwrap();
        let audit = serde_json::to_string(&audit).unwrap();
        let case = serde_json::to_string(&world.case(&planted.case).await).unwrap();
        assert!(thread.matches(MARKER).count() > 10, "{thread}");
        assert!(audit.contains(MARKER) && case.contains(MARKER));
    })
    .await;
}

#[tokio::test]
async fn words_that_only_staff_may_read_find_nothing_for_the_customer() {
    on_every_store(|world| async move {
        let planted = plant(&world).await;
        let carla = world.customer(world.carla);
        for text in [MARKER, "xsec", "inside", "dirk"] {
            let search = MyCases {
                text: Some(text.into()),
                ..MyCases::default()
            };
            assert!(carla.run(search).await.unwrap().cases.is_empty(), "{text}");
        }
        let search = MyCases {
            text: Some("fire".into()),
            ..MyCases::default()
        };
        assert_eq!(
            carla.run(search).await.unwrap().cases[0].id,
            planted.case.id
        );
        // Staff finds both of Carla's, and both of Dirk's.
        let found = world
            .anna
            .run(SearchCases::new(MARKER))
            .await
            .unwrap()
            .found;
        assert_eq!(found.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn what_is_denied_looks_exactly_like_what_does_not_exist() {
    on_every_store(|world| async move {
        let planted = plant(&world).await;
        let carla = world
            .desk
            .session(world.workspace, Actor::Customer(world.carla));
        let unknown = CaseId(world.desk.new_id());
        for operation in [
            "my_case",
            "my_thread",
            "close_my_case",
            "reopen_my_case",
            "my_linked_cases",
        ] {
            let ask = |id: CaseId| {
                let input = json!({ "case": id }).to_string();
                let answer = carla.call(operation, input.as_bytes());
                async move { answer.await.unwrap_err().to_wire() }
            };
            let denied = serde_json::to_string(&ask(planted.hidden.id).await).unwrap();
            let missing = serde_json::to_string(&ask(unknown).await).unwrap();
            let same = missing.replace(&unknown.to_string(), &planted.hidden.id.to_string());
            assert_eq!(denied, same, "{operation}");
        }
    })
    .await;
}

#[tokio::test]
async fn updates_do_not_tell_how_much_happens_to_others() {
    on_every_store(|world| async move {
        world.mail("Printer", "x").await;
        let carla = world.customer(world.carla);
        let look = async |after| {
            let updates = carla.run(MyUpdates { after }).await.unwrap();
            serde_json::to_string(&updates).unwrap()
        };
        let first = carla.run(MyUpdates::default()).await.unwrap();
        let (before, since) = (look(None).await, look(first.upto).await);
        for _ in 0..5 {
            let other = world.mail_of(world.dirk, "Other", "y").await;
            world.anna.run(Reply::new(&other, "z")).await.unwrap();
        }
        let note = AddNote::new(first.updates[0].case, "odd");
        world.anna.run(note).await.unwrap();
        assert_eq!((look(None).await, look(first.upto).await), (before, since));
        // An event of somebody else is as unknown as one that does not exist.
        let dirk = world.customer(world.dirk);
        let foreign = dirk.run(MyUpdates::default()).await.unwrap().upto;
        let foreign = foreign.unwrap();
        let ask = async |id: EventId| {
            let refused = carla.run(MyUpdates { after: Some(id) }).await;
            let message = refused.unwrap_err().message().to_owned();
            message.replace(&id.to_string(), "…")
        };
        let unknown = EventId(world.desk.new_id());
        assert_eq!(ask(foreign).await, ask(unknown).await);
    })
    .await;
}
