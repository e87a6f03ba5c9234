//! Servers start, and end with their owner.

use std::time::{Duration, Instant};

use casekit_servers::{Server, start_mariadb, start_postgres};

fn ends_with_its_owner(start: fn() -> Result<Server, String>) {
    let Ok(server) = start() else {
        // Whether there must be one is for the tests to say that need it.
        return;
    };
    let folder = server.folder().to_owned();
    assert!(folder.exists());
    drop(server);
    let begun = Instant::now();
    while folder.exists() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it still runs");
        std::thread::yield_now();
    }
}

#[test]
fn a_postgres_server_ends_with_its_owner() {
    ends_with_its_owner(start_postgres);
}

#[test]
fn a_mariadb_server_ends_with_its_owner() {
    ends_with_its_owner(start_mariadb);
}
