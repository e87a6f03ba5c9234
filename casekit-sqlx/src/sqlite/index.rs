//! The full text index: what is in it, and how waiting texts get there.
//!
//! Writing a text into FTS5 costs as much in a transaction of its own as a hundred rows, and little
//! more for a hundred texts at once. So a commit only puts its words into `casekit_pending`, and
//! they are indexed together; a search reads both.
//!
//! A text stands in the index at a number that says all that a search needs: the kind and handle of
//! its owner, how long it is, whether it is internal, and a serial number. Its words begin with a
//! mark of two characters for the workspace and the kind of owner, so that a search touches nobody
//! else's words.

use casekit_core::model::{Key, Kind, WorkspaceId};
use casekit_core::{Error, ErrorKind};
use rusqlite::Row;

use super::fault::Result;
use super::row::{Param, id};
use super::session::{Next, Session};
use super::sql::{HANDLES, PLACES, sql};
use crate::schema::kind_named;

/// The characters that marks are made of: a range that is in nobody's words.
const FIRST_MARK: u32 = 0xE000;
const MARKS: u32 = 6_400;

/// How many texts of one owner, class and visibility there can be: more go on in the next class.
const SERIALS: i64 = 1 << 16;
const INTERNAL: i64 = 1 << 16;
const CLASS_AT: u32 = 17;
/// How many classes of length there are.
pub(super) const CLASSES: i64 = 8;

/// A text that waits to be indexed.
struct Pending {
    record: Key,
    owner: Key,
    public: String,
    internal: String,
}

/// The words of a record, to be indexed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'t> {
    pub(super) record: Key,
    pub(super) owner: Key,
    pub(super) public: &'t str,
    pub(super) internal: &'t str,
}

/// Who may find a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    Public,
    Internal,
}

/// Where the texts of an owner stand: the first number.
pub(super) fn place(code: i64, handle: i64) -> i64 {
    (code << HANDLES | handle) << PLACES
}

/// The handle of the owner of what stands at a number.
pub(super) fn owner(at: i64) -> i64 {
    at >> PLACES & ((1 << HANDLES) - 1)
}

/// The class of length of what stands at a number: 0 for the shortest.
pub(super) fn class(at: i64) -> i64 {
    at >> CLASS_AT & (CLASSES - 1)
}

/// Whether what stands at a number is internal.
pub(super) fn is_internal(at: i64) -> bool {
    at & INTERNAL != 0
}

/// The class of length of a text.
pub(super) fn class_of(text: &str) -> i64 {
    let words = text.split(' ').count();
    let doublings = usize::BITS - words.saturating_sub(1).div_euclid(4).leading_zeros();
    i64::from(doublings).min(CLASSES - 1)
}

/// What the words of a workspace's texts of owners of a kind begin with; none while there are none.
pub(super) fn mark(
    session: &Session<'_>,
    workspace: WorkspaceId,
    kind: Kind,
) -> Result<Option<String>> {
    let shelf = session.first(
        "SELECT number FROM casekit_shelf WHERE workspace = ?1 AND kind = ?2",
        &[Param::Id(&workspace.0), Param::Text(kind.name())],
        |row| Ok(row.get::<_, u32>(0)?),
    )?;
    shelf.map(mark_of).transpose()
}

/// The code of a kind in numbers of texts.
pub(super) fn code(session: &Session<'_>, kind: Kind) -> Result<i64> {
    let code = session.first(
        "SELECT code FROM casekit_kind WHERE name = ?1",
        &[Param::Text(kind.name())],
        |row| Ok(row.get(0)?),
    )?;
    Ok(code.ok_or_else(|| Error::bug(format!("the kind `{}` has no code", kind.name())))?)
}

fn mark_of(shelf: u32) -> Result<String> {
    let digit = |number: u32| char::from_u32(FIRST_MARK + number % MARKS);
    let both = (shelf < MARKS * MARKS)
        .then(|| Some([digit(shelf / MARKS)?, digit(shelf)?]))
        .flatten();
    let both =
        both.ok_or_else(|| Error::new(ErrorKind::Limit, "the database has too many workspaces"))?;
    Ok(both.iter().collect())
}

