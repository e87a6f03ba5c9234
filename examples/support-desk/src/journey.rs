//! A customer's journey: their activities across cases, and what their cases add up to.

use casekit_core::Result;
use casekit_core::model::Customer;
use casekit_core::operations::{CustomerFigures, CustomerStatistics, Journey, JourneyStep};
use serde::Serialize;

use crate::args::JourneyArguments;
use crate::database::Office;
use crate::people::{Directory, find_customer};
use crate::table::{Column, Table};
use crate::text::{FAINT, TITLE, by, duration, line, styled, when, when_or_dash};

/// How many activities one call gives at most.
const PAGE: usize = 1_000;

#[derive(Debug, Serialize)]
struct View {
    customer: Customer,
    figures: CustomerFigures,
    /// Newest first.
    steps: Vec<JourneyStep>,
    /// Whether there are more.
    more: bool,
}

pub(crate) async fn run(office: &Office, arguments: &JourneyArguments) -> Result<String> {
    let session = office.system();
    let customer = find_customer(&session, &arguments.customer).await?;
    let statistics = session.run(CustomerStatistics::of(customer.id)).await?;
    let mut journey = Journey::of(customer.id);
    let mut view = View {
        customer,
        figures: statistics.figures,
        steps: Vec::new(),
        more: true,
    };
    while view.more && view.steps.len() < arguments.limit {
        let wanted = (arguments.limit - view.steps.len()).min(PAGE);
        journey.limit = u32::try_from(wanted).unwrap_or(1);
        let page = session.run(journey.clone()).await?;
        view.steps.extend(page.steps);
        view.more = page.next.is_some();
        journey.after = page.next;
    }
    if arguments.format.json {
        return crate::json(&view);
    }
    Ok(render(&view, &Directory::load(&session).await?))
}

fn render(view: &View, directory: &Directory) -> String {
    let customer = &view.customer;
    let contacts = customer.emails.iter().chain(&customer.phones);
    let contacts: String = contacts
        .map(|contact| format!("  {}", styled(FAINT, line(contact))))
        .collect();
    let figures = &view.figures;
    let mean = |name: &str, milliseconds: Option<u64>| {
        let mean = milliseconds.map(|mean| format!(", {name} {} on average", duration(mean)));
        mean.unwrap_or_default()
    };
    let mut table = Table::new(&[
        Column::Whole("began (UTC)"),
        Column::Text("how"),
        Column::Whole("case"),
        Column::Text("what"),
        Column::Text("agents"),
    ]);
    for JourneyStep { activity, case } in &view.steps {
        let agents = activity.agents.iter();
        let agents: Vec<String> = agents.map(|id| directory.agent(Some(*id))).collect();
        table.row([
            when(activity.started_at),
            by(activity.medium).to_owned(),
            case.number.to_string(),
            line(&activity.subject),
            agents.join(", "),
        ]);
    }
    let more = if view.more {
        "  … and more: see `--limit`\n"
    } else {
        ""
    };
    [
        styled(TITLE, line(customer.display_name())),
        format!("{contacts}\n"),
        format!(
            "  {} open, {} closed{}{}\n",
            figures.open,
            figures.closed,
            mean("answered after", figures.mean_first_response_ms),
            mean("closed after", figures.mean_resolution_ms),
        ),
        format!(
            "  first contact {}, last {} (UTC)\n\n",
            when_or_dash(figures.first_contact),
            when_or_dash(figures.last_contact)
        ),
        table.render(),
        styled(FAINT, more),
    ]
    .concat()
}
