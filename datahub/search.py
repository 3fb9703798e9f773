"""What the search boxes ask of the column `search` of records and of customers."""

from __future__ import annotations

from django.db.models import Q

from datahub.text import search_key

# PostgreSQL's index of pieces knows them three letters at a time.
_PIECE = 3


def containing(text: str) -> Q:
    """Code, name (marks and case ignored) or phone contains `text`; one or two letters must begin a word of them."""
    asked = search_key(text)
    if len(asked) >= _PIECE:
        return Q(search__contains=asked)
    return Q(search__startswith=asked) | Q(search__contains=f" {asked}")
