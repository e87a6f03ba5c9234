//! How servers run what we ask, on tables of 100,000 rows: along indexes, whatever the question, and
//! without looking at many more rows than they give.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

use casekit_core::model::{
    AgentId, Arity, CaseId, CustomerId, Holds, Kind, Unique, Value, WorkspaceId,
};
use casekit_core::port::Store;
use casekit_core::query::{
    Aggregate, Comparison, Direction, Filter, Measure, Query, Scope, SortBy, TextQuery,
};
use sqlx::Pool;
use uuid::Uuid;

use super::{Server, ServerStore, Session, find, search};
use crate::compile::{self, Chosen, Columns, MOST_TRIED, Order, Source, Statement};
use crate::dialect::{Dialect, Mysql, Postgres, mark};
use crate::schema::Table;

/// How many rows the large tables have.
const ROWS: u32 = 100_000;

/// The most rows that a page or a count may look at.
const MOST_TOUCHED: u64 = 5_000;

/// With how many searches begin here: fewer than on a table of millions.
const BOUNDS: search::Bounds = search::Bounds {
    records: 2_000,
    texts: 6_000,
    gathered: 20_000,
};

/// The most rows that a search may look at: some for each of those that it begins with, and each record once,
/// which PostgreSQL may choose where these are a good part of all. To begin with all would be twice as many.
const MOST_SEARCHED: u64 = 140_000;

/// The workspace that has nine of ten rows; another one has the others.
const OURS: WorkspaceId = WorkspaceId(Uuid::from_u128(1));

const NEWEST: Direction = Direction::Descending;
const OLDEST: Direction = Direction::Ascending;

