//! MariaDB.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;

use crate::find;
use crate::watched::{Server, Signal};

/// Settings of a server whose data nobody will miss.
const SETTINGS: [&str; 7] = [
    "--no-defaults",
    "--skip-networking",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-flush-method=nosync",
    "--max-connections=300",
    "--skip-log-bin",
];

/// Starts a MariaDB server.
pub fn start() -> Result<Server, String> {
    let folders = [PathBuf::from("/usr/sbin"), PathBuf::from("/usr/libexec")];
    let (install, serve) = (
        find::program("mariadb-install-db", &folders)?,
        find::program("mariadbd", &folders)?,
    );
    let folder = find::folder("casekit-mariadb-")?;
    let data = format!("--datadir={}", folder.path().join("data").display());
    // Root's, when root starts it, has to be said.
    let user = find::is_root().then_some("--user=root");
    let mut make = Command::new(install);
    make.args([
        "--no-defaults",
        "--skip-test-db",
        "--auth-root-authentication-method=normal",
    ]);
    // Servers that share a folder take each other's temporary tables away, also while they are made.
    make.env("TMPDIR", folder.path());
    find::run(make.arg(&data).args(user))?;
    let socket = folder.path().join("socket");
    let mut command = Command::new(serve);
    command.args(SETTINGS).arg(&data).args(user);
    command.arg(format!("--socket={}", socket.display()));
    command.arg(format!("--tmpdir={}", folder.path().display()));
    let url = format!("mysql://root@localhost/mysql?socket={}", socket.display());
    let is_up = move || UnixStream::connect(&socket).is_ok();
    Server::start(folder, url, &command, Signal::Kill, is_up)
}
