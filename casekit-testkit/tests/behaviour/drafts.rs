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
