//! Getting a case by its number, lists, search.

use std::collections::BTreeSet;

use anyhow::Result;
use casekit_core::model::{Case, Entry, Value, WorkspaceId};
use rusqlite::{Connection, ToSql, params, params_from_iter};

use super::Theirs;

/// How many cases a list shows.
const PAGE: usize = 50;

/// How many characters of a text are shown around a word.
const AROUND: usize = 80;

/// Where the handle of the case stands in the number of a text.
const HANDLE_AT: i64 = 20;
const HANDLES: i64 = (1 << 37) - 1;

/// A case that was found by words, with the entry they are in and the text around.
pub(super) struct FoundCase {
    #[expect(dead_code, reason = "whoever searches needs it")]
    pub(super) case: Case,
    #[expect(dead_code, reason = "whoever searches needs it")]
    pub(super) excerpt: String,
}

impl Theirs {
    pub(super) fn by_number(&self, number: u64) -> Result<Case> {
        let sql = "SELECT body FROM casekit_case WHERE workspace = ?1 AND number = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![self.workspace.0.as_bytes(), number])?;
        let row = rows
            .next()?
            .ok_or_else(|| anyhow::anyhow!("no case {number}"))?;
        Ok(serde_json::from_slice(row.get_ref(0)?.as_bytes()?)?)
    }

    /// The cases, one more than are shown if there are more.
    fn cases(&self, sql: &str, params: &[&dyn ToSql]) -> Result<Vec<Case>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut cases = Vec::with_capacity(PAGE);
        while let Some(row) = rows.next()? {
            cases.push(serde_json::from_slice(row.get_ref(0)?.as_bytes()?)?);
        }
        cases.truncate(PAGE);
        Ok(cases)
    }

    pub(super) fn newest(&self) -> Result<Vec<Case>> {
        self.cases(
            "SELECT body FROM casekit_case WHERE workspace = ?1 AND merged = 0 \
             ORDER BY updated_at DESC, id DESC LIMIT 51",
            &[self.workspace.0.as_bytes()],
        )
    }

    /// What waits for a reply, what is one's own, that of others on which one works, what nobody has.
    pub(super) fn case_load(&self) -> Result<[Vec<Case>; 4]> {
        let workspace: &dyn ToSql = self.workspace.0.as_bytes();
        let nobody: &dyn ToSql = &[0_u8; 16];
        let agent: &dyn ToSql = self.agent.id.0.as_bytes();
        let products = self.agent.products.iter();
        let products: Vec<&[u8; 16]> = products.map(|product| product.0.as_bytes()).collect();
        let mut waiting = vec![workspace, &Value::NEVER, nobody];
        waiting.extend(products.iter().map(|product| *product as &dyn ToSql));
        let holders = vec!["?"; products.len()].join(", ");
        let waiting = self.cases(
            &format!(
                "SELECT body FROM casekit_case WHERE workspace = ?1 AND status = 'active' AND \
                 awaiting_since < ?2 AND product IN (?3, {holders}) \
                 ORDER BY awaiting_since, id LIMIT 51"
            ),
            &waiting,
        )?;
        let own = self.cases(
            "SELECT body FROM casekit_case WHERE workspace = ?1 AND status = 'active' AND \
             assignee = ?2 ORDER BY updated_at DESC, id DESC LIMIT 51",
            &[workspace, agent],
        )?;
        let operating = self.cases(
            "SELECT c.body FROM casekit_case_value AS v CROSS JOIN casekit_case AS c \
             ON c.handle = v.handle WHERE v.workspace = ?1 AND v.field = 'operators' AND \
             v.holds = 5 AND v.value = ?2 AND c.status = 'active' AND c.assignee <> ?2 \
             ORDER BY c.updated_at DESC, c.id DESC LIMIT 51",
            &[workspace, agent],
        )?;
        let unclaimed = self.cases(
            "SELECT body FROM casekit_case WHERE workspace = ?1 AND status = 'active' AND \
             assignee = ?2 ORDER BY updated_at, id LIMIT 51",
            &[workspace, nobody],
        )?;
        Ok([waiting, own, operating, unclaimed])
    }

    /// The best matches of all words in one text, by FTS5's own rank.
    pub(super) fn search(&self, words: &[String]) -> Result<Vec<FoundCase>> {
        let parts = words
            .iter()
            .map(|word| format!("\"{}{word}\" *", self.mark));
        let expression = parts.collect::<Vec<_>>().join(" AND ");
        let sql = "SELECT rowid FROM casekit_text WHERE casekit_text MATCH ?1 ORDER BY rank";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![expression])?;
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let at: i64 = row.get(0)?;
            let handle = at >> HANDLE_AT & HANDLES;
            if seen.insert(handle)
                && let Some(case) = self.found(at, handle, words)?
            {
                found.push(case);
            }
            if found.len() > PAGE {
                break;
            }
        }
        found.truncate(PAGE);
        Ok(found)
    }

    fn found(&self, at: i64, handle: i64, words: &[String]) -> Result<Option<FoundCase>> {
        let sql = "SELECT c.body, e.body FROM casekit_case AS c \
             JOIN casekit_source AS s ON s.at = ?1 LEFT JOIN casekit_entry AS e \
             ON s.kind = 'entry' AND e.workspace = s.workspace AND e.id = s.id \
             WHERE c.handle = ?2 AND c.merged = 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter([at, handle]))?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let case: Case = serde_json::from_slice(row.get_ref(0)?.as_bytes()?)?;
        let text = match row.get_ref(1)?.as_bytes_or_null()? {
            Some(entry) => serde_json::from_slice::<Entry>(entry)?.text(),
            None => case.subject.clone(),
        };
        let excerpt = excerpt(&text, words);
        Ok(Some(FoundCase { case, excerpt }))
    }
}

/// What the words of cases of the workspace begin with in the text index.
pub(super) fn mark(connection: &Connection, workspace: WorkspaceId) -> Result<String> {
    let sql = "SELECT number FROM casekit_shelf WHERE workspace = ?1 AND kind = 'case'";
    let shelf: u32 =
        connection.query_row(sql, params![workspace.0.as_bytes()], |row| row.get(0))?;
    let digit = |number: u32| char::from_u32(0xE000 + number % 6_400);
    Ok([digit(shelf / 6_400), digit(shelf)]
        .into_iter()
        .flatten()
        .collect())
}

/// The text around the first of the words.
fn excerpt(text: &str, words: &[String]) -> String {
    let folded = text.to_lowercase();
    let at = words.iter().find_map(|word| folded.find(word.as_str()));
    let before = folded
        .get(..at.unwrap_or(0))
        .unwrap_or_default()
        .chars()
        .count();
    text.chars()
        .skip(before.saturating_sub(AROUND))
        .take(2 * AROUND)
        .collect()
}
