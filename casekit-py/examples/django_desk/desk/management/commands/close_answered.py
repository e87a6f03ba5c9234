"""`manage.py close_answered --days 5` closes the cases that wait for a customer who says no more."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, timedelta, timezone
from typing import Any

from django.core.management.base import BaseCommand

import casekit

from ... import desks


class Command(BaseCommand):
    help = "Closes cases that were answered and have been silent since."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=float, default=5)

    def handle(self, *args: Any, **options: Any) -> None:
        silent_since = datetime.now(timezone.utc) - timedelta(days=options["days"])
        system = desks.system()
        closed = 0
        active = casekit.CaseFilter(status=casekit.Status.ACTIVE)
        # A list that is changed while one goes through it would skip some.
        for case in list(system.cases(filter=active)):
            said = case.attention
            if said.awaiting_since or not said.staff_last_at or said.staff_last_at > silent_since:
                continue
            try:
                # Not if the customer writes at this very moment.
                system.close_case(case.id, reason="no answer", seen=case.version)
                closed += 1
            except casekit.Conflict as conflict:
                self.stderr.write(f"case {case.number} stays open: {conflict}")
        self.stdout.write(f"{closed} cases closed")
