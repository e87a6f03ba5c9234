//! SQLite.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::assert_restores;

fn url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// Takes a backup by `back_up` of a file into a file, and puts that in the place of an older desk.
async fn assert_backs_up(back_up: fn(&Path, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { folder.path().join(name) };
    let (file, backup, restored) = (at("desk.db"), at("backup.db"), at("restored.db"));
    let address = url(&file);
    assert_restores(&address, move || {
        back_up(&file, &backup);
        std::fs::copy(&backup, &restored).unwrap();
        url(&restored)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vacuum_into_a_file() {
    assert_backs_up(|file, backup| {
        let connection = Connection::open(file).unwrap();
        let into = backup.to_str().unwrap();
        connection.execute("VACUUM INTO ?1", [into]).unwrap();
    })
    .await;
}

/// What `.backup` of the program `sqlite3` and `sqlite3.Connection.backup` of Python do, all pages at once.
#[tokio::test(flavor = "multi_thread")]
async fn the_backup_interface() {
    assert_backs_up(|file, backup| {
        let from = Connection::open(file).unwrap();
        let mut to = Connection::open(backup).unwrap();
        let backup = Backup::new(&from, &mut to).unwrap();
        backup
            .run_to_completion(i32::MAX, Duration::ZERO, None)
            .unwrap();
    })
    .await;
}
