//! Writing a change set: one call of the function that `migrate` makes.

use std::collections::{BTreeMap, BTreeSet};

use casekit_core::model::{Arity, Key, Seq, Value};
use casekit_core::{Committed, Error};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{migrate, row};
use crate::compile::{Statement, tag_number};
use crate::dialect::{Dialect, Postgres, held_text, mark};
use crate::plan::{Plan, Step, Write};
use crate::schema::kind_named;
use crate::server::{Batch, Claim, Core, Result, Server, TextOf};

/// Stands for a number until the database gives it.
const NUMBER: u64 = i64::MAX.cast_unsigned();

/// The most bytes of words in one row: PostgreSQL takes a mebibyte.
const WORDS: usize = 256 * 1024;

/// What the function answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done {
        seq: u64,
        numbers: Vec<(String, Uuid, u64)>,
    },
    Stale(Vec<(String, Uuid)>),
    Taken {
        name: String,
        value: String,
        kind: String,
        id: Uuid,
    },
}

/// Writes a change set, or nothing.
pub(super) async fn apply(core: &Core<Postgres>, plan: &Plan, day: i64) -> Result<Committed> {
    let set = set(plan)?;
    let sql = format!(
        "SELECT {}($1, $2, $3, $4::jsonb)",
        migrate::function(core.server.schema())
    );
    let params = vec![
        Value::Id(plan.workspace.0),
        Value::Id(plan.id),
        Value::Int(day),
        Value::Text(set),
    ];
    let rows = core
        .session()
        .await?
        .rows(&Statement { sql, params })
        .await?;
    let row = rows
        .first()
        .ok_or_else(|| Error::bug("a commit has no answer"))?;
    let answer = serde_json::from_slice(&Postgres::json(row, 0)?);
    let answer = answer.map_err(|error| Error::bug("a commit's answer").with_source(error))?;
    told(plan, answer)
}

fn told(plan: &Plan, answer: Answer) -> Result<Committed> {
    let key = |kind: &str, id| -> Result<Key> {
        let kind = kind_named(kind)?;
        let workspace = plan.workspace;
        Ok(Key {
            workspace,
            kind,
            id,
        })
    };
    match answer {
        Answer::Done { seq, numbers } => {
            let numbers = numbers
                .iter()
                .map(|(kind, id, number)| Ok((key(kind, *id)?, *number)));
            Ok(Committed {
                seq: Seq(seq),
                numbers: numbers.collect::<Result<_>>()?,
            })
        }
        Answer::Stale(stale) => {
            let stale = stale.iter().map(|(kind, id)| key(kind, *id));
            Err(Error::stale(stale.collect::<Result<_>>()?).into())
        }
        Answer::Taken {
            name,
            value,
            kind,
            id,
        } => Err(Error::taken(&name, &value, &key(&kind, id)?).into()),
    }
}

/// The change set as the function takes it.
fn set(plan: &Plan) -> Result<String> {
    let waiting = plan.steps.iter().filter_map(|step| match step {
        Step::Number(entity) => Some(Write::numbered(entity, NUMBER)),
        Step::Write(_) => None,
    });
    let waiting: Vec<Write> = waiting.collect::<Result<_, _>>()?;
    let ids: BTreeSet<Uuid> = waiting.iter().map(|write| write.key.id).collect();
    let events = plan.events.iter().zip(1..).map(|(event, place)| {
        let mut event = event.clone();
        event.seq = Seq(place);
        Write::event(event)
    });
    let events: Vec<Write> = events.collect::<Result<_, _>>()?;
    let changes = plan.writes(&waiting);
    let batch = Batch::of(changes.iter().copied().chain(&events));
    let set = Set {
        events: events.len(),
        numbers: plan.steps.iter().filter_map(Numbered::of).collect(),
        kinds: kinds(&batch)?,
        released: &batch.released,
        claimed: &batch.claimed,
        twice: batch.twice,
        untold: batch.untold.iter().map(Named::of).collect(),
        texts: batch
            .texts
            .iter()
            .flat_map(|text| parts(text, &ids))
            .collect(),
    };
    Ok(serde_json::to_string(&set).map_err(Error::from)?)
}

fn kinds<'b>(batch: &'b Batch<'_>) -> Result<BTreeMap<&'static str, Changes<'b>>> {
    let kinds = batch.kinds.iter().map(|(kind, of)| {
        let columns = kind.declaration().fields.iter();
        let columns: Vec<&str> = columns
            .filter(|field| field.arity == Arity::One)
            .map(|field| field.name)
            .collect();
        let put = of.put.iter().map(|(id, written)| {
            let body = serde_json::from_slice(&written.json).map_err(Error::from)?;
            let pairs = columns.iter().copied().zip(&written.row);
            Ok(Put {
                id: *id,
                version: written.version.0,
                columns: pairs.map(|(name, value)| (name, Column(value))).collect(),
                body,
            })
        });
        let seen = of.seen.iter().map(|(id, version)| Seen {
            id: *id,
            version: version.map(|version| version.0),
        });
        let changes = Changes {
            seen: seen.collect(),
            put: put.collect::<Result<_>>()?,
            gone: &of.gone,
            less: of.less.iter().map(Held::of).collect(),
            more: of.more.iter().map(Held::of).collect(),
        };
        Ok((kind.name(), changes))
    });
    kinds.collect()
}

