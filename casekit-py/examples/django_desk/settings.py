"""The settings of the example."""

import os

SECRET_KEY = "only for the example"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "django_desk.desk.urls"
INSTALLED_APPS = ["django_desk.desk"]
MIDDLEWARE = ["django_desk.desk.middleware.Refusals"]
USE_TZ = True

DESK_URL = os.environ.get("DESK_URL", "sqlite:///desk.db")
"""Where the cases live: beside the tables of Django in the same database, if one likes."""

DESK_WORKSPACE = "01900000-0000-7000-8000-000000000001"
