//! One case: as staff see it, and as its customer sees it. The two are made of different types, and
//! of different operations: what is internal never gets near the customer's.

use casekit_core::model::{
    AgentName, Author, Body, CallDirection, CallLog, Case, Entry, Happening, Message, Visibility,
};
use casekit_core::operations::{
    CaseRef, GetCase, MyCase, MyThread, PortalAuthor, PortalBody, PortalCase, PortalEntry,
    ReadThread,
};
use casekit_core::query::Cursor;
use casekit_core::{Error, Result};
use serde::Serialize;

use crate::args::ShowArguments;
use crate::database::Office;
use crate::people::Directory;
use crate::text::{
    FAINT, INTERNAL, TITLE, by, duration, line, paragraph, plain, priority, status, styled, when,
};

/// How many entries are read at once.
const PAGE: u32 = 1_000;

/// A case with its whole thread, as staff see it.
#[derive(Debug, Serialize)]
pub(crate) struct StaffView {
    pub(crate) case: Case,
    pub(crate) entries: Vec<Entry>,
}

/// A case with its whole public thread, as its customer sees it.
#[derive(Debug, Serialize)]
pub(crate) struct CustomerView {
    pub(crate) case: PortalCase,
    pub(crate) entries: Vec<PortalEntry>,
}

pub(crate) async fn run(office: &Office, arguments: &ShowArguments) -> Result<String> {
    let case = CaseRef::Number(arguments.number);
    if arguments.as_customer {
        let view = customer_view(office, case).await?;
        return Ok(match arguments.format.json {
            true => crate::json(&view)?,
            false => render_for_customer(&view),
        });
    }
    let view = staff_view(office, case).await?;
    if arguments.format.json {
        return crate::json(&view);
    }
    let directory = Directory::load(&office.system()).await?;
    Ok(render_for_staff(&view, &directory))
}

pub(crate) async fn staff_view(office: &Office, case: CaseRef) -> Result<StaffView> {
    let session = office.system();
    let case = session.run(GetCase { case }).await?;
    let mut read = ReadThread {
        limit: PAGE,
        ..ReadThread::of(&case)
    };
    let mut entries = Vec::new();
    loop {
        let page = session.run(read.clone()).await?;
        entries.extend(page.entries);
        match next(&read.after, page.next)? {
            Some(next) => read.after = Some(next),
            None => return Ok(StaffView { case, entries }),
        }
    }
}

/// What the customer of the case sees: everything is asked for in their own session.
pub(crate) async fn customer_view(office: &Office, case: CaseRef) -> Result<CustomerView> {
    let known = office.system().run(GetCase { case }).await?;
    let session = office.desk.customer(office.workspace, known.customer);
    let case = session.run(MyCase { case }).await?;
    let mut read = MyThread {
        limit: PAGE,
        ..MyThread::of(case.id)
    };
    let mut entries = Vec::new();
    loop {
        let page = session.run(read.clone()).await?;
        entries.extend(page.entries);
        match next(&read.after, page.next)? {
            Some(next) => read.after = Some(next),
            None => return Ok(CustomerView { case, entries }),
        }
    }
}

/// Where a thread goes on: always further, so that reading it ends.
fn next(after: &Option<Cursor>, next: Option<Cursor>) -> Result<Option<Cursor>> {
    if next.is_some() && *after == next {
        return Err(Error::bug("a page of the thread led to itself"));
    }
    Ok(next)
}

