//! Row K4 and semantics "Permissions": nothing internal reaches a customer, by any operation.
//!
//! A marker is planted wherever something is internal; then every operation that a customer may run is
//! run, with right and wrong input, and its answers and errors are searched for it.

use std::collections::BTreeSet;

use casekit_core::model::*;
use casekit_core::operations::*;
use serde_json::{Value as Json, json};

use crate::world::{World, on_every_store};

const MARKER: &str = "xsecretx";

/// A case of Carla in which everything internal holds the marker, and cases of others that do.
struct Planted {
    case: Case,
    linked: Case,
    hidden: Case,
    /// An event of a case of Dirk's.
    foreign: EventId,
}

async fn plant(world: &World) -> Planted {
    let secret = format!("{MARKER} inside");
    let mut open = OpenCase::new(world.carla, "Printer").customer_says("It is on fire");
    open.origin = Medium::Email;
    open.description.clone_from(&secret);
    open.notes.clone_from(&secret);
    open.tags = [MARKER.to_owned()].into();
    open.external_id = Some(ExternalId {
        system: MARKER.into(),
        id: MARKER.into(),
    });
    let field = DefineField {
        target: FieldTarget::Case,
        key: "margin".into(),
        label: secret.clone(),
        holds: FieldType::Text,
        required: false,
        default: None,
        shown_to_customer: false,
    };
    world.admin.run(field).await.unwrap();
    open.custom = [("margin".to_owned(), FieldValue::Text(secret.clone()))].into();
    let case = world.system.run(open).await.unwrap();
    let linked = world.mail_of(world.dirk, "Same printer", "Mine too").await;
    let hidden = world.mail_of(world.dirk, &secret, &secret).await;
    plant_people(world, &secret).await;
    plant_relations(world, &case, &linked, &hidden).await;
    plant_thread(world, &case, &secret).await;
    let audit = ReadAudit::of(hidden.id);
    let foreign = world.anna.run(audit).await.unwrap().events[0].id;
    Planted {
        case,
        linked,
        hidden,
        foreign,
    }
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
    let stage = DefineStage {
        key: MARKER.into(),
        name: secret.into(),
        status: Status::Active,
        pauses: false,
        before: None,
    };
    world.admin.run(stage).await.unwrap();
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
            json!({ "status": "closed" }),
        ],
        "my_case" | "my_linked_cases" | "my_thread" | "close_my_case" | "reopen_my_case" => {
            each(&|case| json!({ "case": case }))
        }
        "open_my_case" => vec![json!({ "subject": "New", "text": "Hello" }), json!({})],
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
        let mut answered = 0;
        for operation in registry()
            .iter()
            .filter(|operation| operation.audience == "customers")
        {
            for input in inputs(operation.name, &planted) {
                let answer = carla
                    .call(operation.name, input.to_string().as_bytes())
                    .await;
                let seen = match answer {
                    Ok(bytes) => {
                        answered += 1;
                        String::from_utf8(bytes).unwrap()
                    }
                    Err(error) => format!("{error} {error:?} {:?}", error.to_wire()),
                };
                let seen = seen.to_lowercase();
                assert!(!seen.contains(MARKER), "{} {input}: {seen}", operation.name);
                assert!(
                    !seen.contains("@acme.example"),
                    "{} {input}: {seen}",
                    operation.name
                );
            }
        }
        assert!(answered >= 15, "only {answered} operations answered");
    })
    .await;
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
        // Staff finds Carla's case, and both of Dirk's by his name.
        let found = world
            .anna
            .run(SearchCases::new(MARKER))
            .await
            .unwrap()
            .found;
        assert_eq!(found.len(), 3);
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
