//! Rows T1, T2, T5, T6, T10: what is said in a case.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;
use casekit_core::query::Direction;

use crate::world::{on_every_store, refused, text};

#[tokio::test]
async fn a_reply_by_mail_goes_to_the_customers_first_address_and_is_to_be_delivered() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "It is on fire").await;
        let said = world
            .anna
            .run(Reply::new(&case, "Water helps"))
            .await
            .unwrap();
        let Body::Message(message) = &said.entry.body else {
            panic!()
        };
        assert_eq!(message.to, ["carla@example.com"]);
        assert_eq!(message.delivery, Delivery::Pending);
        assert_eq!(said.entry.author.name(), "Anna Agent");
        let delivery = Delivery::Failed {
            reason: "mailbox full".into(),
        };
        let set = SetDelivery {
            entry: said.entry.id,
            delivery: delivery.clone(),
        };
        let entry = world.system.run(set).await.unwrap();
        let Body::Message(message) = entry.body else {
            panic!()
        };
        assert_eq!(message.delivery, delivery);
    })
    .await;
}

#[tokio::test]
async fn the_thread_is_one_in_the_order_of_time_whichever_way_it_is_read() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        for (minute, say) in ["two", "three", "four"].iter().enumerate() {
            world.minutes(i64::try_from(minute).unwrap());
            world.anna.run(Reply::new(&case, say)).await.unwrap();
        }
        let texts = |entries: &[Entry]| -> Vec<String> {
            let said = entries.iter().map(text).filter(|text| !text.is_empty());
            said.map(str::to_owned).collect()
        };
        assert_eq!(
            texts(&world.thread(&case).await),
            ["one", "two", "three", "four"]
        );
        let mut read = ReadThread::of(&case);
        (read.direction, read.limit) = (Direction::Descending, 2);
        let mut seen = Vec::new();
        loop {
            let page = world.anna.run(read.clone()).await.unwrap();
            seen.extend(page.entries);
            read.after = page.next;
            if read.after.is_none() {
                break;
            }
        }
        assert_eq!(texts(&seen), ["four", "three", "two", "one"]);
    })
    .await;
}

#[tokio::test]
async fn messages_of_one_medium_are_one_activity_and_calls_are_their_own() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        world.anna.run(Reply::new(&case, "two")).await.unwrap();
        let mut chat = Reply::new(&case, "three");
        chat.medium = Some(Medium::Chat);
        world.anna.run(chat).await.unwrap();
        let said = world
            .thread(&case)
            .await
            .into_iter()
            .filter(|e| matches!(e.body, Body::Message(_)));
        let activities: Vec<_> = said.map(|entry| entry.activity.unwrap()).collect();
        assert_eq!(activities[0], activities[1]);
        assert_ne!(activities[1], activities[2]);
    })
    .await;
}

#[tokio::test]
async fn html_is_made_safe_a_text_is_made_of_it_and_remote_images_are_shown_only_when_asked_for() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        let mut mail = ReceiveMessage::new(&case, "");
        mail.message.html = Some(
            "<p>Hi <b>there</b><script>steal()</script><img src=\"https://spy.example/x.png\"></p>"
                .into(),
        );
        let received = world.system.run(mail).await.unwrap();
        assert_eq!(text(&received.entry).trim(), "Hi there");
        let html = |entries: Vec<Entry>| match entries.into_iter().next_back().unwrap().body {
            Body::Message(message) => message.html.unwrap(),
            _ => panic!(),
        };
        assert_eq!(
            html(world.thread(&case).await),
            "<p>Hi <b>there</b><img></p>"
        );
        let mut read = ReadThread::of(&case);
        read.remote_images = RemoteImages::Shown;
        let shown = html(world.anna.run(read).await.unwrap().entries);
        assert_eq!(
            shown,
            "<p>Hi <b>there</b><img src=\"https://spy.example/x.png\"></p>"
        );
    })
    .await;
}

