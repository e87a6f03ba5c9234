//! What the desk adds up to.

use casekit_core::Result;
use casekit_core::operations::{WorkspaceFigures, WorkspaceStatistics};

use crate::args::StatsArguments;
use crate::database::Office;
use crate::text::{FAINT, TITLE, duration, styled};

pub(crate) async fn run(office: &Office, arguments: &StatsArguments) -> Result<String> {
    let figures = office.system().run(WorkspaceStatistics {}).await?;
    if arguments.format.json {
        return crate::json(&figures);
    }
    Ok(render(&figures))
}

fn render(figures: &WorkspaceFigures) -> String {
    let figure = |name: &str, value: String| {
        format!("  {} {value}\n", styled(FAINT, format_args!("{name:<28}")))
    };
    let number = |name: &str, value: u64| figure(name, value.to_string());
    let mean = |name: &str, value: Option<u64>| {
        figure(name, value.map_or_else(|| "-".to_owned(), duration))
    };
    let stages = figures.stages.iter();
    let stages: String = stages
        .map(|stage| number(&format!("  {}", stage.name), stage.cases))
        .collect();
    [
        styled(TITLE, "The desk") + "\n",
        number("open cases", figures.open),
        number("closed cases", figures.closed),
        stages,
        number("waiting for a reply", figures.awaiting),
        number("with nobody", figures.unassigned),
        number("reopened", figures.reopened),
        number("messages and calls", figures.messages),
        number("activities", figures.activities),
        number("customers", figures.customers),
        number("agents", figures.agents),
        number("products", figures.products),
        mean(
            "mean time to first response",
            figures.mean_first_response_ms,
        ),
        mean("mean time to close", figures.mean_resolution_ms),
    ]
    .concat()
}
