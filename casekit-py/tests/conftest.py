"""Where the tests find the examples, which they run."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "examples"))
