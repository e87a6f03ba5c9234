//! MySQL and MariaDB.

use std::fs::File;
use std::process::Command;
use std::str::FromStr;

use casekit_servers::{client, fresh_mysql};
use percent_encoding::percent_decode_str;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, MySqlConnection};

use crate::{assert_restores, run};

/// Tells a program which database it is to work on.
fn on<'c>(command: &'c mut Command, url: &str) -> &'c mut Command {
    let options = MySqlConnectOptions::from_str(url).unwrap();
    command.arg("--no-defaults");
    match options.get_socket() {
        Some(socket) => command.arg("--socket").arg(socket),
        None => command
            .args(["--protocol=TCP", "--host", options.get_host()])
            .arg(format!("--port={}", options.get_port())),
    };
    // Not as an argument, which others on the machine see.
    if let Some(password) = options.to_url_lossy().password() {
        let password = percent_decode_str(password).decode_utf8().unwrap();
        command.env("MYSQL_PWD", password.as_ref());
    }
    command.args(["--user", options.get_username()])
}

fn database(url: &str) -> String {
    let options = MySqlConnectOptions::from_str(url).unwrap();
    options.get_database().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_in_a_single_transaction() {
    let dump = client(&["mariadb-dump", "mysqldump"]);
    let (Some(mut dump), Some(mut restore)) = (dump, client(&["mariadb", "mysql"])) else {
        return;
    };
    let (Some(url), Some(empty)) = (fresh_mysql().await, fresh_mysql().await) else {
        return;
    };
    let (address, restored) = (url.clone(), empty.clone());
    assert_restores(&url, move || {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.sql");
        let dump = on(&mut dump, &address).args(["--single-transaction", "--hex-blob"]);
        run(dump.arg("--result-file").arg(&file).arg(database(&address)));
        let backup = File::open(&file).unwrap();
        run(on(&mut restore, &empty).arg(database(&empty)).stdin(backup));
        empty
    })
    .await;
    let mut connection = MySqlConnection::connect(&restored).await.unwrap();
    let view = "SELECT count(*) FROM casekit_cases";
    connection.execute(view).await.unwrap();
}
