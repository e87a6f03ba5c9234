//! What is shown without a command: a case load, one case from both sides, and what to try next.

use casekit_core::model::{Agent, Case, Customer};
use casekit_core::operations::{CaseFilter, CaseSort, FindCases, GetCustomer};
use casekit_core::query::Direction;
use casekit_core::{Error, ErrorKind, Result};

use crate::database::{Database, Office};
use crate::demo::{self, Played};
use crate::people::Directory;
use crate::text::{COMMAND, FAINT, TITLE, count, line, styled};
use crate::{lists, show};

/// How many cases of each list are shown.
const SHOWN: u32 = 10;

pub(crate) async fn run(database: &Database) -> Result<String> {
    let office = Office::open_or_create(database).await?;
    let played = demo::play_once(&office).await?;
    let directory = Directory::load(&office.system()).await?;
    let agent = directory
        .agents
        .iter()
        .find(|agent| agent.email == demo::AGENT);
    let agent = agent.ok_or_else(gone)?;
    let case = shown_case(&office).await?;
    let customer = case.customer;
    let customer = office.system().run(GetCustomer { customer }).await?;
    let load = lists::case_load(&office, agent, SHOWN).await?;
    let staff = show::staff_view(&office, (&case).into()).await?;
    let portal = show::customer_view(&office, (&case).into()).await?;
    Ok([
        heading(database, &played),
        lists::render_load(agent, &load, &directory),
        side("As staff see it"),
        show::render_for_staff(&staff, &directory),
        side("As the customer sees it: no note, no stages, no tags, no notes of calls"),
        show::render_for_customer(&portal),
        try_next(database, agent, &case, &customer),
    ]
    .concat())
}

/// The case of the demo day that is shown: the first with its tag.
async fn shown_case(office: &Office) -> Result<Case> {
    let find = FindCases {
        filter: CaseFilter::Tag(demo::SHOWN.to_owned()),
        sort: CaseSort::Number,
        direction: Direction::Ascending,
        limit: 1,
        ..FindCases::default()
    };
    let mut found = office.system().run(find).await?.cases;
    found.pop().ok_or_else(gone)
}

fn gone() -> Error {
    Error::new(
        ErrorKind::NotFound,
        "what the demo day left is gone from this desk: `support-desk cases` shows what there is",
    )
}

fn heading(database: &Database, played: &Played) -> String {
    let place = styled(FAINT, format_args!("({database})"));
    match played {
        Played::Before => format!("{} {place}\n\n", styled(TITLE, "The desk of Zonwerk")),
        Played::Now { too_late } => format!(
            "{} {place}\n\
             \n  A day was played: Tuesday 3 March 2026 at Zonwerk, who sell solar inverters. Customers wrote\
             \n  and called in four languages, Mieke and Tomás took, noted, handed over, replied and closed;\
             \n  Ingrid merged a case that came in twice, and one came back after it was closed.\
             \n  At 8:47 both reached for the same case. Tomás was told: {too_late}.\n\n",
            styled(TITLE, "A new desk")
        ),
    }
}

fn side(title: &str) -> String {
    format!("\n{}\n", styled(FAINT, format_args!("── {title}")))
}

fn try_next(database: &Database, agent: &Agent, case: &Case, customer: &Customer) -> String {
    let number = case.number;
    let first_name = |name: &str| line(name).split(' ').next().unwrap_or_default().to_owned();
    let desk = match database {
        Database::Sqlite { url, .. } if url == "sqlite://support-desk.db" => String::new(),
        other => format!(" --db {other}"),
    };
    let commands = [
        (
            format!("load --agent {}", first_name(&agent.name)),
            "an agent's home",
        ),
        (format!("show {number}"), "a case as staff see it"),
        (
            format!("show {number} --as-customer"),
            "the same as its customer sees it",
        ),
        (
            "find nunez".to_owned(),
            "full text, without regard to accents",
        ),
        (
            "cases --status active --sort sla-age".to_owned(),
            "who has waited longest",
        ),
        (
            format!("journey \"{}\"", line(&customer.name)),
            "a customer across cases",
        ),
        ("stats --json".to_owned(), "every command speaks JSON"),
        (
            "import-log --help".to_owned(),
            "replay the log of another help desk",
        ),
    ];
    let lines = commands.map(|(command, why)| {
        let command = format!("support-desk {command}{desk}");
        format!(
            "  {}  {}\n",
            styled(COMMAND, format_args!("{command:<52}")),
            styled(FAINT, why)
        )
    });
    let runs = "cargo run --release -p support-desk --";
    format!(
        "\n{} {}\n{}",
        styled(
            TITLE,
            format_args!("Try next, {}", count(lines.len(), "command"))
        ),
        styled(FAINT, format_args!("(with `{runs}` for `support-desk`)")),
        lines.concat()
    )
}
