//! W6 and T7.

use std::collections::BTreeSet;

use casekit_core::ErrorKind;
use casekit_core::model::{Activity, Medium};
use casekit_core::operations::{
    AddComment, GetActivity, GetCase, Journey, OpenCase, PatchActivity, ReceiveMessage,
    RecordActivity, Reply,
};
use casekit_core::port::Clock;
use chrono::TimeDelta;

use super::desk::{TestDesk, on_every_store};

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

async fn recorded(test: &TestDesk, medium: Medium, tags: &[&str]) -> Activity {
    test.clock.advance(TimeDelta::minutes(1));
    let ann = test.agent(test.ann);
    let case = ann
        .run(OpenCase::new(test.customer, "Broken"))
        .await
        .unwrap();
    let mut record = RecordActivity::new(&case, medium);
    record.tags = set(tags);
    ann.run(record).await.unwrap()
}

#[tokio::test]
async fn the_journey_is_newest_first_across_cases_and_filtered_by_medium_and_tag() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let visit = recorded(&test, Medium::Visit, &["paid"]).await;
        let call = recorded(&test, Medium::Phone, &["paid", "angry"]).await;
        let chat = recorded(&test, Medium::Chat, &[]).await;
        let ids = |journey: Journey| {
            let ann = ann.clone();
            async move {
                let page = ann.run(journey).await.unwrap();
                page.steps
                    .iter()
                    .map(|step| step.activity.id)
                    .collect::<Vec<_>>()
            }
        };
        let all = Journey::of(test.customer);
        assert_eq!(ids(all.clone()).await, [chat.id, call.id, visit.id]);
        let mut phone = all.clone();
        phone.medium = Some(Medium::Phone);
        assert_eq!(ids(phone.clone()).await, [call.id]);
        let mut paid = all.clone();
        paid.tag = Some("paid".to_owned());
        assert_eq!(ids(paid).await, [call.id, visit.id]);
        phone.tag = Some("quiet".to_owned());
        assert!(ids(phone).await.is_empty());

        let mut page = all;
        page.limit = 2;
        let first = ann.run(page.clone()).await.unwrap();
        // Each step names its case.
        assert_eq!(first.steps[0].case.id, chat.case);
        assert_eq!(first.steps[0].case.number, 3);
        page.after = first.next;
        assert_eq!(ids(page).await, [visit.id]);
    })
    .await;
}

#[tokio::test]
async fn the_messages_of_one_medium_are_one_activity_with_all_who_took_part() {
    on_every_store(async |test| {
        let (ann, ben) = (test.agent(test.ann), test.agent(test.ben));
        let case = ann
            .run(OpenCase::new(test.customer, "Broken"))
            .await
            .unwrap();
        ann.run(ReceiveMessage::new(&case, "Help")).await.unwrap();
        ann.run(Reply::new(&case, "Coming")).await.unwrap();
        let said = ben.run(Reply::new(&case, "There")).await.unwrap();
        let activity = said.entry.activity.unwrap();
        let comment = AddComment {
            activity,
            text: "Rude".to_owned(),
            mentions: BTreeSet::new(),
        };
        ben.run(comment).await.unwrap();

        let mut get = GetActivity::of(activity);
        let details = ann.run(get.clone()).await.unwrap();
        assert_eq!(
            details.activity.agents,
            BTreeSet::from([test.ann, test.ben])
        );
        assert_eq!(details.case.number, case.number);
        assert_eq!(details.thread.entries.len(), 4);
        get.limit = 3;
        let first = ann.run(get.clone()).await.unwrap().thread;
        get.after = first.next;
        let second = ann.run(get).await.unwrap().thread;
        assert_eq!((first.entries.len(), second.entries.len()), (3, 1));
    })
    .await;
}

#[tokio::test]
async fn a_visit_is_recorded_by_hand_and_updates_its_case() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let case = ann
            .run(OpenCase::new(test.customer, "Broken"))
            .await
            .unwrap();
        test.clock.advance(TimeDelta::hours(1));
        let now = test.clock.now();
        let mut record = RecordActivity::new(&case, Medium::Visit);
        record.subject = Some("At the counter".to_owned());
        record.started_at = Some(now - TimeDelta::minutes(20));
        record.ended_at = Some(now);
        record.others = set(&["The neighbour"]);
        let visit = ann.run(record.clone()).await.unwrap();
        assert_eq!(visit.subject, "At the counter");
        assert_eq!(visit.agents, BTreeSet::from([test.ann]));
        let after = ann
            .run(GetCase {
                case: (&case).into(),
            })
            .await
            .unwrap();
        assert_eq!(after.updated_at, now);
        assert_eq!(after.attention, case.attention);

        record.started_at = Some(now + TimeDelta::hours(1));
        assert_eq!(
            ann.run(record.clone()).await.unwrap_err().kind(),
            ErrorKind::Invalid
        );
        record.started_at = Some(now);
        record.ended_at = Some(now - TimeDelta::seconds(1));
        assert_eq!(
            ann.run(record).await.unwrap_err().kind(),
            ErrorKind::Invalid
        );
    })
    .await;
}

#[tokio::test]
async fn an_activity_is_edited_field_by_field() {
    on_every_store(async |test| {
        let (ann, ben) = (test.agent(test.ann), test.agent(test.ben));
        let seen = recorded(&test, Medium::Visit, &["paid"]).await;
        test.clock.advance(TimeDelta::hours(1));
        let mut tags = PatchActivity::of(&seen);
        tags.tags = Some(set(&[" paid ", "angry"]));
        let mut end = PatchActivity::of(&seen);
        end.ended_at = Some(Some(test.clock.now()));
        end.agents = Some(BTreeSet::from([test.ann, test.ben]));
        ann.run(tags.clone()).await.unwrap();
        let both = ben.run(end).await.unwrap();
        assert_eq!(both.tags, set(&["paid", "angry"]));
        assert_eq!(both.ended_at, Some(test.clock.now()));
        assert_eq!(both.agents.len(), 2);
        let case = ann
            .run(GetCase {
                case: seen.case.into(),
            })
            .await
            .unwrap();
        assert_eq!(case.updated_at, test.clock.now());

        tags.tags = Some(set(&["late"]));
        assert_eq!(ben.run(tags).await.unwrap_err().kind(), ErrorKind::Conflict);
        let mut goes_on = PatchActivity::of(&both);
        goes_on.ended_at = Some(None);
        assert_eq!(ann.run(goes_on).await.unwrap().ended_at, None);
        let mut backwards = PatchActivity::of(&seen);
        backwards.seen = casekit_core::model::Version(4);
        backwards.ended_at = Some(Some(seen.started_at - TimeDelta::seconds(1)));
        assert_eq!(
            ann.run(backwards).await.unwrap_err().kind(),
            ErrorKind::Invalid
        );
        let mut blank = PatchActivity::of(&both);
        blank.tags = Some(set(&[" "]));
        assert_eq!(ann.run(blank).await.unwrap_err().kind(), ErrorKind::Invalid);
    })
    .await;
}
