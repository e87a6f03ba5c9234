//! Semantics: "Attention and waiting".

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{World, on_every_store, refused};

fn call(world: &World, case: &Case, direction: CallDirection, outcome: CallOutcome) -> LogCall {
    let now = casekit_core::port::Clock::now(&world.clock);
    LogCall {
        case: case.into(),
        direction,
        caller: "+31201234567".into(),
        called: "+3215000000".into(),
        started_at: now - chrono::TimeDelta::minutes(4),
        ended_at: now,
        outcome,
        notes: "talked about it".into(),
        recording: None,
    }
}

#[tokio::test]
async fn a_case_that_opens_by_a_customers_doing_waits_from_then_on() {
    on_every_store(|world| async move {
        let opened = world.mail("Printer", "It is on fire").await;
        assert_eq!(opened.attention.awaiting_since, Some(opened.opened_at));
        let form = world
            .system
            .run(OpenCase::new(world.carla, "A form"))
            .await
            .unwrap();
        assert_eq!(form.attention.awaiting_since, Some(form.opened_at));
    })
    .await;
}

#[tokio::test]
async fn a_case_that_an_agent_opens_by_hand_waits_for_nobody() {
    on_every_store(|world| async move {
        let opened = world
            .anna
            .run(OpenCase::new(world.carla, "A visit"))
            .await
            .unwrap();
        assert_eq!(opened.attention.awaiting_since, None);
        assert_eq!(opened.owner, Some(world.anna_id));
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_writes_again_keeps_the_place_in_the_queue() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        world.minute();
        world
            .system
            .run(ReceiveMessage::new(&case, "Hello?"))
            .await
            .unwrap();
        assert_eq!(
            world.case(&case).await.attention.awaiting_since,
            Some(case.opened_at)
        );
    })
    .await;
}

#[tokio::test]
async fn a_public_reply_of_staff_ends_the_wait_and_a_later_message_begins_a_new_one() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let replied = world.minute();
        let said = world
            .anna
            .run(Reply::new(&case, "Water helps"))
            .await
            .unwrap();
        assert_eq!(said.case.attention.awaiting_since, None);
        assert_eq!(said.case.attention.first_reply_at, Some(replied));
        assert_eq!(said.entry.ended_wait, Some(case.opened_at));
        let again = world.minute();
        let received = world
            .system
            .run(ReceiveMessage::new(&case, "It does not"))
            .await
            .unwrap();
        assert_eq!(received.case.attention.awaiting_since, Some(again));
        world.minute();
        let second = world
            .ben
            .run(Reply::new(&case, "More water"))
            .await
            .unwrap();
        assert_eq!(second.entry.ended_wait, Some(again));
        assert_eq!(second.case.attention.first_reply_at, Some(replied));
    })
    .await;
}

#[tokio::test]
async fn notes_comments_history_and_automatic_messages_do_not_end_the_wait() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let activity = world
            .thread(&case)
            .await
            .into_iter()
            .find_map(|e| e.activity)
            .unwrap();
        world.minute();
        let note = AddNote::new(&case, "Odd");
        world.anna.run(note).await.unwrap();
        let comment = AddComment {
            activity,
            text: "Odd".into(),
            mentions: [].into(),
        };
        world.anna.run(comment).await.unwrap();
        world
            .anna
            .run(TakeCase {
                case: (&case).into(),
            })
            .await
            .unwrap();
        let stage = SetStage {
            case: (&case).into(),
            stage: "in_progress".into(),
            seen: None,
        };
        world.anna.run(stage).await.unwrap();
        let mut automatic = Reply::new(&case, "We got your mail");
        automatic.message.automatic = true;
        world.system.run(automatic).await.unwrap();
        let missed = call(&world, &case, CallDirection::Outbound, CallOutcome::Missed);
        world.anna.run(missed).await.unwrap();
        assert_eq!(
            world.case(&case).await.attention.awaiting_since,
            Some(case.opened_at)
        );
        assert_eq!(world.case(&case).await.attention.first_reply_at, None);
    })
    .await;
}