pub(crate) fn render_for_staff(view: &StaffView, directory: &Directory) -> String {
    let case = &view.case;
    let operators: Vec<String> = case
        .operators
        .iter()
        .map(|operator| directory.agent(Some(*operator)))
        .collect();
    let tags: Vec<String> = case.tags.iter().map(|tag| line(tag)).collect();
    let mut facts = vec![
        ("from", line(&case.customer_name)),
        ("status", state(case)),
        ("priority", priority(case.priority).to_owned()),
        ("assignee", directory.agent(case.assignee)),
        ("owner", directory.agent(case.owner)),
        ("operators", operators.join(", ")),
        ("product", directory.product(case.product)),
        ("tags", tags.join(", ")),
        (
            "opened",
            format!("{} UTC, {}", when(case.opened_at), by(case.origin)),
        ),
    ];
    if let Some(since) = case.attention.awaiting_since {
        facts.push(("waiting", format!("for a reply since {} UTC", when(since))));
    }
    if let Some(closing) = &case.closing {
        let at = format!("{} UTC, {}", when(closing.at), line(&closing.reason));
        facts.push(("closed", at));
    }
    let flag = if case.flagged { "⚑ " } else { "" };
    let title = format!("{flag}Case {}: {}", case.number, line(&case.subject));
    let thread = view.entries.iter().map(render_entry);
    header(&title, &facts) + &thread.collect::<String>()
}

pub(crate) fn render_for_customer(view: &CustomerView) -> String {
    let case = &view.case;
    let mut facts = vec![
        ("status", status(case.status)),
        ("with", case.agent.as_deref().map(line).unwrap_or_default()),
        (
            "product",
            case.product.as_deref().map(line).unwrap_or_default(),
        ),
        ("opened", format!("{} UTC", when(case.opened_at))),
    ];
    if let Some(at) = case.replied_at {
        facts.push(("last reply", format!("{} UTC", when(at))));
    }
    if let Some(at) = case.closed_at {
        facts.push(("closed", format!("{} UTC", when(at))));
    }
    let title = format!("Case {}: {}", case.number, line(&case.subject));
    let thread = view.entries.iter().map(render_portal_entry);
    header(&title, &facts) + &thread.collect::<String>()
}

fn header(title: &str, facts: &[(&str, String)]) -> String {
    let given = facts
        .iter()
        .filter(|(_, fact)| !fact.is_empty() && fact != "-");
    let facts: String = given
        .map(|(name, fact)| format!("  {} {fact}\n", styled(FAINT, format_args!("{name:<10}"))))
        .collect();
    format!("{}\n{facts}\n", styled(TITLE, title))
}

/// The status, and the stage where that says more.
fn state(case: &Case) -> String {
    let status = status(case.status);
    if case.stage == case.status.name() {
        return status;
    }
    format!("{status}, {}", stage(&case.stage))
}

fn stage(key: &str) -> String {
    key.replace('_', " ")
}

fn render_entry(entry: &Entry) -> String {
    let internal = entry.visibility == Visibility::Internal;
    let (what, text) = match &entry.body {
        Body::Message(message) => ("wrote".to_owned(), message_text(message)),
        Body::Call(call) => (call_line(call), plain(&call.notes).into_owned()),
        Body::Note(remark) => ("noted, for staff only".to_owned(), remark.text.clone()),
        Body::Comment(remark) => ("commented, for staff only".to_owned(), remark.text.clone()),
        Body::Happening(happening) => happened(happening),
        Body::Redacted { .. } => ("(redacted)".to_owned(), String::new()),
    };
    let name = match entry.author {
        Author::System => "The desk ".to_owned(),
        _ => format!("{} ", line(entry.author.name())),
    };
    let remark = matches!(entry.body, Body::Note(_) | Body::Comment(_));
    let style = match (internal, remark) {
        (_, true) => INTERNAL,
        (true, false) => FAINT,
        (false, false) => anstyle::Style::new(),
    };
    lines(
        &entry.at,
        &styled(style, format_args!("{name}{what}")),
        &text,
        style,
    )
}

