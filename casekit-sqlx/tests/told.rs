//! What casekit tells by `tracing`: the names, levels and fields that docs/operating.md lists, on every
//! database, and nothing of what customers wrote.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use casekit_core::Desk;
use casekit_core::model::WorkspaceId;
use casekit_core::operations::{Contact, CreateWorkspace, FindOrCreateCustomer, OpenCase};
use casekit_core::port::Store;
use casekit_servers::{fresh_mysql, fresh_postgres};
use casekit_sqlx::{MysqlStore, PostgresStore, SqliteStore};
use casekit_testkit::{Fault, FaultyStore};
use tracing::field::{Field, Visit};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use uuid::Uuid;

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(0x42));

/// What nobody may be told.
const SECRETS: [&str; 3] = ["carla@example.com", "smokes", "burns"];

/// Something that was told.
#[derive(Debug, Clone)]
struct Told {
    /// The name of a span, the message of an event.
    name: String,
    level: Level,
    target: String,
    fields: BTreeMap<String, String>,
    /// The spans in which it was told.
    within: Vec<&'static str>,
}

impl Told {
    fn new(metadata: &'static Metadata<'static>, mut fields: BTreeMap<String, String>) -> Self {
        let message = fields.remove("message");
        Self {
            name: message.unwrap_or_else(|| metadata.name().to_owned()),
            level: *metadata.level(),
            target: metadata.target().to_owned(),
            fields,
            within: Vec::new(),
        }
    }

    fn field_names(&self) -> Vec<&str> {
        self.fields.keys().map(String::as_str).collect()
    }
}

/// The name of a span, and its fields.
type Recorded = (&'static str, BTreeMap<String, String>);

/// Writes down all spans and events, also those of libraries.
#[derive(Debug, Clone, Default)]
struct Listener {
    spans: Arc<Mutex<Vec<Told>>>,
    events: Arc<Mutex<Vec<Told>>>,
    /// What was told of a span, by name, after it had begun.
    recorded: Arc<Mutex<Vec<Recorded>>>,
}

#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Listener {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        id: &tracing::Id,
        context: Context<'_, S>,
    ) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let mut told = Told::new(attributes.metadata(), fields.0);
        let scope = context.span_scope(id).into_iter().flatten().skip(1);
        told.within = scope.map(|span| span.name()).collect();
        self.spans.lock().unwrap().push(told);
    }

    fn on_record(
        &self,
        id: &tracing::Id,
        values: &tracing::span::Record<'_>,
        context: Context<'_, S>,
    ) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        let span = context.span(id).unwrap();
        let recorded = (span.name(), fields.0);
        self.recorded.lock().unwrap().push(recorded);
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut told = Told::new(event.metadata(), fields.0);
        let scope = context.event_scope(event).into_iter().flatten();
        told.within = scope.map(|span| span.name()).collect();
        self.events.lock().unwrap().push(told);
    }
}

impl Listener {
    /// Listens to what is told on this thread while `work` is done.
    async fn to<T>(work: impl Future<Output = T>) -> (Self, T) {
        let listener = Self::default();
        let subscriber = tracing_subscriber::registry().with(listener.clone());
        let listening = tracing::subscriber::set_default(subscriber);
        let done = work.await;
        drop(listening);
        (listener, done)
    }

    fn operations(&self) -> Vec<Told> {
        let mut spans = self.spans();
        spans.retain(|span| span.name == "casekit.operation");
        spans
    }

    fn spans(&self) -> Vec<Told> {
        ours(&self.spans)
    }

    fn events(&self) -> Vec<Told> {
        ours(&self.events)
    }

    /// The events with a message.
    fn named(&self, message: &str) -> Vec<Told> {
        let mut events = self.events();
        events.retain(|event| event.name == message);
        events
    }

    fn assert_tells_no_secret(&self) {
        let (spans, events) = (self.spans.lock().unwrap(), self.events.lock().unwrap());
        for told in spans.iter().chain(events.iter()) {
            let all = format!("{told:?}");
            assert!(!SECRETS.iter().any(|secret| all.contains(secret)), "{all}");
        }
    }
}

/// What casekit told, and not a library.
fn ours(all: &Mutex<Vec<Told>>) -> Vec<Told> {
    let mut all = all.lock().unwrap().clone();
    all.retain(|told| told.target.starts_with("casekit"));
    all
}

