//! Row C7: relations.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{on_every_store, refused};

fn link(case: &Case, to: &Case, relation: RelationKind) -> LinkCases {
    LinkCases {
        case: case.into(),
        to: to.into(),
        relation,
        shown: [].into(),
    }
}

#[tokio::test]
async fn a_link_is_seen_from_both_sides_and_made_once() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        let relation = world
            .anna
            .run(link(&a, &b, RelationKind::Linked))
            .await
            .unwrap();
        for (one, other) in [(&a, &b), (&b, &a)] {
            let related = world
                .anna
                .run(RelatedCases { case: one.into() })
                .await
                .unwrap();
            assert_eq!(related.len(), 1);
            assert_eq!(related[0].other.id, other.id);
        }
        let twice = world.anna.run(link(&b, &a, RelationKind::Linked)).await;
        assert_eq!(
            refused(twice, ErrorKind::Taken).message(),
            "the cases are related in this way already"
        );
        world
            .anna
            .run(UnlinkCases {
                relation: relation.id,
            })
            .await
            .unwrap();
        assert!(
            world
                .anna
                .run(RelatedCases { case: (&a).into() })
                .await
                .unwrap()
                .is_empty()
        );
        let other = CaseName {
            id: b.id,
            number: b.number,
        };
        assert!(
            world
                .history(&a)
                .await
                .contains(&Happening::Unlinked { other })
        );
    })
    .await;
}

#[tokio::test]
async fn no_case_is_related_to_itself() {
    on_every_store(|world| async move {
        let a = world.mail("A", "x").await;
        refused(
            world.anna.run(link(&a, &a, RelationKind::Linked)).await,
            ErrorKind::Invalid,
        );
    })
    .await;
}

#[tokio::test]
async fn a_case_has_one_parent_and_parents_form_no_circle() {
    on_every_store(|world| async move {
        let (a, b, c) = (
            world.mail("A", "x").await,
            world.mail("B", "x").await,
            world.mail("C", "x").await,
        );
        world
            .anna
            .run(link(&a, &b, RelationKind::ChildOf))
            .await
            .unwrap();
        world
            .anna
            .run(link(&b, &c, RelationKind::ChildOf))
            .await
            .unwrap();
        refused(
            world.anna.run(link(&c, &a, RelationKind::ChildOf)).await,
            ErrorKind::Invalid,
        );
        refused(
            world.anna.run(link(&a, &c, RelationKind::ChildOf)).await,
            ErrorKind::Taken,
        );
    })
    .await;
}

#[tokio::test]
async fn two_relations_made_at_once_close_no_circle() {
    on_every_store(|world| async move {
        let (a, b) = (world.mail("A", "x").await, world.mail("B", "x").await);
        let (one, other) = tokio::join!(
            world.anna.run(link(&a, &b, RelationKind::ChildOf)),
            world.ben.run(link(&b, &a, RelationKind::ChildOf))
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    })
    .await;
}
