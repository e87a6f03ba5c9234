//! A database for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection};

/// The address of a new and empty database on the PostgreSQL server for the tests, if there is one.
pub async fn fresh_postgres() -> Option<String> {
    let server = crate::postgres_url()?;
    let name = name();
    let made = async {
        let mut connection = PgConnection::connect(&server).await?;
        connection.execute(AssertSqlSafe(create(&name))).await
    };
    Some(addressed(&server, &name, made.await.map(|_| ())))
}

/// The address of a new and empty database on the MySQL or MariaDB server for the tests, if there is one.
pub async fn fresh_mysql() -> Option<String> {
    let server = crate::mysql_url()?;
    let name = name();
    let made = async {
        let mut connection = MySqlConnection::connect(&server).await?;
        connection.execute(AssertSqlSafe(create(&name))).await
    };
    Some(addressed(&server, &name, made.await.map(|_| ())))
}

fn create(name: &str) -> String {
    format!("CREATE DATABASE {name}")
}

/// A name that no other test has, in this process or another.
fn name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.unwrap_or_default().as_millis();
    format!("casekit_test_{now}_{}_{count}", std::process::id())
}

#[expect(clippy::panic, reason = "this is how a test fails")]
fn addressed(server: &str, name: &str, made: sqlx::Result<()>) -> String {
    if let Err(error) = made {
        panic!("no database can be made for a test: {error}");
    }
    with_database(server, name)
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, settings) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let host = rest.split_once('/').map_or(rest, |(host, _)| host);
    let mark = if settings.is_empty() { "" } else { "?" };
    format!("{scheme}://{host}/{name}{mark}{settings}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_server_and_settings() {
        let changed = |url| with_database(url, "other");
        assert_eq!(changed("mysql://a:b@host:1/x"), "mysql://a:b@host:1/other");
        assert_eq!(changed("postgres://host"), "postgres://host/other");
        assert_eq!(
            changed("postgres://u@h/x?host=/tmp/y"),
            "postgres://u@h/other?host=/tmp/y"
        );
    }
}
