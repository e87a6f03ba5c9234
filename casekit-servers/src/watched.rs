//! A server that ends with the process that started it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts the server that its arguments name, and stops it when its standard input ends, or ends
/// itself when the server does. Then the folder goes.
const WATCH: &str = r#"
exec 2>/dev/null
folder=$1; signal=$2; shift 2
exec 3<&0
"$@" </dev/null >"$folder/log" 2>&1 3<&- &
server=$!
( cat <&3 >/dev/null; kill -"$signal" "$server" 2>/dev/null ) &
# A signal to all of us, as from the keyboard, must not keep the folder from going.
trap : HUP INT TERM
while kill -0 "$server"; do wait "$server"; done
rm -rf "$folder"
"#;

/// How a server is told to end at once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signal {
    /// PostgreSQL ends all connections, and then itself.
    Interrupt,
    /// No other ends MariaDB while somebody is connected; nobody will miss its data.
    Kill,
}

/// A server that runs. Dropping it stops it, and so does the end of this process.
#[derive(Debug)]
pub struct Server {
    url: String,
    watcher: Child,
    folder: TempDir,
}

impl Server {
    /// Starts `program` in a folder and waits until `is_up`.
    pub(crate) fn start(
        folder: TempDir,
        url: String,
        program: &Command,
        signal: Signal,
        is_up: impl Fn() -> bool,
    ) -> Result<Self, String> {
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "sh"]).arg(folder.path());
        watch.arg(match signal {
            Signal::Interrupt => "INT",
            Signal::Kill => "KILL",
        });
        watch.arg(program.get_program()).args(program.get_args());
        let started = watch.stdin(Stdio::piped()).spawn();
        let watcher = started.map_err(|error| format!("`sh` cannot be started: {error}"))?;
        let mut server = Self {
            url,
            watcher,
            folder,
        };
        let begun = Instant::now();
        while !is_up() {
            let ended = !matches!(server.watcher.try_wait(), Ok(None));
            if ended || begun.elapsed() > PATIENCE {
                return Err(format!("the server did not start: {}", server.log()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// The address, of a database that is always there.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder in which it lives.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it has told.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        // It ends by itself now; if it does not, nobody can do more about it.
        let _ = self.watcher.wait();
    }
}
