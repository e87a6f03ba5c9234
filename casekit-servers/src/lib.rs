//! Throwaway PostgreSQL and MariaDB servers for tests.
//!
//! A server lives in a temporary folder, listens on a socket in it and nowhere else, does without
//! `fsync`, and ends with the process that started it, however that ends: a shell watches over it and
//! waits on a pipe that the system closes for us.
//!
//! [`postgres_url`] and [`mysql_url`] give the address of a server for this process: the one that the
//! environment names (`CASEKIT_TEST_POSTGRES_URL`, `CASEKIT_TEST_MYSQL_URL`), else one of our own, which
//! is started once. [`client`] gives a program that works on one, such as `pg_dump`. Without the programs
//! there is none: that is said loudly, and with `CI=true` it is an error.

mod client;
#[cfg(feature = "databases")]
mod database;
mod find;
mod mariadb;
mod postgres;
mod watched;

use std::io::Write as _;
use std::sync::OnceLock;

pub use client::{client, find_client};
#[cfg(feature = "databases")]
pub use database::{fresh_mysql, fresh_postgres};
pub use mariadb::start as start_mariadb;
pub use postgres::{start as start_postgres, start_replica as start_postgres_replica};
pub use watched::Server;

/// The variable that names a PostgreSQL server for the tests. Its user may create databases.
pub const POSTGRES_URL: &str = "CASEKIT_TEST_POSTGRES_URL";

/// The variable that names a MySQL or MariaDB server for the tests. Its user may create databases.
pub const MYSQL_URL: &str = "CASEKIT_TEST_MYSQL_URL";

/// The PostgreSQL server for the tests of this process; none if there cannot be one.
pub fn postgres_url() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    given_or(POSTGRES_URL, &SERVER, start_postgres)
}

/// The MySQL or MariaDB server for the tests of this process; none if there cannot be one.
pub fn mysql_url() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    given_or(MYSQL_URL, &SERVER, start_mariadb)
}

fn given_or(
    variable: &str,
    server: &'static OnceLock<Option<Server>>,
    start: fn() -> Result<Server, String>,
) -> Option<String> {
    if let Ok(url) = std::env::var(variable) {
        return (!url.is_empty()).then_some(url);
    }
    let server = server.get_or_init(|| match start() {
        Ok(server) => Some(server),
        Err(why) => skipped(&format!(
            "{variable} is not set, and no server can be started: {why}"
        )),
    });
    server.as_ref().map(|server| server.url().to_owned())
}

/// Says loudly that something is not tested; a machine that tests everything must not come here.
pub(crate) fn skipped<T>(why: &str) -> Option<T> {
    assert!(!is_ci(), "{why}");
    // Not by a macro: what those print, a test that passes swallows.
    let _ = writeln!(std::io::stderr(), "\n!!! SKIPPED: {why}\n");
    None
}

fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true" || value == "1")
}
