"""Where the tests find the examples, which they run, and what they ask pytest for."""

import sys
from pathlib import Path

import pytest

from casekit import _plugins

sys.path.append(str(Path(__file__).parents[1] / "examples"))


@pytest.fixture
def few_threads(monkeypatch: pytest.MonkeyPatch) -> _plugins._Threads:
    """Four threads for plain plugins, new ones."""
    threads = _plugins._Threads()
    monkeypatch.setattr("casekit._plugins._threads", threads)
    monkeypatch.setattr("casekit._plugins.MOST_THREADS", 4)
    return threads
