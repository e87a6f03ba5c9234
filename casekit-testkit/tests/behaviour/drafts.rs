//! Row T8: a reply in the making is kept per agent and case.

use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::on_every_store;

#[tokio::test]
async fn a_draft_is_kept_per_case_agent_and_purpose() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let save = |purpose, text: &str| SaveDraft {
            case: case.id.into(),
            purpose,
            text: text.into(),
        };
        let get = |purpose| GetDraft {
            case: case.id.into(),
            purpose,
        };
        world
            .anna
            .run(save(DraftPurpose::Reply, "Dear"))
            .await
            .unwrap();
        world
            .anna
            .run(save(DraftPurpose::Reply, "Dear Carla"))
            .await
            .unwrap();
        world
            .anna
            .run(save(DraftPurpose::Note, "odd"))
            .await
            .unwrap();
        let reply = world
            .anna
            .run(get(DraftPurpose::Reply))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(reply.text, "Dear Carla");
        assert_eq!(world.ben.run(get(DraftPurpose::Reply)).await.unwrap(), None);
        assert_eq!(
            world.case(&case).await.version,
            case.version,
            "a draft is no change of the case"
        );
        let discard = DiscardDraft {
            case: case.id.into(),
            purpose: DraftPurpose::Note,
        };
        world.anna.run(discard).await.unwrap();
        world.anna.run(discard).await.unwrap();
        assert_eq!(world.anna.run(get(DraftPurpose::Note)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn the_draft_goes_with_the_reply_that_was_made_of_it() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let purpose = DraftPurpose::Reply;
        let save = SaveDraft {
            case: (&case).into(),
            purpose,
            text: "Dear Carla".into(),
        };
        let draft = world.anna.run(save).await.unwrap();
        let mut reply = Reply::new(&case, "Dear Carla");
        reply.draft = Some(draft.id);
        assert!(world.ben.run(reply.clone()).await.is_err(), "it is Anna's");
        world.anna.run(reply).await.unwrap();
        let get = GetDraft {
            case: (&case).into(),
            purpose,
        };
        assert_eq!(world.anna.run(get).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_note_takes_its_draft_with_it_and_ones_own_drafts_are_listed() {
    on_every_store(|world| async move {
        let mut drafts = Vec::new();
        for subject in ["One", "Two", "Three"] {
            world.minute();
            let case = world.mail(subject, "x").await;
            let save = SaveDraft {
                case: (&case).into(),
                purpose: DraftPurpose::Note,
                text: subject.into(),
            };
            drafts.push(world.anna.run(save).await.unwrap());
        }
        let list = async |list: ListDrafts| {
            let page = world.anna.run(list).await.unwrap();
            let texts: Vec<String> = page.drafts.into_iter().map(|draft| draft.text).collect();
            (texts, page.next)
        };
        let first = ListDrafts {
            limit: 2,
            ..ListDrafts::default()
        };
        let (texts, next) = list(first).await;
        assert_eq!(texts, ["Three", "Two"]);
        let rest = ListDrafts {
            after: next,
            limit: 2,
        };
        assert_eq!(list(rest).await, (vec!["One".to_owned()], None));
        let of_ben = world.ben.run(ListDrafts::default()).await.unwrap();
        assert!(of_ben.drafts.is_empty());
        let mut note = AddNote::new(drafts[0].case, "One");
        note.draft = Some(drafts[1].id);
        assert!(
            world.anna.run(note.clone()).await.is_err(),
            "it is for another case"
        );
        note.draft = Some(drafts[0].id);
        world.anna.run(note).await.unwrap();
        let (texts, _) = list(ListDrafts::default()).await;
        assert_eq!(texts, ["Three", "Two"]);
    })
    .await;
}
