//! Row C11: permanent deletion.

use casekit_core::ErrorKind;
use casekit_core::model::{CaseName, Entry, Happening, RelationKind};
use casekit_core::operations::*;

use crate::world::{on_every_store, refused};

#[tokio::test]
async fn only_a_tombstone_is_left_and_the_number_is_not_used_again() {
    on_every_store(|world| async move {
        let mut open = OpenCase::new(world.carla, "Secretariat").customer_says("the unspeakable");
        open.description = "A secret".into();
        open.notes = "Most unspeakable".into();
        let case = world.system.run(open).await.unwrap();
        let duplicate = world.mail("Secretly", "the unspeakable too").await;
        let merge = MergeCases {
            duplicate: (&duplicate).into(),
            into: (&case).into(),
        };
        world.supervisor.run(merge).await.unwrap();
        let mut patch = PatchCase::of(&world.case(&case).await);
        patch.subject = Some("Unspeakable".into());
        world.anna.run(patch).await.unwrap();
        refused(
            world
                .supervisor
                .run(DeleteCase {
                    case: (&case).into(),
                })
                .await,
            ErrorKind::Denied,
        );
        let tombstone = world
            .admin
            .run(DeleteCase {
                case: (&case).into(),
            })
            .await
            .unwrap();
        assert_eq!(
            (tombstone.number, tombstone.by),
            (case.number, world.admin.actor())
        );
        for gone in [&case, &duplicate] {
            let error = refused(
                world
                    .anna
                    .run(GetCase {
                        case: gone.id.into(),
                    })
                    .await,
                ErrorKind::NotFound,
            );
            assert!(error.message().contains("was deleted"), "{error}");
            let case = gone.number.into();
            let error = refused(world.anna.run(GetCase { case }).await, ErrorKind::NotFound);
            let told = format!("case {} was deleted on 2026-01-05", gone.number);
            assert_eq!(error.message(), told);
            let carla = world.customer(world.carla);
            let error = refused(carla.run(MyCase { case }).await, ErrorKind::NotFound);
            assert!(!error.message().contains("deleted"), "{error}");
        }
        assert!(
            world
                .anna
                .run(SearchCases::new("unspeakable"))
                .await
                .unwrap()
                .found
                .is_empty()
        );
        let mut all = ReadAudit::of(case.id);
        all.case = None;
        let audit = world.supervisor.run(all).await.unwrap();
        let json = serde_json::to_string(&audit).unwrap().to_lowercase();
        assert!(
            !json.contains("unspeakable") && !json.contains("secret"),
            "{json}"
        );
        assert!(
            audit
                .events
                .windows(2)
                .all(|pair| pair[0].seq.0 == pair[1].seq.0 + 1)
        );
        assert_eq!(world.mail("Next", "x").await.number, duplicate.number + 1);
    })
    .await;
}

#[tokio::test]
async fn what_moved_away_before_is_forgotten_too_and_what_moved_on_is_kept() {
    on_every_store(|world| async move {
        let case = world.mail("Printer", "x").await;
        let edit = |entry: Entry, text: &str| EditEntry {
            entry: entry.id,
            seen: entry.version,
            text: text.into(),
        };
        let gone = world
            .anna
            .run(Reply::new(&case, "unspeakable"))
            .await
            .unwrap()
            .entry;
        world.anna.run(edit(gone.clone(), "sorry")).await.unwrap();
        let split = SplitCase {
            case: (&case).into(),
            entries: [gone.id].into(),
            activity: None,
            subject: "Split".into(),
        };
        let new = world.anna.run(split).await.unwrap();
        let audit = || async {
            let page = world.anna.run(ReadAudit::of(case.id)).await.unwrap();
            serde_json::to_string(&page).unwrap()
        };
        assert!(audit().await.contains("unspeakable"));
        world
            .admin
            .run(DeleteCase {
                case: (&new).into(),
            })
            .await
            .unwrap();
        assert!(!audit().await.contains("unspeakable"));
    })
    .await;
}

#[tokio::test]
async fn the_cases_it_was_linked_with_are_told() {
    on_every_store(|world| async move {
        let (case, other) = (world.mail("One", "x").await, world.mail("Two", "y").await);
        let link = LinkCases {
            case: (&case).into(),
            to: (&other).into(),
            relation: RelationKind::Linked,
            shown: [].into(),
        };
        world.anna.run(link).await.unwrap();
        let delete = DeleteCase {
            case: (&case).into(),
        };
        world.admin.run(delete).await.unwrap();
        let gone = CaseName {
            id: case.id,
            number: case.number,
        };
        let history = world.history(&other).await;
        assert_eq!(history.last(), Some(&Happening::Unlinked { other: gone }));
        let related = RelatedCases {
            case: (&other).into(),
        };
        assert_eq!(world.anna.run(related).await.unwrap(), []);
    })
    .await;
}
