//! Row Q4: saved views.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{on_every_store, refused};

fn urgent(sharing: Sharing) -> SaveView {
    SaveView {
        name: "Urgent".into(),
        list: FindCases {
            filter: CaseFilter::Priority(Priority::Urgent),
            ..FindCases::default()
        },
        columns: vec!["number".into(), "subject".into()],
        sharing,
    }
}

#[tokio::test]
async fn a_personal_view_is_ones_own_and_a_shared_one_is_everyones() {
    on_every_store(|world| async move {
        let own = world.anna.run(urgent(Sharing::Personal)).await.unwrap();
        refused(
            world.anna.run(urgent(Sharing::Shared)).await,
            ErrorKind::Denied,
        );
        let shared = world.supervisor.run(urgent(Sharing::Shared)).await.unwrap();
        let ids = |views: Vec<SavedView>| views.iter().map(|view| view.id).collect::<Vec<_>>();
        assert_eq!(
            ids(world.anna.run(ListViews::default()).await.unwrap()),
            [own.id, shared.id]
        );
        assert_eq!(
            ids(world.ben.run(ListViews::default()).await.unwrap()),
            [shared.id]
        );
        refused(
            world.ben.run(DeleteView { view: own.id }).await,
            ErrorKind::NotFound,
        );
        refused(
            world.ben.run(DeleteView { view: shared.id }).await,
            ErrorKind::Denied,
        );
        world.anna.run(DeleteView { view: own.id }).await.unwrap();
        assert_eq!(
            ids(world.anna.run(ListViews::default()).await.unwrap()),
            [shared.id]
        );
    })
    .await;
}

#[tokio::test]
async fn saving_under_the_same_name_replaces_and_the_list_can_be_run_as_it_was_saved() {
    on_every_store(|world| async move {
        let first = world.anna.run(urgent(Sharing::Personal)).await.unwrap();
        let mut again = urgent(Sharing::Personal);
        again.name = " URGENT".into();
        again.columns = vec!["subject".into()];
        let second = world.anna.run(again).await.unwrap();
        assert_eq!((second.id, second.columns.len()), (first.id, 1));
        let mut open = OpenCase::new(world.carla, "Fire");
        open.priority = Priority::Urgent;
        world.anna.run(open).await.unwrap();
        world.mail("Not so urgent", "x").await;
        let list: FindCases = serde_json::from_value(second.list).unwrap();
        let cases = world.anna.run(list).await.unwrap().cases;
        assert_eq!(cases.len(), 1);
        assert_eq!(cases[0].subject, "Fire");
    })
    .await;
}

#[tokio::test]
async fn a_supervisor_sees_and_deletes_what_others_keep_for_themselves() {
    on_every_store(|world| async move {
        let own = world.anna.run(urgent(Sharing::Personal)).await.unwrap();
        let agent = Some(world.anna_id);
        let of_anna = ListViews { agent };
        refused(world.ben.run(of_anna).await, ErrorKind::Denied);
        assert_eq!(world.anna.run(of_anna).await.unwrap().len(), 1);
        let views = world.supervisor.run(of_anna).await.unwrap();
        assert_eq!(views, std::slice::from_ref(&own));
        let delete = DeleteView { view: own.id };
        world.supervisor.run(delete).await.unwrap();
        assert!(world.anna.run(of_anna).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_audit_tells_what_became_of_a_view() {
    on_every_store(|world| async move {
        let view = world.supervisor.run(urgent(Sharing::Shared)).await.unwrap();
        let mut wider = urgent(Sharing::Shared);
        wider.columns.push("assignee".into());
        world.supervisor.run(wider.clone()).await.unwrap();
        let same = world.supervisor.run(wider).await.unwrap();
        assert_eq!(same.columns.len(), 3);
        world
            .supervisor
            .run(DeleteView { view: view.id })
            .await
            .unwrap();
        let mut all = ReadAudit::of(CaseId(view.id.0));
        (all.case, all.limit) = (None, 3);
        let mut events = world.supervisor.run(all).await.unwrap().events;
        events.reverse();
        assert!(events.iter().all(|event| event.about == view.key()));
        let told: Vec<(What, Vec<&str>)> = events
            .iter()
            .map(|event| {
                let fields = event.changes.iter().map(|change| change.field.as_str());
                (event.what, fields.collect())
            })
            .collect();
        assert_eq!(
            told,
            [
                (What::Created, vec!["name", "list", "columns"]),
                (What::Changed, vec!["columns"]),
                (What::Deleted, vec![]),
            ]
        );
    })
    .await;
}