#[tokio::test]
async fn html_that_would_hold_up_who_reads_it_is_refused() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        let mut mail = ReceiveMessage::new(&case, "");
        // One takes long, one would be long when it is written whole.
        let open: String = (0..600).map(|n| format!("<b title={n}>")).collect();
        let longer = format!("<p>{open}</p>{}", "<p>x".repeat(150));
        for html in ["<div>".repeat(100_000), longer] {
            mail.message.html = Some(html);
            let error = world.system.run(mail.clone()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit);
            assert_eq!(error.details().unwrap()["field"], "html");
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_without_words_is_refused() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        refused(
            world.anna.run(Reply::new(&case, "  \n ")).await,
            ErrorKind::Invalid,
        );
        let note = AddNote::new(&case, " ");
        refused(world.anna.run(note).await, ErrorKind::Invalid);
        assert_eq!(world.case(&case).await.version, case.version);
    })
    .await;
}

#[tokio::test]
async fn a_strangers_message_is_not_shown_to_the_customer_until_an_agent_accepts_it() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        world.anna.run(Reply::new(&case, "two")).await.unwrap();
        let mut mail = ReceiveMessage::new(&case, "me too");
        mail.by = Sender::Stranger {
            name: "Mallory".into(),
        };
        let received = world.system.run(mail).await.unwrap();
        assert_eq!(
            received.case.attention.awaiting_since, None,
            "it does not speak as the customer"
        );
        let carla = world.customer(world.carla);
        let texts = |page: PortalThreadPage| {
            page.entries
                .iter()
                .any(|e| matches!(&e.body, PortalBody::Message { text, .. } if text == "me too"))
        };
        assert!(!texts(carla.run(MyThread::of(case.id)).await.unwrap()));
        world
            .anna
            .run(AcceptMessage {
                entry: received.entry.id,
            })
            .await
            .unwrap();
        assert!(texts(carla.run(MyThread::of(case.id)).await.unwrap()));
    })
    .await;
}

#[tokio::test]
async fn what_strangers_wrote_is_on_a_list_until_it_is_accepted_or_redacted() {
    on_every_store(|world| async move {
        let mut cases = Vec::new();
        for (subject, text) in [("Printer", "me too"), ("Lamp", "mine hums")] {
            let case = world.mail(subject, "one").await;
            world.minute();
            let mut mail = ReceiveMessage::new(&case, text);
            mail.by = Sender::Stranger {
                name: "Mallory".into(),
            };
            world.system.run(mail).await.unwrap();
            cases.push(case.id);
        }
        let list = async || world.anna.run(ListStrangers::default()).await.unwrap();
        let entries = list().await.entries;
        assert_eq!(
            entries.iter().map(text).collect::<Vec<_>>(),
            ["me too", "mine hums"]
        );
        assert_eq!(
            entries.iter().map(|entry| entry.case).collect::<Vec<_>>(),
            cases
        );
        let page = ListStrangers {
            limit: 1,
            ..ListStrangers::default()
        };
        assert!(world.anna.run(page).await.unwrap().next.is_some());
        let entry = entries[0].id;
        world.anna.run(AcceptMessage { entry }).await.unwrap();
        assert_eq!(list().await.entries, entries[1..]);
        let entry = entries[1].id;
        world.supervisor.run(RedactEntry { entry }).await.unwrap();
        assert_eq!(list().await.entries, []);
    })
    .await;
}

#[tokio::test]
async fn a_call_that_ends_before_it_begins_or_in_the_future_is_refused() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        let now = world.minute();
        let log = |start: i64, end: i64| LogCall {
            case: case.id.into(),
            direction: CallDirection::Inbound,
            caller: String::new(),
            called: String::new(),
            started_at: now + chrono::TimeDelta::minutes(start),
            ended_at: now + chrono::TimeDelta::minutes(end),
            outcome: CallOutcome::Answered,
            notes: String::new(),
            recording: None,
        };
        refused(world.anna.run(log(-1, -2)).await, ErrorKind::Invalid);
        refused(world.anna.run(log(-1, 6)).await, ErrorKind::Invalid);
        let said = world.anna.run(log(-3, 0)).await.unwrap();
        let Body::Call(call) = said.entry.body else {
            panic!()
        };
        assert_eq!(call.duration_ms(), 180_000);
    })
    .await;
}