#[tokio::test]
async fn an_automatic_message_of_the_customer_asks_for_nothing() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        world
            .anna
            .run(Reply::new(&case, "Water helps"))
            .await
            .unwrap();
        let mut away = ReceiveMessage::new(&case, "I am out of office");
        away.message.automatic = true;
        world.system.run(away).await.unwrap();
        assert_eq!(world.case(&case).await.attention.awaiting_since, None);
    })
    .await;
}

#[tokio::test]
async fn an_inbound_call_asks_for_attention_and_an_answered_outbound_one_is_a_reply() {
    on_every_store(|world| async move {
        let case = world
            .anna
            .run(OpenCase::new(world.carla, "A visit"))
            .await
            .unwrap();
        let rang = world.minutes(10);
        let inbound = call(
            &world,
            &case,
            CallDirection::Inbound,
            CallOutcome::Voicemail,
        );
        let said = world.anna.run(inbound).await.unwrap();
        assert_eq!(said.case.attention.awaiting_since, Some(rang));
        world.minutes(10);
        let outbound = call(
            &world,
            &case,
            CallDirection::Outbound,
            CallOutcome::Answered,
        );
        let said = world.anna.run(outbound).await.unwrap();
        assert_eq!(said.case.attention.awaiting_since, None);
        assert_eq!(said.entry.ended_wait, Some(rang));
    })
    .await;
}

#[tokio::test]
async fn closing_ends_the_wait() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let closed = world.anna.run(CloseCase::new(&case, "spam")).await;
        assert_eq!(closed.unwrap().attention.awaiting_since, None);
    })
    .await;
}