fn opening() -> OpenCase {
    let carla = Contact::email("Carla", "carla@example.com");
    OpenCase::new(carla, "The printer smokes").customer_says("And it burns.")
}

/// A desk with a workspace.
async fn desk(store: impl Store + 'static) -> Desk {
    let desk = Desk::new(store);
    desk.migrate().await.unwrap();
    let name = "Acme".to_owned();
    let system = desk.system(WORKSPACE);
    system.run(CreateWorkspace { name }).await.unwrap();
    desk
}

/// An operation is a span, and a statement one in it; `count` counts statements.
async fn assert_tells(desk: Desk, count: impl Fn() -> u64) {
    let before = count();
    let (listener, case) = Listener::to(desk.system(WORKSPACE).run(opening())).await;
    case.unwrap();
    let statements = count() - before;
    let spans = listener.operations();
    assert_eq!(spans.len(), 1, "{spans:?}");
    assert_eq!(spans[0].level, Level::DEBUG);
    assert_eq!(spans[0].field_names(), ["operation"]);
    assert_eq!(spans[0].fields["operation"], "\"open_case\"");
    let mut told = listener.spans();
    told.retain(|span| span.name == "casekit.statement");
    assert_eq!(told.len() as u64, statements);
    assert!(statements > 0);
    for statement in told {
        assert_eq!(statement.target, "casekit_sqlx");
        assert_eq!(statement.level, Level::TRACE);
        assert_eq!(statement.field_names(), ["sql"]);
        assert_eq!(statement.within.last(), Some(&"casekit.operation"));
    }
    let recorded = listener.recorded.lock().unwrap().clone();
    assert!(!recorded.is_empty() && recorded.len() as u64 <= statements);
    for (name, fields) in recorded {
        assert_eq!(name, "casekit.statement");
        assert_eq!(fields.keys().collect::<Vec<_>>(), ["rows"]);
    }
    listener.assert_tells_no_secret();
}

#[tokio::test]
async fn sqlite_tells_of_operations_and_statements() {
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    let desk = desk(store.clone()).await;
    assert_tells(desk, || store.statement_count()).await;
}

#[tokio::test]
async fn postgres_tells_of_operations_and_statements() {
    let Some(url) = fresh_postgres().await else {
        return;
    };
    let store = PostgresStore::connect(&url).await.unwrap();
    let desk = desk(store.clone()).await;
    assert_tells(desk, || store.statement_count()).await;
}

#[tokio::test]
async fn mysql_tells_of_operations_and_statements() {
    let Some(url) = fresh_mysql().await else {
        return;
    };
    let store = MysqlStore::connect(&url).await.unwrap();
    let desk = desk(store.clone()).await;
    assert_tells(desk, || store.statement_count()).await;
}

/// An event of the engine, in the span of the operation that it is about.
fn assert_of_engine(told: &[Told], fields: &[&str]) {
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].level, Level::DEBUG);
    assert_eq!(told[0].field_names(), fields);
    assert_eq!(told[0].within, ["casekit.operation"]);
}

#[tokio::test]
async fn what_is_tried_again_is_told() {
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    desk(store.clone()).await;
    let faults = [Fault::Conflict, Fault::AfterCommit];
    let desk = Desk::new(FaultyStore::scripted(store, faults));
    let (listener, case) = Listener::to(desk.system(WORKSPACE).run(opening())).await;
    assert_eq!(case.unwrap().number, 1);
    assert_of_engine(&listener.named("casekit.conflict"), &["stale"]);
    assert_of_engine(&listener.named("casekit.commit_sent_again"), &["error"]);
    assert_eq!(listener.operations().len(), 1, "with all attempts");
    listener.assert_tells_no_secret();
}

#[tokio::test]
async fn who_comes_second_is_told_of() {
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    desk(store.clone()).await;
    // Both look before either writes.
    let desk = Desk::new(FaultyStore::scripted(store, [Fault::Delay, Fault::Delay]));
    let system = desk.system(WORKSPACE);
    let find = || {
        let contact = Contact::email("Carla", "carla@example.com");
        system.run(FindOrCreateCustomer { contact })
    };
    let (listener, (one, other)) = Listener::to(async { tokio::join!(find(), find()) }).await;
    assert_eq!(one.unwrap().customer.id, other.unwrap().customer.id);
    assert_of_engine(&listener.named("casekit.overtaken"), &[]);
    listener.assert_tells_no_secret();
}
