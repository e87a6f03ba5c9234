//! W6: an activity goes to another case of the same customer.

use casekit_core::ErrorKind;
use casekit_core::model::{ActivityId, Body, Case, Entry, Happening, Medium, What};
use casekit_core::operations::{
    AddComment, CloseCase, CreateCustomer, GetActivity, GetCase, MergeCases, MergeCustomers,
    MoveActivity, OpenCase, ReadThread, ReceiveMessage, RecordActivity, Reply,
};
use casekit_core::port::Clock;
use chrono::TimeDelta;

use super::desk::{TestDesk, on_every_store};

/// Two cases of the customer. In the first, a call that was answered and a mail that waits.
struct Scene {
    test: TestDesk,
    first: Case,
    second: Case,
    mail: ActivityId,
}

impl Scene {
    async fn new(test: TestDesk) -> Self {
        let ann = test.agent(test.ann);
        let mut open = OpenCase::new(test.customer, "Broken").customer_says("By phone");
        open.origin = Medium::Phone;
        let first = ann.run(open).await.unwrap();
        test.clock.advance(TimeDelta::minutes(10));
        let mut reply = Reply::new(&first, "Answered");
        reply.medium = Some(Medium::Phone);
        ann.run(reply).await.unwrap();
        let second = ann
            .run(OpenCase::new(test.customer, "Another"))
            .await
            .unwrap();
        test.clock.advance(TimeDelta::minutes(10));
        let mail = ann
            .run(ReceiveMessage::new(&first, "By mail"))
            .await
            .unwrap();
        let mail = mail.entry.activity.unwrap();
        test.clock.advance(TimeDelta::minutes(10));
        Self {
            test,
            first,
            second,
            mail,
        }
    }

    async fn case(&self, case: &Case) -> Case {
        let case = GetCase {
            case: case.id.into(),
        };
        self.test.system().run(case).await.unwrap()
    }

    async fn thread(&self, case: &Case) -> Vec<Entry> {
        let thread = ReadThread::of(case.id);
        self.test.system().run(thread).await.unwrap().entries
    }

    fn move_mail(&self, to: &Case) -> MoveActivity {
        MoveActivity {
            activity: self.mail,
            to_case: to.into(),
        }
    }
}

fn says(thread: &[Entry], text: &str) -> bool {
    thread.iter().any(|entry| match &entry.body {
        Body::Message(message) => message.text == text,
        Body::Comment(comment) => comment.text == text,
        _ => false,
    })
}

#[tokio::test]
async fn it_goes_with_its_entries_and_both_threads_record_it() {
    on_every_store(async |test| {
        let scene = Scene::new(test).await;
        let ann = scene.test.agent(scene.test.ann);
        let comment = AddComment {
            activity: scene.mail,
            text: "A comment".to_owned(),
            mentions: std::collections::BTreeSet::new(),
        };
        ann.run(comment).await.unwrap();

        let moved = ann.run(scene.move_mail(&scene.second)).await.unwrap();
        assert_eq!((moved.activity.case, moved.entries), (scene.second.id, 2));
        let (first, second) = (
            scene.thread(&scene.first).await,
            scene.thread(&scene.second).await,
        );
        for text in ["By mail", "A comment"] {
            assert!(!says(&first, text) && says(&second, text), "{text}");
        }
        assert!(says(&first, "By phone") && !says(&second, "By phone"));
        let last = |thread: &[Entry]| match &thread.last().unwrap().body {
            Body::Happening(happening) => happening.clone(),
            other => panic!("a happening was expected, not {other:?}"),
        };
        assert!(matches!(
            last(&first),
            Happening::ActivityMovedTo { activity, other }
                if activity == scene.mail && other.number == scene.second.number
        ));
        assert!(matches!(
            last(&second),
            Happening::ActivityMovedFrom { activity, other }
                if activity == scene.mail && other.number == scene.first.number
        ));
        let details = ann.run(GetActivity::of(scene.mail)).await.unwrap();
        assert_eq!(
            (details.case.id, details.thread.entries.len()),
            (scene.second.id, 2)
        );
        let events = scene.test.events().await;
        let moves: Vec<_> = events
            .iter()
            .filter(|e| e.what == What::ActivityMoved)
            .collect();
        let cases: Vec<_> = moves.iter().map(|event| event.case.unwrap()).collect();
        assert_eq!(cases, [scene.first.id, scene.second.id]);
        assert_eq!(moves[0].changes[0].after, scene.second.id.to_string());
    })
    .await;
}

#[tokio::test]
async fn who_waits_for_whom_is_worked_out_anew_in_both_cases() {
    on_every_store(async |test| {
        let scene = Scene::new(test).await;
        let before = scene.case(&scene.first).await.attention;
        assert!(before.awaiting_since.is_some());
        let moved = scene
            .test
            .agent(scene.test.ann)
            .run(scene.move_mail(&scene.second))
            .await;
        let moved = moved.unwrap();
        let (first, second) = (moved.left.attention, moved.joined.attention);
        assert_eq!(first.awaiting_since, None);
        assert_eq!(first.messages, 2);
        assert_eq!(first.first_reply_at, before.first_reply_at);
        assert_eq!(second.awaiting_since, before.awaiting_since);
        assert_eq!(second.messages, 1);
        assert_eq!(second.customer_last_at, before.customer_last_at);
        assert_eq!(scene.case(&scene.second).await.attention, second);
        assert_eq!(
            scene.case(&scene.first).await.updated_at,
            scene.test.clock.now()
        );
    })
    .await;
}

