//! What a workspace adds up to.

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;

use crate::world::{World, on_every_store, refused};

async fn figures(world: &World) -> WorkspaceFigures {
    let figures = world.supervisor.run(WorkspaceStatistics {}).await;
    figures.unwrap()
}

#[tokio::test]
async fn an_empty_workspace_has_people_and_stages_and_nothing_else() {
    on_every_store(|world| async move {
        let figures = figures(&world).await;
        let stages = Workspace::default_stages().into_iter();
        let expected = WorkspaceFigures {
            stages: stages
                .map(|stage| StageFigure {
                    stage: stage.key,
                    name: stage.name,
                    status: stage.status,
                    cases: 0,
                })
                .collect(),
            customers: 2,
            agents: 4,
            ..WorkspaceFigures::default()
        };
        assert_eq!(figures, expected);
    })
    .await;
}

#[tokio::test]
async fn cases_are_counted_by_status_and_stage_with_the_mean_times_to_answer_and_to_close() {
    on_every_store(|world| async move {
        let answered = world.mail("one", "text").await;
        let closed = world.mail_of(world.dirk, "two", "text").await;
        world.minutes(10);
        let mut reply = Reply::new(&answered, "answer");
        reply.stage = Some("on_hold".into());
        world.anna.run(reply).await.unwrap();
        world.minutes(20);
        world.anna.run(Reply::new(&closed, "answer")).await.unwrap();
        world.minutes(30);
        let case = closed.id;
        let reason = String::new();
        world.anna.run(CloseCase::new(case, &reason)).await.unwrap();
        let waiting = world.mail("three", "text").await;
        let case = waiting.id.into();
        world.anna.run(TakeCase { case }).await.unwrap();

        let figures = figures(&world).await;
        assert_eq!((figures.open, figures.closed), (2, 1));
        let stages: Vec<_> = figures.stages.iter().map(|stage| stage.cases).collect();
        assert_eq!(stages, [1, 0, 0, 1, 0, 1]);
        assert_eq!((figures.awaiting, figures.unassigned), (1, 1));
        assert_eq!((figures.messages, figures.activities), (5, 3));
        // Answered after 10 and 30 minutes, closed after 60.
        assert_eq!(figures.mean_first_response_ms, Some(20 * 60_000));
        assert_eq!(figures.mean_resolution_ms, Some(60 * 60_000));
    })
    .await;
}

#[tokio::test]
async fn what_was_merged_away_does_not_count() {
    on_every_store(|world| async move {
        let one = world.mail("one", "text").await;
        let two = world.mail("two", "text").await;
        let merge = MergeCases {
            duplicate: two.id.into(),
            into: one.id.into(),
        };
        world.supervisor.run(merge).await.unwrap();
        let figures = figures(&world).await;
        assert_eq!((figures.open, figures.closed, figures.messages), (1, 0, 2));
        assert_eq!(figures.mean_resolution_ms, None);
    })
    .await;
}

#[tokio::test]
async fn an_agent_may_not_see_it() {
    on_every_store(|world| async move {
        let asked = world.anna.run(WorkspaceStatistics {}).await;
        refused(asked, ErrorKind::Denied);
    })
    .await;
}
