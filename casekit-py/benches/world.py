"""The same cases for both: who wrote what about."""

from __future__ import annotations

import random
from dataclasses import dataclass

CASES = 20_000

THINGS = [
    "lamp",
    "printer",
    "kettle",
    "router",
    "invoice",
    "parcel",
    "scooter",
    "heater",
    "camera",
    "ticket",
]
TROUBLES = [
    "broken",
    "late",
    "missing",
    "noisy",
    "cold",
    "wrong",
    "slow",
    "leaking",
    "unpaid",
    "double",
]
WORDS = [
    "please",
    "the",
    "order",
    "arrived",
    "without",
    "a",
    "manual",
    "and",
    "nobody",
    "answers",
    "since",
    "Monday",
    "it",
    "is",
    "not",
    "what",
    "we",
    "bought",
]

RARE = "quicksilver"
"""A word of every 500th case, which is searched for."""


@dataclass(frozen=True)
class Written:
    email: str
    subject: str
    text: str


def written(number: int) -> Written:
    chance = random.Random(number)
    words = [chance.choice(WORDS) for _ in range(40)]
    if number % 500 == 0:
        words[20] = RARE
    subject = f"{chance.choice(THINGS)} {chance.choice(TROUBLES)}"
    return Written(f"customer{number % 2000}@example.org", subject, " ".join(words))