#[tokio::test]
async fn a_comment_belongs_to_its_activity() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        let activity = world
            .thread(&case)
            .await
            .into_iter()
            .find_map(|e| e.activity)
            .unwrap();
        let add = AddComment {
            activity,
            text: "rude".into(),
            mentions: [world.ben_id].into(),
        };
        let said = world.anna.run(add).await.unwrap();
        assert_eq!(said.entry.activity, Some(activity));
        assert_eq!(said.entry.visibility, Visibility::Internal);
        let mut read = ReadThread::of(&case);
        read.activity = Some(activity);
        let entries = world.anna.run(read).await.unwrap().entries;
        assert_eq!(
            entries.len(),
            2,
            "the mail and the comment, not the history"
        );
    })
    .await;
}

#[tokio::test]
async fn a_correction_keeps_the_original_in_the_audit_and_a_stale_one_is_refused() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        let entry = world
            .anna
            .run(Reply::new(&case, "watter"))
            .await
            .unwrap()
            .entry;
        let edit = EditEntry {
            entry: entry.id,
            seen: entry.version,
            text: "water".into(),
        };
        refused(world.ben.run(edit.clone()).await, ErrorKind::Denied);
        let edited = world.anna.run(edit.clone()).await.unwrap();
        assert_eq!(text(&edited), "water");
        assert_eq!(edited.correction.unwrap().by, Actor::Agent(world.anna_id));
        refused(world.supervisor.run(edit).await, ErrorKind::Conflict);
        let audit = world.anna.run(ReadAudit::of(case.id)).await.unwrap().events;
        assert_eq!(audit[0].what, What::EntryEdited);
        assert_eq!(audit[0].changes[0].before["text"], "watter");
    })
    .await;
}

#[tokio::test]
async fn what_is_redacted_stays_in_the_audit_and_what_is_erased_does_not() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "card 4111-1111").await;
        let entry = world
            .thread(&case)
            .await
            .into_iter()
            .find(|e| text(e).contains("4111"))
            .unwrap();
        refused(
            world.anna.run(RedactEntry { entry: entry.id }).await,
            ErrorKind::Denied,
        );
        let redacted = world
            .supervisor
            .run(RedactEntry { entry: entry.id })
            .await
            .unwrap();
        assert_eq!(redacted.body, Body::Redacted { turn: Turn::Staff });
        let audit = || async {
            let page = world.supervisor.run(ReadAudit::of(case.id)).await;
            serde_json::to_string(&page.unwrap().events).unwrap()
        };
        assert!(audit().await.contains("4111"));
        // Who may not read the entry does not read it in the audit.
        let page = world.anna.run(ReadAudit::of(case.id)).await.unwrap();
        assert_eq!(page.events[0].what, What::EntryRedacted);
        let told = serde_json::to_string(&page.events).unwrap();
        assert!(!told.contains("4111"), "{told}");
        refused(
            world.supervisor.run(EraseEntry { entry: entry.id }).await,
            ErrorKind::Denied,
        );
        world
            .admin
            .run(EraseEntry { entry: entry.id })
            .await
            .unwrap();
        assert!(!audit().await.contains("4111"));
        let found = world.anna.run(SearchCases::new("4111")).await.unwrap();
        assert!(found.found.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_a_person_wrote_in_the_history_is_found_redacted_and_erased_like_any_text() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let transfer = TransferCase {
            case: (&case).into(),
            to: world.ben_id,
            note: "ask about passport 4111".into(),
            seen: None,
        };
        world.anna.run(transfer).await.unwrap();
        world.minute();
        let close = CloseCase::new(&case, "paid by card 4222");
        world.anna.run(close).await.unwrap();
        let count = async |word: &str| {
            let found = world.ben.run(SearchCases::new(word)).await.unwrap().found;
            found.len()
        };
        let told = async || {
            let audit = world.supervisor.run(ReadAudit::of(case.id)).await.unwrap();
            let (thread, case) = (world.thread(&case).await, world.case(&case).await);
            let shown = serde_json::to_string(&(thread, case)).unwrap();
            (shown, serde_json::to_string(&audit).unwrap())
        };
        let carla = world.customer(world.carla);
        let mine = MyCases {
            text: Some("card".into()),
            ..MyCases::default()
        };
        assert!(carla.run(mine).await.unwrap().cases.is_empty());
        for (word, at) in [("4111", "transferred"), ("4222", "closed")] {
            assert_eq!(count(word).await, 1);
            let thread = world.thread(&case).await;
            let line = thread.into_iter().find(|e| e.text().contains(word));
            let entry = line.unwrap().id;
            refused(
                world.ben.run(RedactEntry { entry }).await,
                ErrorKind::Denied,
            );
            let redacted = world.anna.run(RedactEntry { entry }).await.unwrap();
            let body = serde_json::to_value(&redacted.body).unwrap();
            assert_eq!(body["what"], at);
            assert_eq!(count(word).await, 0);
            let (shown, audit) = told().await;
            assert!(!shown.contains(word), "{shown}");
            assert!(audit.contains(word), "{audit}");
            world.admin.run(EraseEntry { entry }).await.unwrap();
            let (shown, audit) = told().await;
            assert!(!shown.contains(word) && !audit.contains(word), "{audit}");
        }
        assert_eq!(world.case(&case).await.status, Status::Closed);
        let opened = world.thread(&case).await[0].id;
        let error = refused(
            world.admin.run(EraseEntry { entry: opened }).await,
            ErrorKind::Invalid,
        );
        assert_eq!(
            error.message(),
            "nobody wrote anything in this line of history: it cannot be redacted"
        );
    })
    .await;
}

