"""The same work, done by django-helpdesk as its own pages and forms do it."""

# It is only there for the benchmark.
# pyright: reportMissingImports=false

from __future__ import annotations

from pathlib import Path
from typing import Any

from world import CASES, RARE, written


def set_up(folder: Path) -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.configure(
        SECRET_KEY="only for the benchmark",
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "helpdesk.db"),
                # What casekit sets as well.
                "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"},
            }
        },
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.humanize",
            "django.contrib.messages",
            "django.contrib.sessions",
            "django.contrib.sites",
            "rest_framework",
            "helpdesk",
        ],
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        ROOT_URLCONF="addresses",
        SITE_ID=1,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        # It has teams of another library otherwise, which nothing here needs.
        HELPDESK_TEAMS_MODEL="auth.Group",
        HELPDESK_TEAMS_MIGRATION_DEPENDENCIES=[],
        HELPDESK_KBITEM_TEAM_GETTER=lambda _: None,
        # Nothing is sent.
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    )
    django.setup()
    call_command("migrate", verbosity=0)


class Theirs:
    def __init__(self, folder: Path) -> None:
        set_up(folder)
        from django.contrib.auth.models import User
        from helpdesk.models import Queue
        from helpdesk.user import HelpdeskUser

        self.queue = Queue.objects.create(title="Acme", slug="acme", allow_public_submission=True)
        self.agent = User.objects.create_superuser("anna", "anna@example.org", "secret")
        self.huser: Any = HelpdeskUser(self.agent)
        self.number = 0

    def fill(self) -> None:
        from helpdesk.models import FollowUp, Ticket

        found = [written(number) for number in range(CASES)]
        tickets = Ticket.objects.bulk_create(
            Ticket(
                queue=self.queue,
                title=case.subject,
                description=case.text,
                submitter_email=case.email,
            )
            for case in found
        )
        FollowUp.objects.bulk_create(
            FollowUp(ticket=ticket, title="Ticket opened", comment=ticket.description, public=True)
            for ticket in tickets
        )
        self.number = CASES

    def create(self) -> None:
        """As its form for the public does it."""
        from helpdesk.forms import PublicTicketForm

        found = written(self.number)
        self.number += 1
        form = PublicTicketForm(
            hidden_fields=(),
            readonly_fields=(),
            data={
                "queue": self.queue.id,
                "title": found.subject,
                "body": found.text,
                "submitter_email": found.email,
                "priority": 3,
            },
        )
        assert form.is_valid(), form.errors
        form.save(None)

    def follow_up(self) -> None:
        from helpdesk.models import Ticket
        from helpdesk.update_ticket import update_ticket

        ticket = Ticket.objects.get(pk=self.number // 2)
        update_ticket(self.agent, ticket, comment="We look into it.", public=True)

    def newest(self) -> None:
        assert len(self.listed("")) == 50

    def search(self) -> None:
        assert len(self.listed(RARE)) >= CASES // 500

    def listed(self, text: str) -> Any:
        """What its list of tickets asks for."""
        from helpdesk.query import get_query_class

        params = {
            "filtering": {},
            "filtering_null": {},
            "sorting": "created",
            "sortreverse": "desc",
            "search_string": text,
        }
        query = get_query_class()(self.huser, query_params=params)
        shown = {"draw": ["1"], "length": ["50"], "start": ["0"], "search[value]": [""]}
        return query.get_datatables_context(**shown)["data"]
