//! Making and removing indexes of a kind whose fields stay as they are.

use super::answers::int;
use super::{Result, Server, Session};
use crate::compile::Statement;
use crate::declared::DeclaredKind;
use crate::schema::{Index, Table};

/// Removes the indexes of a kind that are declared no more, and makes those that are missing.
pub(super) async fn change_indexes<S: Server>(
    session: &mut Session<'_, S>,
    table: &Table,
    old: &DeclaredKind,
) -> Result<()> {
    let server = &session.core.server;
    // The name of an index says what is in it.
    let stays = |name: &String| table.indexes.iter().any(|index| index.name == *name);
    for gone in old.indexes.keys().filter(|name| !stays(name)) {
        if has_index(session, table, gone).await? {
            session.script(&server.drop_index(table, gone)).await?;
        }
    }
    let is_new = |index: &&Index| !old.indexes.contains_key(&index.name);
    for new in table.indexes.iter().filter(is_new) {
        if !has_index(session, table, &new.name).await? {
            session.script(&server.create_index(table, new)).await?;
        }
    }
    Ok(())
}

/// Whether a table has an index. Somebody may have begun to migrate and not finished.
async fn has_index<S: Server>(
    session: &mut Session<'_, S>,
    table: &Table,
    index: &str,
) -> Result<bool> {
    let (of_table, named) = S::INDEXES;
    let mut sql = of_table.to_owned();
    session.core.server.placeholder(1, &mut sql);
    sql.push_str(named);
    session.core.server.placeholder(2, &mut sql);
    let params = vec![table.name.as_str().into(), index.into()];
    let found = session.rows(&Statement { sql, params }).await?;
    Ok(found.first().map(|row| int::<S>(row, 0)).transpose()? == Some(1))
}