#[tokio::test]
async fn an_erased_reason_does_not_come_back_when_a_merge_is_undone() {
    on_every_store(|world| async move {
        let (case, other) = (world.mail("One", "x").await, world.mail("Two", "y").await);
        let close = CloseCase::new(&case, "card 4222");
        world.anna.run(close).await.unwrap();
        let thread = world.thread(&case).await;
        let entry = thread
            .iter()
            .find(|e| e.text().contains("4222"))
            .unwrap()
            .id;
        let merge = MergeCases {
            duplicate: (&case).into(),
            into: (&other).into(),
        };
        world.supervisor.run(merge).await.unwrap();
        world.admin.run(EraseEntry { entry }).await.unwrap();
        let undo = UndoMerge {
            duplicate: (&case).into(),
        };
        let back = world.supervisor.run(undo).await.unwrap();
        assert_eq!(back.closing.unwrap().reason, "");
    })
    .await;
}

#[tokio::test]
async fn what_was_corrected_before_it_was_redacted_is_not_read_in_the_audit_either() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let reply = Reply::new(&case, "card 4111");
        let entry = world.anna.run(reply).await.unwrap().entry;
        let edit = EditEntry {
            entry: entry.id,
            seen: entry.version,
            text: "card 4111 1111".into(),
        };
        world.anna.run(edit).await.unwrap();
        world
            .anna
            .run(RedactEntry { entry: entry.id })
            .await
            .unwrap();
        let told = async |who: &casekit_core::desk::AgentSession| {
            let page = who.run(ReadAudit::of(case.id)).await.unwrap();
            serde_json::to_string(&page.events).unwrap()
        };
        assert!(!told(&world.ben).await.contains("4111"));
        assert_eq!(told(&world.supervisor).await.matches("4111").count(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_answer_goes_where_the_customer_reads_it_or_is_refused() {
    on_every_store(|world| async move {
        let contact = Contact::phone("Paul", "+31201112233");
        let caller = world.system.run(FindOrCreateCustomer { contact }).await;
        let caller = caller.unwrap().customer.id;
        let case = world.anna.run(OpenCase::new(caller, "Lost")).await.unwrap();
        let error = refused(
            world.anna.run(Reply::new(&case, "Found")).await,
            ErrorKind::Invalid,
        );
        assert_eq!(
            error.message(),
            "the customer has no e-mail address: give one in `to`, or say another `medium`"
        );
        // Who writes in their own view reads the answer there.
        let ask = SendMyMessage {
            case: (&case).into(),
            text: "Any news?".into(),
        };
        world.customer(caller).run(ask.clone()).await.unwrap();
        let medium = async |reply: Reply| {
            let entry = world.anna.run(reply).await.unwrap().entry;
            let activity = entry.activity.unwrap();
            let shown = world.anna.run(GetActivity::of(activity)).await.unwrap();
            let Body::Message(message) = entry.body else {
                panic!()
            };
            (shown.activity.medium, message.delivery)
        };
        let found = Reply::new(&case, "Found");
        assert_eq!(medium(found).await, (Medium::Portal, Delivery::Done));
        // The last message decides.
        let mailed = world.mail("Printer", "x").await;
        let mut ask = ask;
        ask.case = (&mailed).into();
        world.customer(world.carla).run(ask).await.unwrap();
        let reply = Reply::new(&mailed, "Water");
        assert_eq!(medium(reply.clone()).await.0, Medium::Portal);
        world
            .system
            .run(ReceiveMessage::new(&mailed, "Thanks"))
            .await
            .unwrap();
        assert_eq!(medium(reply).await, (Medium::Email, Delivery::Pending));
    })
    .await;
}

#[tokio::test]
async fn an_entry_is_shown_by_itself_and_a_thread_can_be_read_from_it_on() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        let mut said = Vec::new();
        for text in ["two", "three", "four"] {
            world.minute();
            said.push(world.anna.run(Reply::new(&case, text)).await.unwrap().entry);
        }
        let show = |entry| GetEntry {
            entry,
            remote_images: RemoteImages::Blocked,
        };
        let shown = world.ben.run(show(said[1].id)).await.unwrap();
        assert_eq!(text(&shown), "three");
        let read = async |direction| {
            let mut read = ReadThread::of(&case);
            read.start = Some(said[1].id);
            read.direction = direction;
            read.limit = 2;
            let entries = world.ben.run(read).await.unwrap().entries;
            entries
                .iter()
                .map(|e| text(e).to_owned())
                .collect::<Vec<_>>()
        };
        use casekit_core::query::Direction;
        assert_eq!(read(Direction::Ascending).await, ["three", "four"]);
        assert_eq!(read(Direction::Descending).await, ["three", "two"]);
        let other = world.mail("Other", "x").await;
        let mut wrong = ReadThread::of(&other);
        wrong.start = Some(said[1].id);
        refused(world.ben.run(wrong).await, ErrorKind::Invalid);
    })
    .await;
}

