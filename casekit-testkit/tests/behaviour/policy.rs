//! Row H7: a host's own policy decides by what an operation is about.

use casekit_core::desk::AgentSession;
use casekit_core::model::*;
use casekit_core::operations::*;
use casekit_core::port::{Policy, Request, RolePolicy};
use casekit_core::query::Filter;
use casekit_core::{Desk, Error, ErrorKind};

use crate::world::{World, on_every_store, refused};

/// Agents work only cases of their products, and only customers who are not called Dirk; customers see
/// no case whose subject is "Hidden".
#[derive(Debug)]
struct OwnProducts;

impl Policy for OwnProducts {
    fn decide(&self, request: &Request<'_>) -> Result<(), Error> {
        RolePolicy.decide(request)?;
        let no = |why: &str| Err(Error::denied(request.operation, why));
        if let (Some(agent), Some(case)) = (request.agent, request.case)
            && !case
                .product
                .is_some_and(|product| agent.products.contains(&product))
        {
            return no("it is of another product");
        }
        let agent = request.agent.is_some();
        if agent && request.customer.is_some_and(|c| c.name.starts_with("Dirk")) {
            return no("Dirk is the boss's");
        }
        let customer = request.actor.customer().is_some();
        if customer && request.case.is_some_and(|case| case.subject == "Hidden") {
            return no("it is hidden");
        }
        Ok(())
    }

    fn cases(&self, request: &Request<'_>) -> Filter {
        match request.agent {
            Some(agent) => Filter::is_in("product", agent.products.iter().copied()),
            None => Filter::all(),
        }
    }

    fn customers(&self, request: &Request<'_>) -> Filter {
        match request.agent {
            Some(_) => Filter::equal("name", "dirk de vries").negate(),
            None => Filter::all(),
        }
    }
}

struct Scene {
    desk: Desk,
    anna: AgentSession,
    mine: Case,
    other: Case,
    product: ProductId,
}

/// Anna is expert in one product; Carla has a case about it, and one about another.
async fn scene(world: &World) -> Scene {
    let policy = Desk::builder_on(world.store.clone()).policy(OwnProducts);
    let desk = policy.clock(world.clock.clone()).build();
    let mut cases = Vec::new();
    let mut products = Vec::new();
    for name in ["Printers", "Lamps"] {
        let product = world.admin.run(CreateProduct::new(name)).await.unwrap();
        let mut open = OpenCase::new(world.carla, name).customer_says("It is on fire");
        open.product = Some(product.id);
        cases.push(world.system.run(open).await.unwrap());
        products.push(product.id);
    }
    let mut patch = PatchAgent::of(&agent(world, world.anna_id).await);
    patch.products = Some([products[0]].into());
    world.admin.run(patch).await.unwrap();
    Scene {
        anna: desk.agent(world.workspace, world.anna_id),
        other: cases.pop().unwrap(),
        mine: cases.pop().unwrap(),
        product: products[0],
        desk,
    }
}

async fn agent(world: &World, agent: AgentId) -> Agent {
    world.admin.run(GetAgent { agent }).await.unwrap()
}

#[tokio::test]
async fn a_case_that_is_refused_cannot_be_reached_in_any_way() {
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let (anna, other) = (&scene.anna, &scene.other);
        anna.run(GetCase {
            case: (&scene.mine).into(),
        })
        .await
        .unwrap();
        let denied = ErrorKind::Denied;
        let case = CaseRef::Number(other.number);
        let error = refused(anna.run(GetCase { case }).await, denied);
        assert_eq!(
            error.message(),
            "`get_case` is not allowed: it is of another product"
        );
        refused(anna.run(Reply::new(other, "Hello")).await, denied);
        refused(anna.run(ReadThread::of(other)).await, denied);
        refused(anna.run(ReadAudit::of(other.id)).await, denied);
        let entry = world.thread(other).await.pop().unwrap();
        refused(anna.run(RedactEntry { entry: entry.id }).await, denied);
        let activity = entry.activity.unwrap();
        let comment = AddComment {
            activity,
            text: "Hm".into(),
            mentions: [].into(),
        };
        refused(anna.run(comment).await, denied);
        let link = LinkCases {
            case: (&scene.mine).into(),
            to: other.into(),
            relation: RelationKind::Linked,
            shown: [].into(),
        };
        refused(anna.run(link).await, denied);
        let open = OpenCase::new(world.carla, "Of no product");
        refused(anna.run(open).await, denied);
    })
    .await;
}

#[tokio::test]
async fn a_related_case_that_is_refused_is_not_shown() {
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let link = LinkCases {
            case: (&scene.mine).into(),
            to: (&scene.other).into(),
            relation: RelationKind::Linked,
            shown: [].into(),
        };
        world.system.run(link).await.unwrap();
        let related = RelatedCases {
            case: (&scene.mine).into(),
        };
        assert_eq!(scene.anna.run(related).await.unwrap(), []);
        assert_eq!(world.anna.run(related).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_case_that_was_merged_is_asked_about_as_the_one_it_went_into() {
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let merge = MergeCases {
            duplicate: (&scene.mine).into(),
            into: (&scene.other).into(),
        };
        world.supervisor.run(merge).await.unwrap();
        let get = GetCase {
            case: (&scene.mine).into(),
        };
        refused(scene.anna.run(get).await, ErrorKind::Denied);
    })
    .await;
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let merge = MergeCases {
            duplicate: (&scene.other).into(),
            into: (&scene.mine).into(),
        };
        world.supervisor.run(merge).await.unwrap();
        let get = GetCase {
            case: (&scene.other).into(),
        };
        assert_eq!(scene.anna.run(get).await.unwrap().id, scene.mine.id);
    })
    .await;
}

