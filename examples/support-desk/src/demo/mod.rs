//! A day at the desk, played once: with a clock and ids of its own it is the same every time.

mod day;

use std::collections::BTreeSet;

use casekit_core::desk::AgentSession;
use casekit_core::model::{Agent, Product, ProductId, Role};
use casekit_core::operations::{CreateAgent, CreateProduct, GetWorkspace, PatchWorkspace};
use casekit_core::{Desk, Error, ErrorKind, Result};

use crate::database::Office;
use crate::replay::{DayClock, DayIds, Purpose};

/// The tag of the case that is shown first.
pub(crate) const SHOWN: &str = "warranty";

/// The address of the agent whose case load is shown first.
pub(crate) const AGENT: &str = "mieke@zonwerk.example";

/// The workspace's name tells whether the day was played.
const UNDER_WAY: &str = "Zonwerk support (the demo day is being played)";
const PLAYED: &str = "Zonwerk support (with a demo day)";

/// What happened when the day was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Played {
    /// It was played now. Holds what the agent who came too late was told.
    Now { too_late: String },
    /// It was played before.
    Before,
}

/// Plays the day if it was not played before.
pub(crate) async fn play_once(office: &Office) -> Result<Played> {
    match office.system().run(GetWorkspace {}).await?.name.as_str() {
        PLAYED => return Ok(Played::Before),
        UNDER_WAY => {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the demo day was interrupted, or is being played at this moment: wait, or delete the \
                 database and run `support-desk` again",
            ));
        }
        _ => {}
    }
    let clock = DayClock::default();
    let desk = Desk::builder_on(office.store.clone())
        .clock(clock.clone())
        .ids(DayIds::new(Purpose::Demo))
        .build();
    let system = desk.system(office.workspace);
    rename(&system, UNDER_WAY).await?;
    let staff = hire(&desk, office, &system).await?;
    let too_late = staff.play(&clock).await?;
    rename(&system, PLAYED).await?;
    Ok(Played::Now { too_late })
}

async fn rename(system: &AgentSession, name: &str) -> Result<()> {
    let mut patch = PatchWorkspace::of(&system.run(GetWorkspace {}).await?);
    patch.name = Some(name.to_owned());
    system.run(patch).await?;
    Ok(())
}

/// Everyone who works that day, and what they work on.
#[derive(Debug)]
struct Staff {
    desk: Desk,
    system: AgentSession,
    mieke: AgentSession,
    tomas: AgentSession,
    ingrid: AgentSession,
    /// The record of Mieke, who speaks Dutch, French and English.
    mieke_peeters: Agent,
    /// The record of Tomás, who speaks Spanish, Portuguese and English.
    tomas_oliveira: Agent,
    inverter: ProductId,
    battery: ProductId,
    app: ProductId,
}

async fn hire(desk: &Desk, office: &Office, system: &AgentSession) -> Result<Staff> {
    let inverter = product(system, "SunBox inverter").await?;
    let battery = product(system, "SunBox battery").await?;
    let app = product(system, "SunBox app").await?;
    let agent = |name, email, role, products| agent(system, name, email, role, products);
    let mieke = agent("Mieke Peeters", AGENT, Role::Agent, vec![inverter, battery]).await?;
    let tomas = "tomas@zonwerk.example";
    let tomas = agent("Tomás Oliveira", tomas, Role::Agent, vec![app, inverter]).await?;
    let ingrid = "ingrid@zonwerk.example";
    let ingrid = agent("Ingrid Dahl", ingrid, Role::Supervisor, Vec::new()).await?;
    let session = |agent: &Agent| desk.agent(office.workspace, agent.id);
    Ok(Staff {
        desk: desk.clone(),
        system: system.clone(),
        mieke: session(&mieke),
        tomas: session(&tomas),
        ingrid: session(&ingrid),
        mieke_peeters: mieke,
        tomas_oliveira: tomas,
        inverter,
        battery,
        app,
    })
}

async fn product(system: &AgentSession, name: &str) -> Result<ProductId> {
    let product: Product = system.run(CreateProduct::new(name)).await?;
    Ok(product.id)
}

async fn agent(
    system: &AgentSession,
    name: &str,
    email: &str,
    role: Role,
    products: Vec<ProductId>,
) -> Result<Agent> {
    let agent = CreateAgent {
        products: BTreeSet::from_iter(products),
        ..CreateAgent::new(name, email, role)
    };
    system.run(agent).await
}
