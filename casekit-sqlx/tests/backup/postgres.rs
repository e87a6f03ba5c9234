//! PostgreSQL.

use std::process::Command;

use casekit_servers::{client, fresh_postgres};
use sqlx::{Connection, Executor, PgConnection};

use crate::{assert_restores, run};

/// Programs that belong to a server, if there are any.
fn programs() -> Option<(Command, Command, Command)> {
    let (dump, restore) = (client(&["pg_dump"])?, client(&["pg_restore"])?);
    Some((dump, restore, client(&["psql"])?))
}

/// Takes a backup with `options`, restores it into an empty database with `pg_restore` or `psql`.
async fn assert_backs_up(options: &'static [&'static str], plain: Plain) {
    let Some((mut dump, mut restore, mut psql)) = programs() else {
        return;
    };
    let (Some(url), Some(empty)) = (fresh_postgres().await, fresh_postgres().await) else {
        return;
    };
    let address = url.clone();
    let restored = empty.clone();
    assert_restores(&url, move || {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup");
        run(dump.args(options).arg("--file").arg(&file).arg(&address));
        match plain {
            Plain::Yes => {
                let psql = psql.args(["--no-psqlrc", "--quiet", "--single-transaction"]);
                let psql = psql.args(["--set", "ON_ERROR_STOP=1", "--file"]);
                run(psql.arg(&file).arg(&empty));
            }
            Plain::No => {
                let restore = restore.args(["--single-transaction", "--no-owner", "--dbname"]);
                run(restore.arg(&empty).arg(&file));
            }
        }
        empty
    })
    .await;
    let mut connection = PgConnection::connect(&restored).await.unwrap();
    let view = "SELECT count(*) FROM casekit_cases";
    connection.execute(view).await.unwrap();
}

/// Whether a backup is plain SQL.
#[derive(Debug, Clone, Copy)]
enum Plain {
    Yes,
    No,
}

#[tokio::test(flavor = "multi_thread")]
async fn pg_dump_in_its_own_format() {
    assert_backs_up(&["--format=custom"], Plain::No).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pg_dump_as_sql() {
    assert_backs_up(&["--format=plain", "--no-owner"], Plain::Yes).await;
}

/// The function is left out, which migrating makes anew.
#[tokio::test(flavor = "multi_thread")]
async fn pg_dump_of_our_tables_alone() {
    let ours = &["--format=custom", "--table=casekit_*"];
    assert_backs_up(ours, Plain::No).await;
}
