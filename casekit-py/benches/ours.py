"""The work of a help desk, done by casekit."""

from __future__ import annotations

from pathlib import Path

from world import CASES, RARE, written

import casekit


class Ours:
    def __init__(self, folder: Path) -> None:
        self.desk = casekit.connect(f"sqlite:///{folder / 'casekit.db'}")
        self.system = self.desk.system(self.desk.new_id())
        self.system.create_workspace("Acme")
        anna = self.system.create_agent("Anna", email="anna@example.org")
        self.agent = self.desk.agent(self.system.workspace, anna.id)
        self.number = 0

    def fill(self) -> None:
        while self.number < CASES:
            self.create()

    def create(self) -> None:
        found = written(self.number)
        self.number += 1
        self.system.open_case(
            casekit.Contact(email=found.email),
            subject=found.subject,
            message=casekit.customer_says(found.text),
        )

    def follow_up(self) -> None:
        self.agent.reply(self.number // 2, message="We look into it.")

    def newest(self) -> None:
        found = self.agent.find_cases(sort=casekit.CaseSort.OPENED, limit=50)
        assert len(found.cases) == 50

    def search(self) -> None:
        found = self.agent.search_cases(RARE, limit=50, sort=casekit.CaseSort.OPENED)
        assert len(found.found) >= CASES // 500