#[tokio::test]
async fn of_many_cases_those_that_are_refused_have_an_error() {
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let bulk = BulkCases {
            cases: vec![(&scene.mine).into(), (&scene.other).into()],
            action: BulkAction::Flag { flagged: true },
        };
        let results = scene.anna.run(bulk).await.unwrap();
        let kinds: Vec<_> = results
            .into_iter()
            .map(|result| result.error.map(|error| error.kind))
            .collect();
        assert_eq!(kinds, [None, Some(ErrorKind::Denied)]);
        assert!(!world.case(&scene.other).await.flagged);
    })
    .await;
}

#[tokio::test]
async fn a_customer_can_be_refused() {
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let anna = &scene.anna;
        let carla = GetCustomer {
            customer: world.carla,
        };
        anna.run(carla).await.unwrap();
        let dirk = GetCustomer {
            customer: world.dirk,
        };
        refused(anna.run(dirk).await, ErrorKind::Denied);
        let by = CustomerKey::Email("dirk@example.nl".into());
        refused(anna.run(LookUpCustomer { by }).await, ErrorKind::Denied);
        let mut open = OpenCase::new(world.dirk, "For Dirk");
        open.product = Some(scene.product);
        refused(anna.run(open).await, ErrorKind::Denied);
    })
    .await;
}

#[tokio::test]
async fn lists_and_searches_are_narrowed() {
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let anna = &scene.anna;
        let listed = anna.run(FindCases::default()).await.unwrap().cases;
        assert_eq!(listed, std::slice::from_ref(&scene.mine));
        let found = anna.run(SearchCases::new("fire")).await.unwrap().found;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].case.id, scene.mine.id);
        let load = anna.run(GetCaseLoad::default()).await.unwrap();
        assert_eq!(load.unclaimed.cases, std::slice::from_ref(&scene.mine));
        let all = world.anna.run(FindCases::default()).await.unwrap().cases;
        assert_eq!(all.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn counts_and_figures_are_narrowed() {
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let count = |counted: CaseCount| counted.count;
        let all = CountCases::default();
        assert_eq!(count(scene.anna.run(all.clone()).await.unwrap()), 1);
        assert_eq!(count(world.anna.run(all).await.unwrap()), 2);
        let history = CustomerStatistics::of(world.carla);
        let of_anna = scene.anna.run(history.clone()).await.unwrap();
        assert_eq!((of_anna.figures.open, of_anna.figures.messages), (1, 1));
        assert_eq!(of_anna.cases.cases, std::slice::from_ref(&scene.mine));
        assert_eq!(world.anna.run(history).await.unwrap().figures.open, 2);
        let mut patch = PatchAgent::of(&agent(&world, world.anna_id).await);
        patch.role = Some(Role::Supervisor);
        world.admin.run(patch).await.unwrap();
        let figures = WorkspaceStatistics::default();
        let narrowed = scene.anna.run(figures).await.unwrap();
        let whole = world.supervisor.run(figures).await.unwrap();
        let of = |figures: &WorkspaceFigures| {
            let stages: u64 = figures.stages.iter().map(|stage| stage.cases).sum();
            (figures.open, figures.awaiting, figures.unassigned, stages)
        };
        assert_eq!(of(&narrowed), (1, 1, 1, 1));
        assert_eq!(of(&whole), (2, 2, 2, 2));
        assert_eq!(narrowed.customers + 1, whole.customers);
    })
    .await;
}

#[tokio::test]
async fn a_journey_names_no_case_that_is_refused() {
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let journey = Journey::of(world.carla);
        let steps = scene.anna.run(journey.clone()).await.unwrap().steps;
        let cases: Vec<_> = steps.iter().map(|step| step.case.id).collect();
        assert_eq!(cases, [scene.mine.id]);
        assert_eq!(world.anna.run(journey).await.unwrap().steps.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn lists_of_customers_are_narrowed() {
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let names = |page: CustomerPage| -> Vec<String> {
            page.customers.into_iter().map(|c| c.name).collect()
        };
        let listed = names(scene.anna.run(FindCustomers::default()).await.unwrap());
        assert!(listed.contains(&"Carla Pérez".to_owned()), "{listed:?}");
        assert!(!listed.contains(&"Dirk de Vries".to_owned()), "{listed:?}");
        let found = FindCustomers::text("dirk");
        assert!(names(scene.anna.run(found.clone()).await.unwrap()).is_empty());
        assert_eq!(
            names(world.anna.run(found).await.unwrap()),
            ["Dirk de Vries"]
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_to_a_customer_looks_as_if_it_did_not_exist() {
    on_every_store(|world| async move {
        let scene = scene(&world).await;
        let hidden = world.mail("Hidden", "x").await;
        let carla = scene.desk.customer(world.workspace, world.carla);
        let case = (&hidden).into();
        let error = refused(carla.run(MyCase { case }).await, ErrorKind::NotFound);
        let case = CaseRef::from(CaseId(world.desk.new_id()));
        let absent = refused(carla.run(MyCase { case }).await, ErrorKind::NotFound);
        let shown = |error: Error| error.message().replace(|c: char| c.is_ascii_hexdigit(), "");
        assert_eq!(shown(error), shown(absent));
        let news = carla.run(MyUpdates::default()).await.unwrap().updates;
        assert!(news.iter().all(|update| update.case != hidden.id));
        let link = LinkCases {
            case: (&scene.mine).into(),
            to: (&hidden).into(),
            relation: RelationKind::Linked,
            shown: [Shown::To].into(),
        };
        world.anna.run(link).await.unwrap();
        let linked = MyLinkedCases {
            case: (&scene.mine).into(),
        };
        assert_eq!(carla.run(linked).await.unwrap(), []);
    })
    .await;
}