#[tokio::test]
async fn the_mailer_of_the_host_is_given_what_has_to_be_sent() {
    on_every_store(|world| async move {
        let mut sent = Vec::new();
        for _ in 0..3 {
            world.minute();
            let case = world.mail("Printer", "one").await;
            sent.push(
                world
                    .anna
                    .run(Reply::new(&case, "two"))
                    .await
                    .unwrap()
                    .entry,
            );
        }
        let ids = async |which| {
            let list = ListUndelivered {
                which,
                ..ListUndelivered::default()
            };
            let page = world.system.run(list).await.unwrap();
            page.entries
                .iter()
                .map(|entry| entry.id)
                .collect::<Vec<_>>()
        };
        let all: Vec<EntryId> = sent.iter().map(|entry| entry.id).collect();
        assert_eq!(ids(Undelivered::Pending).await, all);
        let now = world.minute();
        for (entry, delivery) in [
            (all[0], Delivery::Sent { at: now }),
            (
                all[1],
                Delivery::Failed {
                    reason: "no such mailbox".into(),
                },
            ),
        ] {
            let set = SetDelivery { entry, delivery };
            world.system.run(set).await.unwrap();
        }
        assert_eq!(ids(Undelivered::Pending).await, [all[2]]);
        assert_eq!(ids(Undelivered::Failed).await, [all[1]]);
        let page = ListUndelivered::default();
        refused(world.anna.run(page).await, ErrorKind::Denied);
    })
    .await;
}
