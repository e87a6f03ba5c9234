//! PostgreSQL and MariaDB for the tests: started once for all of them.

use std::process::Command;

use anyhow::{Result, bail};
use casekit_servers::{
    MYSQL_URL, POSTGRES_URL, Server, find_client, start_mariadb, start_postgres,
};

use crate::run::Run;
use crate::steps::Steps;

/// Servers that end with the command.
#[derive(Default)]
pub(crate) struct Servers {
    started: Vec<(&'static str, Server)>,
}

/// A database that is a server.
struct Kind {
    name: &'static str,
    variable: &'static str,
    packages: &'static [&'static str],
    /// The program that makes backups, by its names.
    dump: &'static [&'static str],
    start: fn() -> Result<Server, String>,
}

const KINDS: [Kind; 2] = [
    Kind {
        name: "PostgreSQL server",
        variable: POSTGRES_URL,
        packages: &["postgresql"],
        dump: &["pg_dump"],
        start: start_postgres,
    },
    Kind {
        name: "MariaDB server",
        variable: MYSQL_URL,
        // Without the service that the whole package would start.
        packages: &["mariadb-server-core", "mariadb-client"],
        dump: &["mariadb-dump", "mysqldump"],
        start: start_mariadb,
    },
];

impl Servers {
    /// Finds or starts a server of each kind: the one that the environment names, else one of our own.
    pub(crate) fn find(steps: &mut Steps) -> Self {
        let mut servers = Self::default();
        for kind in &KINDS {
            let found = steps.find(kind.name, || match std::env::var(kind.variable) {
                Ok(url) if !url.is_empty() => Ok((None, "given".to_owned())),
                _ => Ok((Some(start(kind)?), "started".to_owned())),
            });
            if let Some(Some(server)) = found {
                servers.started.push((kind.variable, server));
            }
        }
        servers
    }

    /// The variables that tell tests of the servers that were started.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let started = self.started.iter();
        started
            .map(|(variable, server)| (*variable, server.url().to_owned()))
            .collect()
    }

    /// Keeps them until the end of the input, for tests that are run by hand.
    pub(crate) fn keep(self) -> Result<()> {
        for (variable, url) in self.variables() {
            println!("export {variable}='{url}'");
        }
        println!("They end with this program: press Control-D.");
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
        Ok(())
    }
}

/// Starts a server, installing it first where it is missing and that is allowed.
fn start(kind: &Kind) -> Result<Server> {
    let start = || find_client(kind.dump).and_then(|_| (kind.start)());
    let packages = kind.packages.join(" ");
    match start() {
        Ok(server) => Ok(server),
        Err(why) if may_install() => {
            println!("      {why}; installs `{packages}` of Debian");
            install(kind.packages)?;
            start().map_err(anyhow::Error::msg)
        }
        Err(why) => bail!("{why}; Debian has it in `{packages}`"),
    }
}

/// Whether packages can be installed: by root, with Debian's tools.
fn may_install() -> bool {
    let user = Command::new("id").arg("-u").output();
    let is_root = user.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    is_root && Command::new("apt-get").arg("--version").output().is_ok()
}

fn install(packages: &[&str]) -> Result<()> {
    // The lists on the machine may be old or missing.
    if let Err(error) = Run::new("apt-get").args(["update", "-qq"]).run() {
        println!("      the package lists are used as they are: {error:#}");
    }
    Run::new("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        // No service is to be started on this machine.
        .env("RUNLEVEL", "1")
        .run()
}
