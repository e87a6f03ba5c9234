//! Finding records by words.

use casekit_core::model::Value;
use casekit_core::query::{MAX_MATCHES, Page, Query, TextQuery};

use super::answers::{int, key, record};
use super::{Result, Server, Session};
use crate::answer::page;
use crate::compile::{self, Found, Start};

/// With how many a search begins at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// So many records are few; of more the newest are looked at for the other words, and for the filter.
    pub(crate) records: u32,
    /// A word that more texts have is in very many records, whatever these are.
    pub(crate) texts: u32,
    /// So many texts that have a word can be gathered to find the newest of their records; more take longer than to
    /// go back from the newest record.
    pub(crate) gathered: u32,
}

const BOUNDS: Bounds = Bounds {
    records: MAX_MATCHES,
    texts: 3 * MAX_MATCHES,
    gathered: 10 * MAX_MATCHES,
};

/// If the statistics of a database expect so many times as many texts, these are not counted: a sample that errs by as
/// much is most unlikely.
const SURELY_MORE: u64 = 2;

/// Finds records by their texts.
pub(super) async fn search<S: Server>(
    session: &mut Session<'_, S>,
    query: &Query,
    text: &TextQuery,
) -> Result<Page> {
    search_within(session, query, text, BOUNDS).await
}

/// The same within other bounds.
pub(super) async fn search_within<S: Server>(
    session: &mut Session<'_, S>,
    query: &Query,
    text: &TextQuery,
    bounds: Bounds,
) -> Result<Page> {
    let start = start(session, query, text, bounds).await?;
    let server = &session.core.server;
    let statement = compile::search(server, query, text, start, query.limit + 1)?;
    let rows = session.found(&statement).await?;
    let (mut records, mut scores, mut hits) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        records.push(record::<S>(query.kind, row, Found::BODY)?);
        scores.push(int::<S>(row, Found::SCORE)?);
        hits.push(key::<S>(query.workspace, row, Found::SOURCE)?);
    }
    #[expect(clippy::cast_precision_loss, reason = "scores are below a thousand")]
    let score = |at| scores.get(at).map(|score: &i64| Value::Real(*score as f64));
    let mut page = page(query, records, score)?;
    hits.truncate(page.records.len());
    page.hits = hits;
    Ok(page)
}

/// What a search begins with. A word that few records have, or a filter that selects few, leaves nothing out.
/// Where there is neither, it is the newest records that have a word: the rarest, or if all are in very many
/// texts, the longest.
pub(super) async fn start<S: Server>(
    session: &mut Session<'_, S>,
    query: &Query,
    text: &TextQuery,
    bounds: Bounds,
) -> Result<Start> {
    // Where few can be expected, they are looked for before all others.
    let is_selective = compile::is_selective(&session.core.server, query)?;
    if is_selective && selects_few(session, query, text, bounds).await? {
        return Ok(Start::Filter);
    }
    // Long words are rare: most often the first is rare enough.
    let mut words: Vec<usize> = (0..text.words.len()).collect();
    words.sort_by_key(|at| std::cmp::Reverse(text.words.get(*at).map(String::len)));
    let mut rarest = None;
    for at in words.iter().copied() {
        let start = Start::Word(at, bounds.records);
        let Some(held) = having(session, query, text, start, bounds).await? else {
            continue;
        };
        if held <= bounds.records.into() {
            return Ok(start);
        }
        if rarest.is_none_or(|(least, _)| held < least) {
            rarest = Some((held, start));
        }
    }
    if !is_selective && selects_few(session, query, text, bounds).await? {
        return Ok(Start::Filter);
    }
    let longest = words.first().map_or(0, |at| *at);
    Ok(rarest.map_or(Start::Newest(longest, bounds.records), |(_, start)| start))
}

/// How many records have a word, or where these are sure to be very many, how many texts; none if these are too many
/// to gather.
async fn having<S: Server>(
    session: &mut Session<'_, S>,
    query: &Query,
    text: &TextQuery,
    start: Start,
    bounds: Bounds,
) -> Result<Option<u64>> {
    let gathered = u64::from(bounds.gathered);
    if let Some(expected) = expected(session, query, text, start).await?
        && expected >= SURELY_MORE * u64::from(bounds.texts)
    {
        return Ok((expected <= gathered).then_some(expected));
    }
    let (texts, records) = counted(session, query, text, start, bounds.gathered + 1).await?;
    Ok((texts <= gathered).then_some(records))
}

/// How many texts a database expects to have a word; none where it cannot tell.
async fn expected<S: Server>(
    session: &mut Session<'_, S>,
    query: &Query,
    text: &TextQuery,
    start: Start,
) -> Result<Option<u64>> {
    let Some(statement) = compile::estimate(&session.core.server, query, text, start)? else {
        return Ok(None);
    };
    let rows = session.rows(&statement).await?;
    Ok(rows.first().map(S::expected).transpose()?.flatten())
}

/// Whether the filter of a query selects few records.
async fn selects_few<S: Server>(
    session: &mut Session<'_, S>,
    query: &Query,
    text: &TextQuery,
    bounds: Bounds,
) -> Result<bool> {
    let more = bounds.records + 1;
    let (selected, _) = counted(session, query, text, Start::Filter, more).await?;
    Ok(selected <= bounds.records.into())
}

/// How many texts or records, up to a bound, a search would begin with, and of how many records these are.
async fn counted<S: Server>(
    session: &mut Session<'_, S>,
    query: &Query,
    text: &TextQuery,
    start: Start,
    bound: u32,
) -> Result<(u64, u64)> {
    let statement = compile::count(&session.core.server, query, text, start, bound)?;
    let rows = session.found(&statement).await?;
    let Some(row) = rows.first() else {
        return Ok((0, 0));
    };
    let (all, records) = (int::<S>(row, 0)?, int::<S>(row, 1)?);
    Ok((all.unsigned_abs(), records.unsigned_abs()))
}