/// The words of a text, in as many rows as they need. A record that waits for its number is found by
/// it, too: the function knows it.
fn parts(text: &TextOf<'_>, waiting: &BTreeSet<Uuid>) -> Vec<Told> {
    let mark = mark(text.record.workspace, text.owner.kind);
    let stand_in = NUMBER.to_string();
    let mut parts: Vec<Told> = Vec::new();
    let mut room = 0;
    let mut numbered = None;
    for word in &text.words {
        if *word == stand_in && waiting.contains(&text.record.id) {
            numbered = Some(mark.clone());
            continue;
        }
        if room < word.len() || parts.is_empty() {
            parts.push(Told::of(text, parts.len()));
            room = WORDS;
        }
        room = room.saturating_sub(word.len() + mark.len());
        if let Some(part) = parts.last_mut() {
            part.words.push(format!("{mark}{word}"));
        }
    }
    if numbered.is_some() && parts.is_empty() {
        parts.push(Told::of(text, 0));
    }
    if let Some(part) = parts.first_mut() {
        part.numbered = numbered;
    }
    parts
}

#[derive(Serialize)]
struct Set<'b> {
    events: usize,
    numbers: Vec<Numbered>,
    kinds: BTreeMap<&'static str, Changes<'b>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    released: &'b [Claim<'b>],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    claimed: &'b [Claim<'b>],
    #[serde(skip_serializing_if = "Option::is_none")]
    twice: Option<Claim<'b>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    untold: Vec<Named>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    texts: Vec<Told>,
}

/// A record that gets the next number, or has one.
#[derive(Serialize)]
struct Numbered {
    kind: &'static str,
    id: Uuid,
    given: Option<u64>,
}

impl Numbered {
    fn of(step: &Step) -> Option<Self> {
        let (key, given) = match step {
            Step::Number(entity) => (entity.key(), None),
            Step::Write(write) => (write.key, Some(write.number?)),
        };
        Some(Self {
            kind: key.kind.name(),
            id: key.id,
            given,
        })
    }
}

/// What changes among the records of a kind.
#[derive(Serialize)]
struct Changes<'b> {
    seen: Vec<Seen>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    put: Vec<Put<'b>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    gone: &'b [Uuid],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    less: Vec<Held<'b>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    more: Vec<Held<'b>>,
}

#[derive(Serialize)]
struct Seen {
    id: Uuid,
    version: Option<u64>,
}

#[derive(Serialize)]
struct Put<'b> {
    id: Uuid,
    version: u64,
    #[serde(flatten)]
    columns: BTreeMap<&'b str, Column<'b>>,
    body: &'b RawValue,
}

struct Column<'b>(&'b Value);

impl Serialize for Column<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(yes) => yes.serialize(serializer),
            Value::Int(number) => number.serialize(serializer),
            Value::Real(number) => number.serialize(serializer),
            Value::Text(text) => text.serialize(serializer),
            Value::Time(time) => row::moment(*time).serialize(serializer),
            Value::Id(id) => id.serialize(serializer),
        }
    }
}

/// A value of a multi-valued field.
#[derive(Serialize)]
struct Held<'b> {
    id: Uuid,
    field: &'b str,
    holds: i64,
    value: String,
}

impl<'b> Held<'b> {
    fn of((id, field, value): &(Uuid, &'b str, &'b Value)) -> Self {
        Self {
            id: *id,
            field,
            holds: tag_number(value.holds()),
            value: held_text(value),
        }
    }
}

#[derive(Serialize)]
struct Named {
    kind: &'static str,
    id: Uuid,
}

impl Named {
    fn of(key: &Key) -> Self {
        let (kind, id) = (key.kind.name(), key.id);
        Self { kind, id }
    }
}

/// A row of a text.
#[derive(Serialize)]
struct Told {
    kind: &'static str,
    id: Uuid,
    part: usize,
    owner_kind: &'static str,
    owner: Uuid,
    internal: bool,
    class: i64,
    words: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    numbered: Option<String>,
}

impl Told {
    fn of(text: &TextOf<'_>, part: usize) -> Self {
        Self {
            kind: text.record.kind.name(),
            id: text.record.id,
            part,
            owner_kind: text.owner.kind.name(),
            owner: text.owner.id,
            internal: text.internal,
            class: text.class,
            words: Vec::new(),
            numbered: None,
        }
    }
}