/// Indexes at most so many of the texts that wait, inside the caller's transaction; gives how many
/// there were.
pub(super) fn index_pending(session: &Session<'_>, at_once: u64) -> Result<u64> {
    let mut pending = Vec::new();
    session.each(
        "SELECT workspace, kind, id, owner_kind, owner, public, internal \
         FROM casekit_pending LIMIT ?1",
        &[Param::Int(at_once.cast_signed())],
        |row| {
            pending.push(Pending::read(row)?);
            Ok(Next::More)
        },
    )?;
    index_now(session, pending.iter().map(Pending::told))?;
    Ok(pending.len() as u64)
}

/// Indexes texts, inside the caller's transaction.
pub(super) fn index_now<'t>(
    session: &Session<'_>,
    texts: impl Iterator<Item = Told<'t>>,
) -> Result<()> {
    let (mut placed, mut owner) = (Vec::new(), None);
    for text in texts {
        remove(session, &text.record)?;
        place_texts(session, &text, &mut owner, &mut placed)?;
        session.run(
            "DELETE FROM casekit_pending WHERE workspace = ?1 AND kind = ?2 AND id = ?3",
            &record(&text.record),
        )?;
    }
    // FTS5 writes out what it has gathered whenever a number is not larger than the one before.
    placed.sort_unstable_by_key(|(at, _)| *at);
    for (at, words) in &placed {
        session.run(
            "INSERT INTO casekit_text (rowid, words) VALUES (?1, ?2)",
            &[Param::Int(*at), Param::Text(words)],
        )?;
    }
    Ok(())
}

fn record(key: &Key) -> [Param<'_>; 3] {
    let (place, kind) = (Param::Id(&key.workspace.0), Param::Text(key.kind.name()));
    [place, kind, Param::Id(&key.id)]
}

fn remove(session: &Session<'_>, key: &Key) -> Result<()> {
    let mut places: Vec<i64> = Vec::new();
    session.each(
        "SELECT at FROM casekit_source WHERE workspace = ?1 AND kind = ?2 AND id = ?3",
        &record(key),
        |row| {
            places.push(row.get(0)?);
            Ok(Next::More)
        },
    )?;
    for at in places {
        session.run(
            "DELETE FROM casekit_text WHERE rowid = ?1",
            &[Param::Int(at)],
        )?;
        session.run(
            "DELETE FROM casekit_source WHERE at = ?1",
            &[Param::Int(at)],
        )?;
    }
    Ok(())
}

/// An owner of texts: where these stand, and what their words begin with.
struct Owner {
    key: Key,
    place: i64,
    mark: String,
}

impl Owner {
    fn find(session: &Session<'_>, key: &Key) -> Result<Self> {
        Ok(Self {
            key: *key,
            place: owner_place(session, key)?,
            mark: shelf(session, key)?,
        })
    }
}

/// Finds where the texts of a record will stand; gives each place with the words to index there. `known` is the
/// owner of the texts before, which is often the same.
fn place_texts(
    session: &Session<'_>,
    told: &Told<'_>,
    known: &mut Option<Owner>,
    placed: &mut Vec<(i64, String)>,
) -> Result<()> {
    let texts = [
        (told.public, Visibility::Public),
        (told.internal, Visibility::Internal),
    ];
    let mut texts = texts
        .into_iter()
        .filter(|(text, _)| !text.is_empty())
        .peekable();
    if texts.peek().is_none() {
        return Ok(());
    }
    let owner = match known.take() {
        Some(known) if known.key == told.owner => known,
        _ => Owner::find(session, &told.owner)?,
    };
    let Owner { place, mark, .. } = known.insert(owner);
    for (text, visibility) in texts {
        let at = free(session, *place, class_of(text), visibility)?;
        let mut marked = String::with_capacity(text.len() * 2);
        for word in text.split(' ') {
            marked.push_str(mark);
            marked.push_str(word);
            marked.push(' ');
        }
        placed.push((at, marked));
        let [place, kind, id] = record(&told.record);
        session.run(
            "INSERT INTO casekit_source (at, workspace, kind, id) VALUES (?1, ?2, ?3, ?4)",
            &[Param::Int(at), place, kind, id],
        )?;
    }
    Ok(())
}