fn render_portal_entry(entry: &PortalEntry) -> String {
    let author = match &entry.author {
        PortalAuthor::You => "You ".to_owned(),
        PortalAuthor::Agent { name } => format!("{} ", line(name)),
        PortalAuthor::Other => "Somebody else ".to_owned(),
        PortalAuthor::System => "The desk ".to_owned(),
    };
    let (what, text) = match &entry.body {
        PortalBody::Message {
            text, attachments, ..
        } => {
            let names = attachments.iter().map(|file| file.name.as_str());
            ("wrote".to_owned(), with_files(text, names))
        }
        PortalBody::Call {
            direction,
            duration_ms,
            ..
        } => (call(*direction, *duration_ms), String::new()),
        PortalBody::Opened => ("opened the case".to_owned(), String::new()),
        PortalBody::Closed => ("closed the case".to_owned(), String::new()),
        PortalBody::Reopened => ("reopened the case".to_owned(), String::new()),
        PortalBody::Taken => ("took the case".to_owned(), String::new()),
        PortalBody::OperatorJoined => ("had a colleague join".to_owned(), String::new()),
        PortalBody::OperatorLeft => ("had a colleague leave".to_owned(), String::new()),
        PortalBody::Redacted => ("(redacted)".to_owned(), String::new()),
    };
    lines(
        &entry.at,
        &format!("{author}{what}"),
        &text,
        anstyle::Style::new(),
    )
}

fn lines(at: &casekit_core::model::Time, what: &str, text: &str, style: anstyle::Style) -> String {
    let head = format!("  {}  {what}\n", styled(FAINT, when(*at)));
    if text.trim().is_empty() {
        return head;
    }
    head + &paragraph(text, style)
}

fn message_text(message: &Message) -> String {
    let names = message.attachments.iter().map(|file| file.name.as_str());
    with_files(&message.text, names)
}

fn with_files<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> String {
    let files = names.map(|name| format!("\n[{}]", line(name)));
    format!("{}{}", text.trim_end(), files.collect::<String>())
}

fn call_line(log: &CallLog) -> String {
    call(log.direction, log.duration_ms())
}

fn call(direction: CallDirection, milliseconds: i64) -> String {
    let direction = match direction {
        CallDirection::Inbound => "took a call",
        CallDirection::Outbound => "called",
    };
    let length = duration(milliseconds.unsigned_abs());
    format!("{direction}, {length}")
}

/// What the system recorded, and the words that came with it.
fn happened(happening: &Happening) -> (String, String) {
    let name = |agent: &AgentName| line(&agent.name);
    let what = match happening {
        Happening::Opened { origin, .. } => format!("opened the case, {}", by(*origin)),
        Happening::Closed { reason, .. } if reason.is_empty() => "closed the case".to_owned(),
        Happening::Closed { reason, .. } => format!("closed the case: {}", line(reason)),
        Happening::Reopened { .. } => "reopened the case".to_owned(),
        Happening::StageChanged { before, after } => {
            format!("moved it from {} to {}", stage(before), stage(after))
        }
        Happening::Taken => "took the case".to_owned(),
        Happening::Assigned { to: Some(to) } => format!("assigned it to {}", name(to)),
        Happening::Assigned { to: None } => "released it".to_owned(),
        Happening::Transferred { to, note } => {
            return (format!("handed it to {}", name(to)), note.clone());
        }
        Happening::OperatorJoined { operator } => format!("had {} join", name(operator)),
        Happening::OperatorLeft { operator } => format!("had {} leave", name(operator)),
        Happening::Linked { other, relation } => {
            format!("linked it to case {} ({})", other.number, line(relation))
        }
        Happening::Unlinked { other } => format!("unlinked it from case {}", other.number),
        Happening::MergedFrom { other } => format!("merged case {} into it", other.number),
        Happening::MergedInto { other, .. } => format!("merged it into case {}", other.number),
        Happening::MergeUndone { other, .. } => {
            format!("undid the merge with case {}", other.number)
        }
        Happening::SplitInto { other } => format!("split case {} off", other.number),
        Happening::SplitFrom { other } => format!("split it off case {}", other.number),
        Happening::ActivityMovedTo { other, .. } => {
            format!("moved an activity to case {}", other.number)
        }
        Happening::ActivityMovedFrom { other, .. } => {
            format!("moved an activity here from case {}", other.number)
        }
        Happening::Logged { activity, .. } => format!("did: {}", line(activity)),
    };
    (what, String::new())
}
