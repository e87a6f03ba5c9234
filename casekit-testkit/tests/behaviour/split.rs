//! Semantics: "Merge, split, link": splitting.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{on_every_store, refused, text};

#[tokio::test]
async fn entries_move_to_a_new_case_that_is_related_and_nothing_is_copied() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        world.anna.run(Reply::new(&case, "two")).await.unwrap();
        let asked = world.minute();
        let other = world
            .system
            .run(ReceiveMessage::new(&case, "by the way, my phone"))
            .await
            .unwrap();
        let split = SplitCase {
            case: (&case).into(),
            entries: [other.entry.id].into(),
            activity: None,
            subject: "Phone".into(),
        };
        let new = world.anna.run(split).await.unwrap();
        assert_eq!(new.number, case.number + 1);
        assert_eq!(new.attention.awaiting_since, Some(asked));
        assert_eq!(world.case(&case).await.attention.awaiting_since, None);
        let said: Vec<_> = world
            .thread(&new)
            .await
            .iter()
            .map(text)
            .collect::<Vec<_>>()
            .concat()
            .chars()
            .collect();
        assert_eq!(said.iter().collect::<String>(), "by the way, my phone");
        assert!(
            world
                .thread(&case)
                .await
                .iter()
                .all(|entry| entry.id != other.entry.id)
        );
        let related = world
            .anna
            .run(RelatedCases {
                case: (&case).into(),
            })
            .await
            .unwrap();
        assert_eq!(related[0].other.id, new.id);
        let other = CaseName {
            id: new.id,
            number: new.number,
        };
        assert!(
            world
                .history(&case)
                .await
                .contains(&Happening::SplitInto { other })
        );
    })
    .await;
}

#[tokio::test]
async fn an_activity_moves_with_all_its_entries() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        let mut chat = ReceiveMessage::new(&case, "chat");
        chat.medium = Medium::Chat;
        let received = world.system.run(chat).await.unwrap();
        let split = SplitCase {
            case: (&case).into(),
            entries: [].into(),
            activity: received.entry.activity,
            subject: "Chat".into(),
        };
        let new = world.anna.run(split).await.unwrap();
        let moved = world
            .thread(&new)
            .await
            .into_iter()
            .find(|e| e.id == received.entry.id)
            .unwrap();
        assert_eq!(moved.activity, received.entry.activity);
        let mut again = ReceiveMessage::new(&case, "more chat");
        again.medium = Medium::Chat;
        let again = world.system.run(again).await.unwrap();
        assert_ne!(
            again.entry.activity, received.entry.activity,
            "the exchange went with the split"
        );
    })
    .await;
}

#[tokio::test]
async fn history_and_entries_of_other_cases_are_refused() {
    on_every_store(|world| async move {
        let (case, other) = (world.mail("A", "one").await, world.mail("B", "two").await);
        let split = |entries: Vec<EntryId>| SplitCase {
            case: case.id.into(),
            entries: entries.into_iter().collect(),
            activity: None,
            subject: "New".into(),
        };
        let history = world.thread(&case).await[0].id;
        refused(
            world.anna.run(split(vec![history])).await,
            ErrorKind::Invalid,
        );
        let strange = world.thread(&other).await[1].id;
        refused(
            world.anna.run(split(vec![strange])).await,
            ErrorKind::NotFound,
        );
        refused(world.anna.run(split(vec![])).await, ErrorKind::Invalid);
        assert_eq!(
            world.mail("C", "x").await.number,
            3,
            "no number was used up"
        );
    })
    .await;
}

#[tokio::test]
async fn an_agent_who_has_gone_gets_no_case_by_a_split() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "one").await;
        let take = TakeCase {
            case: (&case).into(),
        };
        world.ben.run(take).await.unwrap();
        world.leaves(world.ben_id).await;
        let thread = world.thread(&case).await;
        let said = thread.iter().find(|entry| text(entry) == "one").unwrap();
        let split = SplitCase {
            case: (&case).into(),
            entries: [said.id].into(),
            activity: None,
            subject: "Phone".into(),
        };
        let new = world.anna.run(split).await.unwrap();
        assert_eq!(new.assignee, None);
        let load = world.anna.run(GetCaseLoad::default()).await.unwrap();
        let unclaimed: Vec<_> = load.unclaimed.cases.iter().map(|case| case.id).collect();
        assert!(unclaimed.contains(&new.id));
    })
    .await;
}