#[tokio::test]
async fn the_next_message_of_that_medium_begins_another_activity() {
    on_every_store(async |test| {
        let scene = Scene::new(test).await;
        let ann = scene.test.agent(scene.test.ann);
        let moved = ann.run(scene.move_mail(&scene.second)).await.unwrap();
        assert!(
            moved
                .left
                .exchanges
                .values()
                .all(|exchange| *exchange != scene.mail)
        );
        let next = ann
            .run(ReceiveMessage::new(&scene.first, "Again"))
            .await
            .unwrap();
        assert_ne!(next.entry.activity, Some(scene.mail));
        assert_eq!(next.case.id, scene.first.id);
    })
    .await;
}

#[tokio::test]
async fn only_a_case_of_the_same_customer_takes_it() {
    on_every_store(async |test| {
        let scene = Scene::new(test).await;
        let ann = scene.test.agent(scene.test.ann);
        let other = CreateCustomer::new("Dan", "dan@example.com");
        let other = ann.run(other).await.unwrap();
        let theirs = ann.run(OpenCase::new(other.id, "Theirs")).await.unwrap();
        let refused = ann.run(scene.move_mail(&theirs)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid);
        assert!(refused.message().contains("another customer"), "{refused}");
        let stays = ann.run(scene.move_mail(&scene.first)).await.unwrap_err();
        assert_eq!(stays.kind(), ErrorKind::Invalid);

        // When both customers are one, it does.
        let merge = MergeCustomers {
            duplicate: other.id,
            into: scene.test.customer,
        };
        scene.test.system().run(merge).await.unwrap();
        ann.run(scene.move_mail(&theirs)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_merged_case_stands_for_the_one_it_went_into() {
    on_every_store(async |test| {
        let scene = Scene::new(test).await;
        let ann = scene.test.agent(scene.test.ann);
        let third = ann
            .run(OpenCase::new(scene.test.customer, "Third"))
            .await
            .unwrap();
        let merge = MergeCases {
            duplicate: (&third).into(),
            into: (&scene.second).into(),
        };
        scene.test.system().run(merge).await.unwrap();
        let moved = ann.run(scene.move_mail(&third)).await.unwrap();
        assert_eq!(moved.joined.id, scene.second.id);
    })
    .await;
}

#[tokio::test]
async fn a_closed_case_stays_closed_and_asks_for_nothing() {
    on_every_store(async |test| {
        let scene = Scene::new(test).await;
        let ann = scene.test.agent(scene.test.ann);
        let close = CloseCase::new(&scene.second, "");
        ann.run(close).await.unwrap();
        ann.run(ReceiveMessage::new(&scene.first, "Later"))
            .await
            .unwrap();
        let waiting = ann.run(scene.move_mail(&scene.second)).await.unwrap_err();
        assert_eq!(waiting.kind(), ErrorKind::Conflict);
        ann.run(Reply::new(&scene.first, "Answered")).await.unwrap();
        let moved = ann.run(scene.move_mail(&scene.second)).await.unwrap();
        assert!(moved.joined.closing.is_some());
        assert_eq!(moved.joined.attention.awaiting_since, None);
    })
    .await;
}

#[tokio::test]
async fn a_message_that_comes_in_at_the_same_moment_is_not_left_behind() {
    on_every_store(async |test| {
        let scene = Scene::new(test).await;
        let (system, message) = (
            scene.test.system(),
            ReceiveMessage::new(&scene.first, "Meanwhile"),
        );
        let desk = scene.test.raced_by(async move {
            system.run(message).await.unwrap();
        });
        let ann = desk.agent(scene.test.workspace, scene.test.ann);
        let moved = ann.run(scene.move_mail(&scene.second)).await.unwrap();
        assert_eq!((moved.entries, moved.joined.attention.messages), (2, 2));
        assert!(says(&scene.thread(&scene.second).await, "Meanwhile"));
    })
    .await;
}

#[tokio::test]
async fn of_two_moves_at_once_the_later_moves_it_on() {
    on_every_store(async |test| {
        let scene = Scene::new(test).await;
        let ann = scene.test.agent(scene.test.ann);
        let third = ann
            .run(OpenCase::new(scene.test.customer, "Third"))
            .await
            .unwrap();
        let to_third = scene.move_mail(&third);
        let desk = scene.test.raced_by(async move {
            ann.run(to_third).await.unwrap();
        });
        let ann = desk.agent(scene.test.workspace, scene.test.ann);
        let moved = ann.run(scene.move_mail(&scene.second)).await.unwrap();
        assert_eq!(moved.left.id, third.id);
        let messages = |case: Case| case.attention.messages;
        assert_eq!(messages(scene.case(&scene.first).await), 2);
        assert_eq!(messages(scene.case(&third).await), 0);
        assert_eq!(messages(scene.case(&scene.second).await), 1);
    })
    .await;
}

#[tokio::test]
async fn an_activity_without_entries_moves_too() {
    on_every_store(async |test| {
        let scene = Scene::new(test).await;
        let ann = scene.test.agent(scene.test.ann);
        let visit = RecordActivity::new(&scene.first, Medium::Visit);
        let visit = ann.run(visit).await.unwrap();
        let to_case = (&scene.second).into();
        let moved = ann
            .run(MoveActivity {
                activity: visit.id,
                to_case,
            })
            .await
            .unwrap();
        assert_eq!(moved.entries, 0);
        assert_eq!(
            moved.left.attention,
            scene.case(&scene.first).await.attention
        );
        assert!(moved.left.attention.awaiting_since.is_some());
    })
    .await;
}
