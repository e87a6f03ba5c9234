//! SQLite in a process that was forked from one that used it: refused.
//!
//! SQLite remembers in memory which files it has locked, because a system like POSIX gives up all locks that a process
//! has on a file as soon as it closes it anywhere. A child inherits that memory without the locks: it would take none
//! itself, and lose what it writes (<https://sqlite.org/howtocorrupt.html>, 2.6). It inherits the locks between threads,
//! too, as they are: one that was held, while a connection was closed say, is never opened, for any file.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use casekit_core::{Error, ErrorKind, Result};

/// The process that used SQLite first; 0 while none did.
static USED_BY: AtomicU32 = AtomicU32::new(0);

/// Says that this process uses SQLite.
///
/// # Errors
/// `Unsupported` if one from which it was forked did before.
pub(super) fn begin() -> Result<()> {
    let this = process::id();
    let used = USED_BY.compare_exchange(0, this, Ordering::Relaxed, Ordering::Relaxed);
    match used {
        Err(first) if first != this => Err(Error::new(
            ErrorKind::Unsupported,
            "this process was forked from one that used SQLite, which would lose what it writes here: use SQLite \
             after the fork only, or start this process anew (`spawn`)",
        )),
        _ => Ok(()),
    }
}
