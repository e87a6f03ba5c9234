//! Prints the description of all operations, from which the Python and JavaScript packages are generated.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let description = format!("{:#}\n", casekit_core::operations::describe());
    std::io::stdout().write_all(description.as_bytes())
}
