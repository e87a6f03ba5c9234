"""Writes the generated files of the package from the description of all operations.

    python casekit-py/generate DESCRIPTION FOLDER

The description is the JSON that `casekit_core::operations::describe` gives. `cargo xtask generate` does it all.
"""

import json
import sys
from pathlib import Path

import errors
import methods
import models
from schema import Schema


def main(description: Path, folder: Path) -> None:
    schema = Schema(json.loads(description.read_text("utf-8")))
    files = {
        "models.py": models.module(schema),
        "errors.py": errors.module(schema),
        "_operations.py": methods.module(schema, methods.BLOCKING),
        "aio/_operations.py": methods.module(schema, methods.ASYNCIO),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
