//! Lists of cases: the case load, what was found, and any other.

use casekit_core::Result;
use casekit_core::model::{Agent, Case, Priority, Status};
use casekit_core::operations::{
    CaseFilter, CaseList, CaseLoad, CasePage, FindCases, FoundCase, GetCaseLoad, SearchCases,
    SearchPage,
};
use casekit_core::query::Direction;

use crate::args::{CasesArguments, FindArguments, LoadArguments, SortName};
use crate::database::Office;
use crate::people::Directory;
use crate::table::{Column, Table};
use crate::text::{FAINT, GOOD, TITLE, URGENT, count, line, priority, styled, when_or_dash};

/// How many cases one call gives at most.
const PAGE: usize = 1_000;

/// Who has a case that nobody has.
const NOBODY: &str = "nobody";

pub(crate) async fn load(office: &Office, arguments: &LoadArguments) -> Result<String> {
    let directory = Directory::load(&office.system()).await?;
    let agent = directory.find_agent(&arguments.agent)?;
    let load = case_load(office, agent, arguments.limit).await?;
    if arguments.format.json {
        return crate::json(&load);
    }
    Ok(render_load(agent, &load, &directory))
}

/// The case load of an agent. It is asked for in the program's name, so that it can also be that of
/// somebody who no longer works here.
pub(crate) async fn case_load(office: &Office, agent: &Agent, limit: u32) -> Result<CaseLoad> {
    let load = GetCaseLoad {
        agent: Some(agent.id),
        limit,
    };
    office.system().run(load).await
}

pub(crate) fn render_load(agent: &Agent, load: &CaseLoad, directory: &Directory) -> String {
    let title = styled(TITLE, format_args!("Case load of {}", line(&agent.name)));
    let list = |name: &str, page: &CaseList| {
        let more = if page.more { " and more" } else { "" };
        let number = count(page.cases.len(), "case");
        let heading = format!(
            "\n  {name} {}\n",
            styled(FAINT, format_args!("({number}{more})"))
        );
        heading + &table(&page.cases, SortName::Updated, directory)
    };
    [
        format!("{title}\n"),
        list(
            "Needs attention, the longest wait first",
            &load.needs_attention,
        ),
        list("Own cases, the latest change first", &load.own),
        list("Unclaimed, the longest untouched first", &load.unclaimed),
    ]
    .concat()
}

pub(crate) async fn cases(office: &Office, arguments: &CasesArguments) -> Result<String> {
    let session = office.system();
    let directory = Directory::load(&session).await?;
    let mut find = FindCases {
        filter: filter(arguments, &directory)?,
        sort: arguments.sort.into(),
        direction: direction(arguments),
        ..FindCases::default()
    };
    let mut all = CasePage {
        cases: Vec::new(),
        next: None,
    };
    while all.cases.len() < arguments.limit {
        find.limit = page(arguments.limit - all.cases.len());
        let page = session.run(find.clone()).await?;
        all.cases.extend(page.cases);
        all.next = page.next;
        if all.next.is_none() {
            break;
        }
        find.after.clone_from(&all.next);
    }
    if arguments.format.json {
        return crate::json(&all);
    }
    Ok(table(&all.cases, arguments.sort, &directory) + &more(all.next.is_some()))
}

fn direction(arguments: &CasesArguments) -> Direction {
    if arguments.ascending {
        Direction::Ascending
    } else {
        Direction::Descending
    }
}

fn filter(arguments: &CasesArguments, directory: &Directory) -> Result<CaseFilter> {
    let mut parts = Vec::new();
    if let Some(status) = arguments.status {
        parts.push(CaseFilter::Status(status.into()));
    }
    match arguments.assignee.as_deref() {
        None => {}
        Some(NOBODY) => parts.push(CaseFilter::Assignee(None)),
        Some(name) => {
            let agent = directory.find_agent(name)?;
            parts.push(CaseFilter::Assignee(Some(agent.id)));
        }
    }
    let tags = arguments.tag.iter().cloned();
    parts.extend(tags.map(CaseFilter::Tag));
    Ok(CaseFilter::All(parts))
}

pub(crate) async fn find(office: &Office, arguments: &FindArguments) -> Result<String> {
    let session = office.system();
    let mut search = SearchCases::new(&arguments.text.join(" "));
    let mut all = SearchPage {
        found: Vec::new(),
        next: None,
    };
    while all.found.len() < arguments.limit {
        search.limit = page(arguments.limit - all.found.len());
        let page = session.run(search.clone()).await?;
        all.found.extend(page.found);
        all.next = page.next;
        if all.next.is_none() {
            break;
        }
        search.after.clone_from(&all.next);
    }
    if arguments.format.json {
        return crate::json(&all);
    }
    Ok(found_table(&all.found) + &more(all.next.is_some()))
}

fn page(wanted: usize) -> u32 {
    u32::try_from(wanted.min(PAGE)).unwrap_or(1)
}

fn more(more: bool) -> String {
    if more {
        styled(FAINT, "  … and more: see `--limit`") + "\n"
    } else {
        String::new()
    }
}

fn found_table(found: &[FoundCase]) -> String {
    let mut table = Table::new(&[
        Column::Whole("case"),
        Column::Text("stage"),
        Column::Text("from"),
        Column::Text("subject"),
        Column::Text("found in"),
    ]);
    for FoundCase { case, excerpt, .. } in found {
        table.row([
            case.number.to_string(),
            stage(case),
            line(&case.customer_name),
            line(&case.subject),
            line(excerpt),
        ]);
    }
    or_none(table)
}

/// A table of cases. `sort` decides which of the times of a case is shown.
fn table(cases: &[Case], sort: SortName, directory: &Directory) -> String {
    let time = match sort {
        SortName::Opened => "opened (UTC)",
        SortName::CustomerLast => "customer last (UTC)",
        _ => "updated (UTC)",
    };
    let mut table = Table::new(&[
        Column::Whole("case"),
        Column::Text("stage"),
        Column::Text("from"),
        Column::Text("subject"),
        Column::Text("assignee"),
        Column::Whole(time),
        Column::Whole("waits since"),
        Column::Whole("marks"),
    ]);
    for case in cases {
        let time = match sort {
            SortName::Opened => Some(case.opened_at),
            SortName::CustomerLast => case.attention.customer_last_at,
            _ => Some(case.updated_at),
        };
        table.row([
            case.number.to_string(),
            stage(case),
            line(&case.customer_name),
            line(&case.subject),
            directory.agent(case.assignee),
            when_or_dash(time),
            when_or_dash(case.attention.awaiting_since),
            marks(case),
        ]);
    }
    or_none(table)
}

/// The stage, from which one also sees whether the case is closed.
fn stage(case: &Case) -> String {
    let style = match case.status {
        Status::Active => GOOD,
        Status::Closed => FAINT,
    };
    styled(style, case.stage.replace('_', " "))
}

/// The flag, and how urgent it is if that is out of the usual.
fn marks(case: &Case) -> String {
    let flag = case.flagged.then(|| styled(URGENT, "⚑"));
    let unusual = case.priority != Priority::Normal;
    let urgency = unusual.then(|| priority(case.priority).to_owned());
    let marks: Vec<String> = flag.into_iter().chain(urgency).collect();
    marks.join(" ")
}

fn or_none(table: Table) -> String {
    if table.is_empty() {
        return styled(FAINT, "  none") + "\n";
    }
    table.render()
}