#[tokio::test]
async fn the_attention_list_is_of_ones_own_products_and_of_none_the_longest_wait_first() {
    on_every_store(|world| async move {
        let mut products = Vec::new();
        for name in ["Printers", "Phones"] {
            products.push(world.admin.run(CreateProduct::new(name)).await.unwrap().id);
        }
        let anna: Agent = world
            .admin
            .run(GetAgent {
                agent: world.anna_id,
            })
            .await
            .unwrap();
        let mut patch = PatchAgent::of(&anna);
        patch.products = Some([products[0]].into());
        world.admin.run(patch).await.unwrap();
        let mut opened = Vec::new();
        for product in [Some(products[0]), Some(products[1]), None] {
            world.minute();
            let mut open = OpenCase::new(world.carla, "x").customer_says("x");
            open.product = product;
            opened.push(world.system.run(open).await.unwrap().id);
        }
        let load = |limit| GetCaseLoad { agent: None, limit };
        let ids = |page: &CaseList| page.cases.iter().map(|case| case.id).collect::<Vec<_>>();
        let of_anna = world.anna.run(load(50)).await.unwrap();
        assert_eq!(ids(&of_anna.needs_attention), [opened[0], opened[2]]);
        assert_eq!(of_anna.unclaimed.cases.len(), 3);
        let of_ben = world.ben.run(load(50)).await.unwrap();
        assert_eq!(ids(&of_ben.needs_attention), [opened[2]]);
        world
            .anna
            .run(TakeCase {
                case: opened[0].into(),
            })
            .await
            .unwrap();
        let of_anna = world.anna.run(load(1)).await.unwrap();
        assert_eq!(ids(&of_anna.own), [opened[0]]);
        assert!(of_anna.needs_attention.more);
        assert!(!of_anna.own.more);
        let operator = AddOperator {
            case: opened[0].into(),
            operator: world.ben_id,
        };
        world.anna.run(operator).await.unwrap();
        let of_ben = world.ben.run(load(50)).await.unwrap();
        assert_eq!(ids(&of_ben.operating), [opened[0]]);
        assert!(of_ben.own.cases.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_call_that_is_logged_late_neither_asks_for_what_was_answered_nor_answers_what_came_after()
{
    on_every_store(|world| async move {
        let case = world
            .anna
            .run(OpenCase::new(world.carla, "A visit"))
            .await
            .unwrap();
        let called = call(&world, &case, CallDirection::Inbound, CallOutcome::Missed);
        world.minute();
        world
            .anna
            .run(Reply::new(&case, "You called?"))
            .await
            .unwrap();
        let said = world.anna.run(called).await.unwrap();
        assert_eq!(
            said.case.attention.awaiting_since, None,
            "the reply came after the call"
        );
        let answered = call(
            &world,
            &case,
            CallDirection::Outbound,
            CallOutcome::Answered,
        );
        let asked = world.minute();
        world
            .system
            .run(ReceiveMessage::new(&case, "Yes"))
            .await
            .unwrap();
        let said = world.anna.run(answered).await.unwrap();
        assert_eq!(
            said.case.attention.awaiting_since,
            Some(asked),
            "the call came before the question"
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_derived_anew_is_what_it_was_also_for_redacted_entries_and_cases_without_message() {
    on_every_store(|world| async move {
        let case = world
            .system
            .run(OpenCase::new(world.carla, "A form"))
            .await
            .unwrap();
        world.minute();
        let received = world
            .system
            .run(ReceiveMessage::new(&case, "Hello?"))
            .await
            .unwrap();
        world
            .supervisor
            .run(RedactEntry {
                entry: received.entry.id,
            })
            .await
            .unwrap();
        let before = world.case(&case).await.attention;
        assert_eq!(before.awaiting_since, Some(case.opened_at));
        let other = world.mail("Other", "x").await;
        let merge = MergeCases {
            duplicate: (&other).into(),
            into: (&case).into(),
        };
        world.supervisor.run(merge).await.unwrap();
        world
            .supervisor
            .run(UndoMerge {
                duplicate: other.id.into(),
            })
            .await
            .unwrap();
        assert_eq!(world.case(&case).await.attention, before);
        let form = world
            .system
            .run(OpenCase::new(world.carla, "Second form"))
            .await
            .unwrap();
        world.anna.run(Reply::new(&case, "Answered")).await.unwrap();
        let merge = MergeCases {
            duplicate: (&form).into(),
            into: (&case).into(),
        };
        let merged = world.supervisor.run(merge).await.unwrap();
        assert_eq!(
            merged.attention.awaiting_since,
            Some(form.opened_at),
            "it still asks"
        );
    })
    .await;
}

#[tokio::test]
async fn who_says_what_they_saw_does_not_answer_or_close_what_they_have_not_read() {
    on_every_store(|world| async move {
        let seen = world.mail("Printer", "It is on fire").await;
        // What staff does meanwhile is no hindrance.
        let take = TakeCase {
            case: (&seen).into(),
        };
        world.anna.run(take).await.unwrap();
        let reply = |seen: &Case| Reply {
            seen: Some(seen.version),
            ..Reply::new(seen, "Water helps")
        };
        world.anna.run(reply(&seen)).await.unwrap();
        let seen = world.case(&seen).await;
        let wrote = world.minute();
        world
            .system
            .run(ReceiveMessage::new(&seen, "It does not"))
            .await
            .unwrap();
        let close = |seen: &Case| CloseCase {
            seen: Some(seen.version),
            ..CloseCase::new(seen, "")
        };
        for refusal in [
            refused(world.anna.run(reply(&seen)).await, ErrorKind::Conflict),
            refused(world.anna.run(close(&seen)).await, ErrorKind::Conflict),
        ] {
            assert!(refusal.message().contains("read that first"), "{refusal}");
        }
        let now = world.case(&seen).await;
        assert_eq!(now.attention.awaiting_since, Some(wrote));
        let mut later = close(&now);
        later.seen = Some(now.version.next());
        refused(world.anna.run(later).await, ErrorKind::Invalid);
        world.anna.run(close(&now)).await.unwrap();
        // A message that reopens the case is a word of the customer too, and known to who saw it.
        let received = ReceiveMessage::new(&seen, "Again");
        let reopened = world.system.run(received).await.unwrap().case;
        refused(world.anna.run(close(&now)).await, ErrorKind::Conflict);
        world.anna.run(close(&reopened)).await.unwrap();
    })
    .await;
}
