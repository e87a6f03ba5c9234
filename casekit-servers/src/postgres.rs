//! PostgreSQL.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::find;
use crate::watched::{Server, Signal};

/// Whose a server is that root starts: PostgreSQL refuses to be root's.
const USER: &str = "postgres";

/// Settings of a server whose data nobody will miss.
const SETTINGS: [&str; 7] = [
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "shared_buffers=128MB",
    "autovacuum=on",
];

/// Starts a PostgreSQL server.
pub fn start() -> Result<Server, String> {
    let initdb = program("initdb")?;
    let folder = folder()?;
    let mut make = as_user(&initdb);
    make.arg("--pgdata").arg(data(&folder));
    make.args(["--username=postgres", "--auth=trust", "--encoding=UTF8"]);
    make.args(["--locale=C.UTF-8", "--no-sync", "--no-instructions"]);
    find::run(&mut make)?;
    serve(folder)
}

/// Starts a replica of a server that [`start`] started: it follows the server, and cannot be written to.
pub fn start_replica(of: &Server) -> Result<Server, String> {
    let copy = program("pg_basebackup")?;
    let folder = folder()?;
    let mut make = as_user(&copy);
    make.arg("--pgdata").arg(data(&folder));
    make.arg("--host").arg(of.folder());
    make.args(["--username=postgres", "--write-recovery-conf", "--no-sync"]);
    make.args(["--checkpoint=fast", "--wal-method=stream"]);
    find::run(&mut make)?;
    serve(folder)
}

fn program(name: &str) -> Result<PathBuf, String> {
    find::program(name, &find::folders("/usr/lib/postgresql", "bin"))
}

/// A folder of the server's user.
fn folder() -> Result<TempDir, String> {
    let folder = find::folder("casekit-postgres-")?;
    if find::is_root() {
        give_away(folder.path())?;
    }
    Ok(folder)
}

fn data(folder: &TempDir) -> PathBuf {
    folder.path().join("data")
}

/// Starts a server on the data in a folder.
fn serve(folder: TempDir) -> Result<Server, String> {
    let data = data(&folder);
    let mut serve = as_user(&program("postgres")?);
    serve.arg("-D").arg(&data).arg("-k").arg(folder.path());
    for setting in SETTINGS {
        serve.args(["-c", setting]);
    }
    let socket = folder.path().join(".s.PGSQL.5432");
    let pid = data.join("postmaster.pid");
    let url = format!(
        "postgres://postgres@localhost/postgres?host={}",
        folder.path().display()
    );
    // The last line of the file tells when connections are welcome.
    let is_up = move || {
        let told = std::fs::read_to_string(&pid).unwrap_or_default();
        socket.exists() && told.lines().any(|line| line.trim() == "ready")
    };
    Server::start(folder, url, &serve, Signal::Interrupt, is_up)
}

/// A program that is not root's.
fn as_user(program: &Path) -> Command {
    if !find::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]);
    command.arg(program);
    command
}

/// Makes the folder that of the server's user.
fn give_away(folder: &Path) -> Result<(), String> {
    let mut chown = Command::new("chown");
    find::run(chown.arg(USER).arg(folder))?;
    let owner = std::fs::metadata(folder).map_err(|error| error.to_string())?;
    match owner.uid() {
        0 => Err(format!("there is no user `{USER}`")),
        _ => Ok(()),
    }
}