/// How a database fills its tables, `g` being the number of a row, and tells its plans.
trait Planning: Server {
    /// The 32 digits of the id with this number.
    fn digits(number: &str) -> String;
    /// That id.
    fn id(number: &str) -> String;
    /// The time of so many minutes.
    fn minutes(number: &str) -> String;
    /// The time that stands for never.
    const NEVER: &'static str;
    /// Rows with the numbers from 1 on, in a column `g`.
    fn numbers(count: u32) -> String;
    /// The statements that fill the table of texts.
    fn told(&self) -> String;
    /// What makes the database know what a table holds.
    const ANALYSE: &'static str;
    /// Runs a statement.
    async fn run(session: &mut Session<'_, Self>, statement: &Statement) -> Run;
}

/// How a statement was run.
struct Run {
    /// The steps of the plan; those that read a table whole contain `WHOLE`, those that sort `SORT`.
    steps: Vec<String>,
    /// How many rows of tables and indexes were looked at.
    touched: u64,
}

/// The number that stands after `name` in a text; none if it does not.
fn number_after(text: &str, name: &str) -> Option<u64> {
    let (_, rest) = text.split_once(name)?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

/// How many rows the steps of a plan of PostgreSQL looked at.
fn touched(steps: &[String]) -> u64 {
    let (mut touched, mut loops) = (0, 1);
    for step in steps {
        if let Some((_, actual)) = step.split_once("(actual ") {
            loops = number_after(actual, "loops=").unwrap();
            let is_scan = step.contains(" Scan ");
            let rows = number_after(actual, "rows=").filter(|_| is_scan);
            touched += loops * rows.unwrap_or(0);
        }
        let removed = step
            .contains("Rows Removed by")
            .then(|| number_after(step, ": "));
        touched += loops * removed.flatten().unwrap_or(0);
    }
    touched
}

impl Planning for Postgres {
    fn digits(number: &str) -> String {
        format!("lpad(to_hex({number}), 32, '0')")
    }
    fn id(number: &str) -> String {
        format!("{}::uuid", Self::digits(number))
    }
    fn minutes(number: &str) -> String {
        format!("to_timestamp(60 * ({number}))")
    }
    const NEVER: &'static str = "timestamptz '9999-12-31 23:59:59.999Z'";
    fn numbers(count: u32) -> String {
        format!("generate_series(1, {count}) AS g")
    }
    fn told(&self) -> String {
        let table = self.schema().named("text");
        let mark = mark(OURS, Kind::Case);
        let (place, id) = (place::<Self>(), Self::id("g"));
        format!(
            "INSERT INTO {table} (workspace, kind, id, internal, part, owner_kind, owner, class, words) \
             SELECT {place}, 'case', {id}, g % 3 = 0, 0, 'case', {id}, g % 8, array_to_tsvector(ARRAY[\
             '{mark}rare' || g, '{mark}usual' || g % 500, '{mark}common']) FROM {};",
            Self::numbers(ROWS)
        )
    }
    const ANALYSE: &'static str = "ANALYZE";
    async fn run(session: &mut Session<'_, Self>, statement: &Statement) -> Run {
        let sql = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {}", statement.sql);
        let params = statement.params.clone();
        let rows = session.rows(&Statement { sql, params }).await.unwrap();
        let steps = rows
            .iter()
            .map(|row| super::answers::text::<Self>(row, 0).unwrap());
        let named = steps.map(|step| step.replace("Seq Scan on casekit", "WHOLE Scan casekit"));
        let steps: Vec<String> = named.map(|step| step.replace("Sort Key", "SORT")).collect();
        let touched = touched(&steps);
        Run { steps, touched }
    }
}

impl Planning for Mysql {
    fn digits(number: &str) -> String {
        format!("LPAD(LOWER(HEX({number})), 32, '0')")
    }
    fn id(number: &str) -> String {
        format!("UNHEX({})", Self::digits(number))
    }
    fn minutes(number: &str) -> String {
        format!("60000 * ({number})")
    }
    const NEVER: &'static str = "253402300799999";
    fn numbers(count: u32) -> String {
        format!("(SELECT seq AS g FROM seq_1_to_{count}) AS numbers")
    }
    fn told(&self) -> String {
        let table = self.schema().named("word");
        let (place, id) = (place::<Self>(), Self::id("g"));
        let words = ["CONCAT('rare', g)", "CONCAT('usual', g % 500)", "'common'"];
        let all = words.map(|word| {
            format!(
                "INSERT INTO {table} (workspace, owner_kind, word, owner, kind, id, internal, class) \
                 SELECT {place}, 'case', {word}, {id}, 'case', {id}, g % 3 = 0, g % 8 FROM {};",
                Self::numbers(ROWS)
            )
        });
        all.concat()
    }
    const ANALYSE: &'static str = "ANALYZE TABLE";
    async fn run(session: &mut Session<'_, Self>, statement: &Statement) -> Run {
        let sql = format!("EXPLAIN {}", statement.sql);
        let params = statement.params.clone();
        let rows = session.rows(&Statement { sql, params }).await.unwrap();
        let shown = |row: &sqlx::mysql::MySqlRow| {
            let cell = |at| {
                let told: Option<Vec<u8>> =
                    sqlx::Row::try_get_unchecked(row, at).unwrap_or_default();
                String::from_utf8_lossy(&told.unwrap_or_default()).into_owned()
            };
            // The table, how it is read, through which index, and what else.
            let (table, how, index, extra) = (cell(2), cell(3), cell(5), cell(9));
            let whole = !table.starts_with('<') && (how == "ALL" || how == "index");
            let how = if whole { "WHOLE".to_owned() } else { how };
            format!(
                "{table} {how} {index} {}",
                extra.replace("Using filesort", "SORT")
            )
        };
        let steps = rows.iter().map(shown).collect();
        session.script("FLUSH STATUS").await.unwrap();
        session.rows(statement).await.unwrap();
        let touched = Statement {
            sql:
                "SELECT CAST(sum(variable_value) AS SIGNED) FROM information_schema.session_status \
                  WHERE variable_name LIKE 'handler_read%'"
                    .to_owned(),
            params: Vec::new(),
        };
        let touched = session.rows(&touched).await.unwrap();
        let touched = super::answers::int::<Self>(touched.first().unwrap(), 0).unwrap();
        Run {
            steps,
            touched: touched.cast_unsigned(),
        }
    }
}

fn place<S: Planning>() -> String {
    format!(
        "CASE WHEN g % 10 = 0 THEN {} ELSE {} END",
        S::id("2"),
        S::id("1")
    )
}

fn value<S: Planning>(name: &str, holds: Holds) -> String {
    match (name, holds) {
        ("status", _) => "CASE WHEN g % 5 = 0 THEN 'active' ELSE 'closed' END".to_owned(),
        ("awaiting_since", _) => {
            let (since, never) = (S::minutes("g"), S::NEVER);
            format!("CASE WHEN g % 50 = 5 THEN {since} ELSE {never} END")
        }
        ("case", _) => S::id("g % 20000"),
        ("assignee" | "product" | "agent", _) => S::id("g % 49"),
        ("merged_into", _) => S::id("0"),
        (_, Holds::Id) => S::id("g % 2000"),
        (_, Holds::Bool) => "g % 100 = 0".to_owned(),
        (_, Holds::Int | Holds::Real) => "g".to_owned(),
        (_, Holds::Time) => S::minutes("g"),
        (_, Holds::Text) => "concat('text', g)".to_owned(),
    }
}

/// The statements that fill the table of a kind.
fn fill<S: Planning>(server: &S, table: &Table, count: u32) -> String {
    let (mut names, mut values) = (String::new(), String::new());
    for field in &table.columns {
        names.push_str(", ");
        server.name(field.name, &mut names);
        values.push_str(", ");
        values.push_str(&value::<S>(field.name, field.holds));
    }
    let (name, place, id) = (&table.name, place::<S>(), S::id("g"));
    let numbers = S::numbers(count);
    let mut sql = format!(
        "INSERT INTO {name} (workspace, id, version{names}, body) \
         SELECT {place}, {id}, 1{values}, '{{}}' FROM {numbers};"
    );
    let fields = table.kind.declaration().fields.iter();
    for field in fields.filter(|field| field.arity != Arity::One) {
        let value = match field.holds {
            Holds::Id => S::digits("g % 2000"),
            _ => "concat('value', g % 400)".to_owned(),
        };
        let (field, tag) = (field.name, compile::tag_number(field.holds));
        let values = table.values.as_deref().unwrap();
        sql.push_str(&format!(
            "INSERT INTO {values} (workspace, id, field, holds, value) \
             SELECT {place}, {id}, '{field}', {tag}, {value} FROM {numbers};"
        ));
    }
    for table in table.values.iter().chain([name]) {
        sql.push_str(&format!("{} {table};", S::ANALYSE));
    }
    sql
}

/// A database with large tables.
async fn filled<S: Planning>(url: &str) -> ServerStore<S> {
    let store = ServerStore::<S>::connect(url).await.unwrap();
    store.migrate().await.unwrap();
    let server = &store.core().server;
    let mut session = store.core().session().await.unwrap();
    for table in server.schema().tables() {
        let count = match table.kind {
            Kind::Case | Kind::Entry | Kind::Event => ROWS,
            _ => ROWS / 5,
        };
        session.script(&fill(server, table, count)).await.unwrap();
    }
    let texts = server.schema().named(server.texts());
    let analyse = format!("{} {texts};", S::ANALYSE);
    session.script(&(server.told() + &analyse)).await.unwrap();
    drop(session);
    store
}

/// Whether rows come in the order that is asked for, or have to be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// They come in order.
    InOrder,
    /// They are few enough to be sorted.
    Sorted,
    /// So many are enough, and until then a table may be read as it lies there.
    Enough,
    /// They come in order, and the last that is tried is the first not to be.
    Tried,
    /// They are the newest of very many that have a word.
    Many,
    /// They are the same, and the connection is the host's, which may then read all.
    All,
}

/// The lists that the engine asks for.
fn lists() -> Vec<(Query, Rows)> {
    use Rows::{InOrder, Sorted};
    let of = |kind, filter: Filter| Query::all(OURS, kind).filter(filter).limit(50);
    let case = || Filter::equal("case", CaseId(Uuid::from_u128(77)));
    let customer = || Filter::equal("customer", CustomerId(Uuid::from_u128(78)));
    let agent = || AgentId(Uuid::from_u128(7));
    let status = |name: &'static str| Filter::equal("status", name);
    let live = || Filter::equal("merged", false);
    let awaiting = Filter::compare("awaiting_since", Comparison::Less, Value::never());
    let products = Filter::is_in("product", [Value::nil(), Value::Id(Uuid::from_u128(3))]);
    let mut lists = vec![
        (of(Kind::Case, Filter::all()), InOrder),
        (
            of(Kind::Case, status("active").and(awaiting).and(products))
                .sort("awaiting_since", OLDEST),
            InOrder,
        ),
        (
            of(
                Kind::Case,
                status("active").and(Filter::equal("assignee", agent())),
            )
            .sort("updated_at", NEWEST),
            InOrder,
        ),
        (
            of(
                Kind::Case,
                status("active").and(Filter::equal("assignee", Value::nil())),
            )
            .sort("updated_at", OLDEST),
            InOrder,
        ),
        (
            of(Kind::Case, customer()).sort("opened_at", NEWEST),
            InOrder,
        ),
        (
            of(Kind::Case, customer()).sort("updated_at", NEWEST),
            Sorted,
        ),
        (
            of(Kind::Case, Filter::is_in("number", [1_i64, 2, 3])),
            Sorted,
        ),
        (
            of(
                Kind::Case,
                Filter::equal("organisation", Value::Id(Uuid::from_u128(5))),
            )
            .sort("opened_at", NEWEST),
            InOrder,
        ),
        (
            of(Kind::Case, Filter::equal("operators", agent())).sort("updated_at", NEWEST),
            Sorted,
        ),
        (
            of(
                Kind::Case,
                Filter::equal("tags", "value7").and(status("active")),
            )
            .sort("updated_at", NEWEST),
            Sorted,
        ),
        (of(Kind::Entry, case()).sort("at", OLDEST), InOrder),
        (
            of(
                Kind::Entry,
                Filter::equal("activity", Value::Id(Uuid::from_u128(9))),
            )
            .sort("at", OLDEST),
            InOrder,
        ),
        (of(Kind::Event, case()).sort("seq", NEWEST), InOrder),
        (
            of(
                Kind::Event,
                Filter::equal("about", Value::Id(Uuid::from_u128(9))),
            )
            .sort("seq", NEWEST),
            Sorted,
        ),
        (
            of(
                Kind::Event,
                Filter::equal("told", Value::Id(Uuid::from_u128(9))),
            )
            .sort("seq", NEWEST),
            InOrder,
        ),
        (of(Kind::Event, Filter::all()).sort("seq", NEWEST), InOrder),
        (
            of(
                Kind::Event,
                Filter::compare("seq", Comparison::Greater, 99_000_i64),
            )
            .sort("seq", OLDEST),
            InOrder,
        ),
        (
            of(Kind::Activity, customer()).sort("started_at", NEWEST),
            InOrder,
        ),
        (
            of(Kind::Activity, case()).sort("started_at", NEWEST),
            InOrder,
        ),
        (of(Kind::Draft, case()), Sorted),
        (
            of(
                Kind::Relation,
                Filter::equal("cases", Value::Id(Uuid::from_u128(9))),
            ),
            Sorted,
        ),
        (
            of(
                Kind::Merge,
                Filter::equal("target", Value::Id(Uuid::from_u128(9))),
            ),
            Sorted,
        ),
        (of(Kind::Customer, live()).sort("name", OLDEST), InOrder),
        (
            of(
                Kind::Customer,
                Filter::equal("merged_into", Value::Id(Uuid::from_u128(9))),
            ),
            Sorted,
        ),
        (
            of(
                Kind::Customer,
                Filter::equal("organisation", Value::Id(Uuid::from_u128(9))),
            )
            .sort("name", OLDEST),
            InOrder,
        ),
        (of(Kind::Tombstone, Filter::equal("number", 5_i64)), Sorted),
        (
            of(
                Kind::SavedView,
                Filter::equal("owner", Value::Id(Uuid::from_u128(9))),
            ),
            Sorted,
        ),
    ];
    for kind in [Kind::Agent, Kind::Product, Kind::Organisation] {
        lists.push((of(kind, Filter::all()).sort("name", OLDEST), InOrder));
    }
    for field in [
        "opened_at",
        "updated_at",
        "customer_last_at",
        "customer_name",
        "subject",
        "number",
    ] {
        for direction in [OLDEST, NEWEST] {
            lists.push((
                of(Kind::Case, live().and(status("active"))).sort(field, direction),
                InOrder,
            ));
            lists.push((of(Kind::Case, live()).sort(field, direction), InOrder));
        }
    }
    lists
}

/// A list that is looked for along its order.
fn of_one_product() -> Query {
    let product = Filter::equal("product", Value::Id(Uuid::from_u128(3)));
    let list = Query::all(OURS, Kind::Case).filter(product).limit(50);
    list.sort("updated_at", NEWEST)
}

/// The first page and a later one.
fn pages(query: Query) -> [Query; 2] {
    let mut later = query.clone();
    let value = match &later.sort.by {
        SortBy::Field(name) => match query.kind.declaration().field(name).unwrap().holds {
            Holds::Text => "text5".into(),
            Holds::Int => Value::Int(50_000),
            Holds::Time => Value::Time(50_000 * 60_000),
            other => panic!("nobody sorts by {other:?}"),
        },
        SortBy::Id => Value::Id(Uuid::from_u128(50_000)),
        SortBy::Relevance => Value::Real(5.0),
    };
    later.after = Some(later.cursor(value, Uuid::from_u128(50_000)));
    [query, later]
}

async fn assert_indexed<S: Planning>(store: &ServerStore<S>, statement: Statement, rows: Rows) {
    let mut session = store.core().session().await.unwrap();
    let run = S::run(&mut session, &statement).await;
    let (shown, sql) = (run.steps.join("\n"), &statement.sql);
    assert!(
        matches!(rows, Rows::All | Rows::Enough) || !shown.contains("WHOLE"),
        "reads a table whole: {sql}\n{shown}"
    );
    if matches!(rows, Rows::InOrder | Rows::Tried) {
        assert!(!shown.contains("SORT"), "sorts: {sql}\n{shown}");
    }
    let touched = run.touched;
    let most = match rows {
        Rows::InOrder | Rows::Sorted | Rows::Enough => MOST_TOUCHED,
        Rows::Tried => MOST_TOUCHED + u64::from(MOST_TRIED),
        Rows::Many => MOST_SEARCHED,
        Rows::All => u64::MAX,
    };
    assert!(touched <= most, "looks at {touched} rows: {sql}\n{shown}");
}

/// Lists, counts, searches and lookups.
async fn every_question_goes_along_an_index<S: Planning>(url: &str) {
    let store = filled::<S>(url).await;
    assert_all_indexed(&store, Rows::Many).await;
    // A host need not tell its connections what ours are told.
    let pool = Pool::connect(url).await.unwrap();
    assert_all_indexed(&ServerStore::<S>::from_pool(pool), Rows::All).await;
}

/// `many` is what holds of a search for a word that most have.
async fn assert_all_indexed<S: Planning>(store: &ServerStore<S>, many: Rows) {
    let server = &store.core().server;
    for (query, rows) in lists() {
        for page in pages(query) {
            let order = Order::of(&page).unwrap();
            let mut session = store.core().session().await.unwrap();
            let source = match find::way(&mut session, &page).await.unwrap() {
                Chosen::Source(source) => source,
                Chosen::Along { .. } => Source::Along,
            };
            drop(session);
            let columns = Columns::Record;
            let statement = compile::select(server, &page, columns, source, &order, Some(51));
            assert_indexed(store, statement.unwrap(), rows).await;
        }
    }
    if server.can_be_told_indexes() {
        for page in pages(of_one_product()) {
            let statement = compile::trial_end(server, &page).unwrap();
            assert_indexed(store, statement, Rows::Tried).await;
        }
    }
    for (words, rows) in [
        ("rare777", Rows::Sorted),
        ("usual77", Rows::Sorted),
        ("usual7 common", many),
        ("common", many),
        ("usual common", many),
        ("rar", many),
    ] {
        let mut query = Query::all(OURS, Kind::Case).limit(50);
        query.text = TextQuery::new(words, Scope::Public);
        query.sort.by = SortBy::Relevance;
        for page in pages(query.clone())
            .into_iter()
            .chain(pages(query.sort("updated_at", NEWEST)))
        {
            let text = page.text.clone().unwrap();
            let mut session = store.core().session().await.unwrap();
            let start = search::start(&mut session, &page, &text, BOUNDS)
                .await
                .unwrap();
            drop(session);
            let statement = compile::search(server, &page, &text, start, 51).unwrap();
            assert_indexed(store, statement, rows).await;
        }
    }
    let measures = vec![Measure::Count, Measure::Min("opened_at".into())];
    let customer = Filter::equal("customer", CustomerId(Uuid::from_u128(78)));
    let of_customer = Aggregate::count(OURS, Kind::Case, customer).measures(measures);
    let case = Filter::equal("case", CaseId(Uuid::from_u128(78)));
    let closed = Aggregate::count(OURS, Kind::Case, Filter::equal("status", "closed"));
    let tagged = Filter::equal("tags", "value7").and(Filter::equal("merged", false));
    let tagged = Aggregate::count(OURS, Kind::Case, tagged);
    for (aggregate, rows) in [
        (of_customer.by(&["status"]), Rows::Sorted),
        (Aggregate::count(OURS, Kind::Entry, case), Rows::Sorted),
        (closed.enough(1_000), Rows::Enough),
        (tagged.enough(1_000), Rows::Sorted),
    ] {
        let statement = compile::aggregate(server, &aggregate).unwrap();
        assert_indexed(store, statement, rows).await;
    }
    let key = |id| casekit_core::model::Key {
        workspace: OURS,
        kind: Kind::Case,
        id: Uuid::from_u128(id),
    };
    let some: Vec<_> = (5..40).map(key).collect();
    let statement = compile::records(server, &[&some]).unwrap();
    assert_indexed(store, statement, Rows::Sorted).await;
    let email = Unique::new("customer_email", "a@example.com");
    let statement = compile::holders(server, &[&[(OURS, &email)]]);
    assert_indexed(store, statement, Rows::Sorted).await;
}

#[tokio::test]
async fn postgres_goes_along_indexes() {
    if let Some(url) = casekit_servers::fresh_postgres().await {
        every_question_goes_along_an_index::<Postgres>(&url).await;
    }
}

#[tokio::test]
async fn mariadb_goes_along_indexes() {
    if let Some(url) = casekit_servers::fresh_mysql().await {
        every_question_goes_along_an_index::<Mysql>(&url).await;
    }
}
