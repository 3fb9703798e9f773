"""Linking a sheet that was shared with a service account: what an admin brings is shown to Google first, then kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from accounts.audit import record_audit
from accounts.models import User
from datahub.linked import pace, words
from datahub.linked.address import Address
from datahub.linked.table import Missing, read_table
from datahub.models import Dataset, LinkedRow, SheetLink, Source
from datahub.sources import create_source
from datahub.tables import schema_of
from integrations.base import Clock
from integrations.google_sheets.key_file import KeyFile
from integrations.google_sheets.sheets_api import Later, Refused, Spreadsheet, Tab

MOST_TABS = 30
# What belongs to the sheet that was linked before.
_FRESH: dict[str, object] = {
    "digest": "",
    "headers": [],
    "pulled_at": None,
    "changed_at": None,
    "failures": 0,
    "problem": "",
}


@dataclass(frozen=True)
class SeenTab:
    """A tab of the spreadsheet, and which columns it lacks to be read."""

    tab: Tab
    missing: tuple[str, ...]


@dataclass(frozen=True)
class NotLinked:
    """Nothing was changed; `why` is a sentence for the admin."""

    why: str


@transaction.atomic
def create_link(*, target: Source | Dataset, key: KeyFile, name: str, actor: User, now: datetime) -> SheetLink:
    """A link that knows its account and no sheet yet: for a source that has none, or a new one that feeds the table."""
    if isinstance(target, Dataset):
        target = create_source(dataset=target, name=name, kind=Source.Kind.SHEETS)
    Source.objects.filter(pk=target.pk).update(kind=Source.Kind.SHEETS)
    link = SheetLink.objects.create(
        source=target, service_account=key.text, client_email=key.client_email, spreadsheet_id="", next_pull_at=now
    )
    _audit(link, "link.create", actor, now, account=key.client_email)
    return link


def look(link: SheetLink, spreadsheet_id: str, clock: Clock) -> list[SeenTab] | NotLinked:
    """What the account sees there this moment: two reads."""
    permit = partial(pace.wait_for, client_email=link.client_email, clock=clock)
    remote = Spreadsheet(key=link.service_account, spreadsheet_id=spreadsheet_id, permit=permit)
    tabs = remote.tabs()
    if isinstance(tabs, Later | Refused):
        return NotLinked(_sentence(tabs, link))
    heads = remote.heads(tabs[:MOST_TABS])
    if isinstance(heads, Later | Refused):
        return NotLinked(_sentence(heads, link))
    schema = schema_of(link.source.dataset)
    tables = ((tab, read_table([head], schema)) for tab, head in zip(tabs, heads, strict=False))
    return [SeenTab(tab, table.columns if isinstance(table, Missing) else ()) for tab, table in tables]


def _sentence(trouble: Later | Refused, link: SheetLink) -> str:
    return words.refused(trouble.why, link.client_email) if isinstance(trouble, Refused) else words.BUSY


def attach(*, link: SheetLink, address: Address, actor: User, clock: Clock) -> list[SeenTab] | NotLinked:
    """Link the spreadsheet at this address, once Google has shown it. The tab is chosen where only one can be meant.

    The tabs, for the admin to choose from; `link.worksheet` stays empty until one is chosen, and nothing is read.
    """
    seen = look(link, address.spreadsheet_id, clock)
    if isinstance(seen, NotLinked):
        return seen
    if link.spreadsheet_id != address.spreadsheet_id:
        _move(link, clock.now(), spreadsheet_id=address.spreadsheet_id, worksheet="", gid=None)
        _audit(link, "link.attach", actor, clock.now(), spreadsheet=address.spreadsheet_id)
    ready = [each.tab for each in seen if not each.missing]
    meant = [tab for tab in ready if tab.gid == address.gid] or ready
    if len(meant) == 1:
        outcome = choose_tab(link=link, tab=meant[0], actor=actor, now=clock.now())
        return outcome or seen
    return seen


def choose_tab(*, link: SheetLink, tab: Tab, actor: User, now: datetime) -> NotLinked | None:
    """Read this tab from now on; why not, where another source of the clinic reads it already."""
    same = SheetLink.objects.filter(
        source__workspace=link.source.workspace_id, spreadsheet_id=link.spreadsheet_id, gid=tab.gid
    )
    if other := same.exclude(pk=link.pk).select_related("source").first():
        return NotLinked(f"Trang “{tab.title}” đã được nối ở nguồn “{other.source.name}”.")
    if link.gid != tab.gid or not link.worksheet:
        _move(link, now, worksheet=tab.title[:120], gid=tab.gid)
        _audit(link, "link.tab", actor, now, tab=tab.title[:120])
    return None


@transaction.atomic
def _move(link: SheetLink, now: datetime, **where: object) -> None:
    """The link means another place: what was known of the old one's rows says nothing of the new."""
    LinkedRow.objects.filter(link=link).delete()
    _change(link, **_FRESH, **where, state=SheetLink.State.WORKING, next_pull_at=now, lease_until=None)


@transaction.atomic
def replace_key(*, link: SheetLink, key: KeyFile, actor: User, now: datetime) -> None:
    """The same sheet under another key, and a new try at once."""
    _change(link, service_account=key.text, client_email=key.client_email)
    ring(link, now)
    _audit(link, "link.key", actor, now, account=key.client_email)


def ring(link: SheetLink, now: datetime) -> None:
    """Let the link's turn come with the next bell."""
    SheetLink.objects.filter(pk=link.pk).update(next_pull_at=now, failures=0)


@transaction.atomic
def disconnect(*, link: SheetLink, actor: User, now: datetime) -> None:
    """Read the sheet no more and forget the key; the source and its records stay, to be fed by a script."""
    _audit(link, "link.disconnect", actor, now, spreadsheet=link.spreadsheet_id)
    Source.objects.filter(pk=link.source_id).update(kind=Source.Kind.SCRIPT)
    link.delete()


def _change(link: SheetLink, **columns: object) -> None:
    for name, value in columns.items():
        setattr(link, name, value)
    link.save(update_fields=list(columns))


def _audit(link: SheetLink, action: str, actor: User, now: datetime, **facts: str) -> None:
    record_audit(workspace=link.source.workspace, actor=actor, action=action, subject=link.source_id, now=now, **facts)
