//! W2.

use std::collections::BTreeSet;

use casekit_core::ErrorKind;
use casekit_core::model::{Agent, AgentId, Role};
use casekit_core::operations::{
    CreateAgent, CreateProduct, GetAgent, GetCase, GetWorkspace, ListAgents, OpenCase, PatchAgent,
};

use super::desk::{TestDesk, on_every_store};

async fn get(test: &TestDesk, agent: AgentId) -> Agent {
    test.system().run(GetAgent { agent }).await.unwrap()
}

async fn patch(
    test: &TestDesk,
    by: AgentId,
    agent: AgentId,
    edit: impl FnOnce(&mut PatchAgent),
) -> casekit_core::Result<Agent> {
    let mut patch = PatchAgent::of(&get(test, agent).await);
    edit(&mut patch);
    test.agent(by).run(patch).await
}

#[tokio::test]
async fn an_agent_has_a_profile_and_products() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        let product = admin.run(CreateProduct::new("Router")).await.unwrap();
        let mut create = CreateAgent::new(" Eve ", "eve@acme.example", Role::Supervisor);
        create.locale = Some("nl-BE".to_owned());
        create.time_zone = Some("Europe/Brussels".to_owned());
        create.signature = Some("Kind regards, Eve".to_owned());
        create.products = BTreeSet::from([product.id]);
        let eve = admin.run(create.clone()).await.unwrap();
        assert_eq!(
            (eve.name.as_str(), eve.role, eve.active),
            ("Eve", Role::Supervisor, true)
        );
        assert_eq!(get(&test, eve.id).await, eve);

        create.email = "EVE@acme.example".to_owned();
        assert_eq!(
            admin.run(create).await.unwrap_err().kind(),
            ErrorKind::Taken
        );
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    on_every_store(async |test| {
        let good = CreateAgent::new("Eve", "eve@acme.example", Role::Agent);
        let bad: [fn(&mut CreateAgent); 5] = [
            |agent| agent.name = "  ".to_owned(),
            |agent| agent.email = "eve".to_owned(),
            |agent| agent.locale = Some("Dutch, please".to_owned()),
            |agent| agent.time_zone = Some("+02:00".to_owned()),
            |agent| {
                agent.products.insert(uuid::Uuid::nil().into());
            },
        ];
        for spoil in bad {
            let mut create = good.clone();
            spoil(&mut create);
            let refused = test.agent(test.admin).run(create).await.unwrap_err();
            assert!(matches!(
                refused.kind(),
                ErrorKind::Invalid | ErrorKind::NotFound
            ));
        }
        test.agent(test.admin).run(good).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn agents_edit_their_own_profile_and_nothing_more() {
    on_every_store(async |test| {
        let edited = patch(&test, test.ann, test.ann, |edit| {
            edit.name = Some("Anna".to_owned());
            edit.locale = Some(Some("fr".to_owned()));
            edit.signature = Some(Some("A.".to_owned()));
        });
        let edited = edited.await.unwrap();
        assert_eq!(
            (edited.name.as_str(), edited.locale.as_deref()),
            ("Anna", Some("fr"))
        );
        let cleared = patch(&test, test.ann, test.ann, |edit| edit.locale = Some(None)).await;
        assert_eq!(cleared.unwrap().locale, None);

        let beyond: [fn(&mut PatchAgent); 4] = [
            |edit| edit.role = Some(Role::Admin),
            |edit| edit.active = Some(false),
            |edit| edit.email = Some("x@acme.example".to_owned()),
            |edit| edit.products = Some(BTreeSet::new()),
        ];
        for edit in beyond {
            let denied = patch(&test, test.ann, test.ann, edit).await.unwrap_err();
            assert_eq!(denied.kind(), ErrorKind::Denied);
        }
        let others = patch(&test, test.supervisor, test.ann, |edit| {
            edit.name = Some("Hacked".to_owned());
        });
        assert_eq!(others.await.unwrap_err().kind(), ErrorKind::Denied);
        assert_eq!(get(&test, test.ann).await.name, "Anna");
    })
    .await;
}

#[tokio::test]
async fn an_edit_in_json_tells_absent_from_null() {
    on_every_store(async |test| {
        let patched = patch(&test, test.ann, test.ann, |edit| {
            edit.locale = Some(Some("fr".to_owned()));
            edit.time_zone = Some(Some("UTC".to_owned()));
        });
        let seen = patched.await.unwrap();
        let input = format!(
            r#"{{"agent":"{}","seen":{},"locale":null}}"#,
            seen.id, seen.version
        );
        let session = test
            .desk
            .session(test.workspace, test.agent(test.ann).actor());
        let output = session.call("patch_agent", input.as_bytes()).await.unwrap();
        let agent: Agent = serde_json::from_slice(&output).unwrap();
        assert_eq!(
            (agent.locale, agent.time_zone.as_deref()),
            (None, Some("UTC"))
        );
        // And back: an edit that names nothing has no nulls.
        let nothing = serde_json::to_string(&PatchAgent::of(&seen)).unwrap();
        assert!(!nothing.contains("null"), "{nothing}");
    })
    .await;
}

#[tokio::test]
async fn a_deactivated_agent_can_do_nothing_is_assigned_nothing_and_keeps_the_history() {
    on_every_store(async |test| {
        let ann = test.agent(test.ann);
        let case = ann
            .run(OpenCase::new(test.customer, "Broken"))
            .await
            .unwrap();
        patch(&test, test.admin, test.ann, |edit| {
            edit.active = Some(false)
        })
        .await
        .unwrap();

        let denied = ann.run(GetWorkspace {}).await.unwrap_err();
        assert_eq!(denied.kind(), ErrorKind::Denied);
        let mut open = OpenCase::new(test.customer, "Another");
        open.assignee = Some(test.ann);
        assert!(test.agent(test.ben).run(open).await.is_err());
        let case = test
            .agent(test.ben)
            .run(GetCase {
                case: (&case).into(),
            })
            .await
            .unwrap();
        assert_eq!(case.owner, Some(test.ann));
        assert_eq!(get(&test, test.ann).await.name, "Ann");
    })
    .await;
}

#[tokio::test]
async fn the_last_active_admin_stays() {
    on_every_store(async |test| {
        for edit in [
            (|edit| edit.active = Some(false)) as fn(&mut PatchAgent),
            |edit| edit.role = Some(Role::Agent),
        ] {
            let refused = patch(&test, test.admin, test.admin, edit)
                .await
                .unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Invalid);
        }
        let second = CreateAgent::new("Abe", "abe@acme.example", Role::Admin);
        let second = test.agent(test.admin).run(second).await.unwrap();
        patch(&test, second.id, test.admin, |edit| {
            edit.active = Some(false)
        })
        .await
        .unwrap();
        // The host's own programs can do it, and undo it.
        let mut edit = PatchAgent::of(&second);
        edit.active = Some(false);
        test.system().run(edit).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn two_admins_who_leave_at_once_do_not_each_count_on_the_other() {
    on_every_store(async |test| {
        let second = CreateAgent::new("Abe", "abe@acme.example", Role::Admin);
        let second = test.agent(test.admin).run(second).await.unwrap();
        let leave = |agent: &Agent| {
            let mut edit = PatchAgent::of(agent);
            edit.active = Some(false);
            edit
        };
        let (other, edit) = (test.agent(second.id), leave(&second));
        let desk = test.raced_by(async move {
            other.run(edit).await.unwrap();
        });
        let first = get(&test, test.admin).await;
        let refused = desk
            .agent(test.workspace, test.admin)
            .run(leave(&first))
            .await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid);
        assert!(get(&test, test.admin).await.active);
    })
    .await;
}

#[tokio::test]
async fn agents_are_listed_by_name_and_found_by_product() {
    on_every_store(async |test| {
        let admin = test.agent(test.admin);
        let product = admin.run(CreateProduct::new("Router")).await.unwrap().id;
        patch(&test, test.admin, test.ben, |edit| {
            edit.products = Some(BTreeSet::from([product]));
            edit.active = Some(false);
        })
        .await
        .unwrap();

        let mut names = Vec::new();
        let mut list = ListAgents {
            limit: 3,
            ..ListAgents::default()
        };
        loop {
            let page = admin.run(list.clone()).await.unwrap();
            names.extend(page.agents.into_iter().map(|agent| agent.name));
            list.after = page.next;
            if list.after.is_none() {
                break;
            }
        }
        assert_eq!(names, ["Ada", "Ann", "Ben", "Sue"]);
        let list = |active, product| ListAgents {
            active,
            product,
            ..ListAgents::default()
        };
        assert_eq!(
            admin
                .run(list(Some(true), None))
                .await
                .unwrap()
                .agents
                .len(),
            3
        );
        let experts = admin.run(list(None, Some(product))).await.unwrap().agents;
        assert_eq!(experts[0].id, test.ben);
        assert!(
            admin
                .run(list(Some(true), Some(product)))
                .await
                .unwrap()
                .agents
                .is_empty()
        );
    })
    .await;
}
