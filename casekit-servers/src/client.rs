//! Programs that work on a server: for backups and the like.

use std::process::{Command, Stdio};

use crate::find;

/// The first of these programs that is there, ready for its arguments and without input; none, which is
/// said loudly, if there is none of them.
pub fn client(names: &[&str]) -> Option<Command> {
    match find_client(names) {
        Ok(command) => Some(command),
        Err(why) => crate::skipped(&why),
    }
}

/// The same, for who can do something about it when there is none.
pub fn find_client(names: &[&str]) -> Result<Command, String> {
    // Those of the server's own version first: an older one refuses to read from it.
    let folders = find::folders("/usr/lib/postgresql", "bin");
    let mut all = names.iter().map(|name| find::program(name, &folders));
    let program = all.find_map(Result::ok).ok_or_else(|| {
        let names = names.join("` nor `");
        format!("there is no program `{names}`")
    })?;
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    Ok(command)
}