/// The mark of an owner's workspace and kind, made if it is the first.
fn shelf(session: &Session<'_>, owner: &Key) -> Result<String> {
    if let Some(mark) = mark(session, owner.workspace, owner.kind)? {
        return Ok(mark);
    }
    session.run(
        "INSERT INTO casekit_shelf (workspace, kind) VALUES (?1, ?2)",
        &[
            Param::Id(&owner.workspace.0),
            Param::Text(owner.kind.name()),
        ],
    )?;
    let number = u32::try_from(session.inserted()).unwrap_or(u32::MAX);
    mark_of(number)
}

/// Where the texts of an owner stand. One that is not there, or not yet, keeps a handle that it will
/// have if it comes.
fn owner_place(session: &Session<'_>, owner: &Key) -> Result<i64> {
    let key = [Param::Id(&owner.workspace.0), Param::Id(&owner.id)];
    let code = code(session, owner.kind)?;
    let handle = session.first(&sql().kind(owner.kind)?.handle, &key, |row| {
        Ok(row.get::<_, i64>(0)?)
    })?;
    if let Some(handle) = handle {
        return Ok(place(code, handle));
    }
    let name = &crate::schema::schema().table(owner.kind)?.name;
    let owner_key = record(owner);
    session.run(
        &format!(
            "INSERT INTO casekit_awaited (workspace, kind, id, handle) SELECT ?1, ?2, ?3, \
             max(ifnull((SELECT max(handle) FROM {name}), 0), \
             ifnull((SELECT max(handle) FROM casekit_awaited WHERE kind = ?2), 0)) + 1 \
             WHERE TRUE ON CONFLICT DO NOTHING"
        ),
        &owner_key,
    )?;
    let handle = session.first(
        "SELECT handle FROM casekit_awaited WHERE workspace = ?1 AND kind = ?2 AND id = ?3",
        &owner_key,
        |row| Ok(row.get::<_, i64>(0)?),
    )?;
    let handle = handle.ok_or_else(|| Error::bug("an owner has no handle"))?;
    Ok(place(code, handle))
}

/// The first free number for a text.
fn free(session: &Session<'_>, place: i64, class: i64, visibility: Visibility) -> Result<i64> {
    let visibility = match visibility {
        Visibility::Public => 0,
        Visibility::Internal => INTERNAL,
    };
    for class in class..CLASSES {
        let first = place | class << CLASS_AT | visibility;
        let last = session.first(
            "SELECT max(at) FROM casekit_source WHERE at BETWEEN ?1 AND ?2",
            &[Param::Int(first), Param::Int(first + SERIALS - 1)],
            |row| Ok(row.get::<_, Option<i64>>(0)?),
        )?;
        match last.flatten() {
            None => return Ok(first),
            Some(last) if last < first + SERIALS - 1 => return Ok(last + 1),
            Some(_) => {}
        }
    }
    Err(Error::new(
        ErrorKind::Limit,
        "a record has too many texts to find them all",
    )
    .into())
}

impl Pending {
    fn told(&self) -> Told<'_> {
        Told {
            record: self.record,
            owner: self.owner,
            public: &self.public,
            internal: &self.internal,
        }
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        let workspace = WorkspaceId(id(row.get_ref(0)?)?);
        Ok(Self {
            record: super::session::key(workspace, row, 1)?,
            owner: Key {
                workspace,
                kind: kind_named(row.get_ref(3)?.as_str()?)?,
                id: id(row.get_ref(4)?)?,
            },
            public: row.get(5)?,
            internal: row.get(6)?,
        })
    }
}
