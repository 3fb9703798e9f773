"""Say of every sheet whether it is well, for a person at a terminal and for a monitor."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from datahub.checkups import Report, latest
from datahub.models import ScriptPulse, SheetLink, Source
from integrations import clock
from integrations.vietnam import local

HEALTHY, FINDINGS, CANNOT_TELL = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Print what the sheet doctor knows of each Google Sheet: its connection and its last nightly checkup. "
        "Reads the database only, changes nothing. "
        "Exit code: 0 every sheet is well, 1 something was found, 2 a sheet was never checked (or there is none)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", type=int, metavar="ID", help="only the sheets of this workspace")
        parser.add_argument("--source", type=int, metavar="ID", help="only this source")
        parser.add_argument("--json", action="store_true", help="print one JSON list, for a monitor")

    def handle(self, *args: Any, **options: Any) -> None:
        sheets = (
            Source.objects.filter(kind__in=Source.SHEETS).select_related("workspace", "pulse", "link").order_by("id")
        )
        if options["workspace"] is not None:
            sheets = sheets.filter(workspace=options["workspace"])
        if options["source"] is not None:
            sheets = sheets.filter(pk=options["source"])
        told = [(source, report) for source in sheets if (report := latest(source, clock.wall()))]
        if not told and (options["workspace"] is not None or options["source"] is not None):
            raise CommandError("no sheet is fed by what was asked for", returncode=CANNOT_TELL)
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(*each) for each in told], ensure_ascii=False, indent=2))
        else:
            self.stdout.write(
                "\n".join(line for each in told for line in _lines(*each)) or "No Google Sheet is connected."
            )
        if code := _code([report for _, report in told]):
            sys.exit(code)


def _code(reports: list[Report]) -> int:
    if any(report.count for report in reports):
        return FINDINGS
    return HEALTHY if reports and all(report.checkup for report in reports) else CANNOT_TELL


def _pulse(source: Source) -> ScriptPulse | None:
    return getattr(source, "pulse", None)


def _link(source: Source) -> SheetLink | None:
    return getattr(source, "link", None)


def _as_json(source: Source, report: Report) -> dict[str, Any]:
    pulse, link = _pulse(source), _link(source)
    return {
        "source": source.pk,
        "workspace": source.workspace_id,
        "name": source.name,
        "kind": source.kind,
        "checked_at": report.checkup.at.isoformat() if report.checkup else None,
        "rows": report.checkup.rows if report.checkup else None,
        "pulse_at": pulse.at.isoformat() if pulse else None,
        "script_version": pulse.version if pulse else None,
        "link": link.state if link else None,
        "findings": [finding.as_json() for finding in report.all],
    }


def _lines(source: Source, report: Report) -> list[str]:
    pulse, link, checkup = _pulse(source), _link(source), report.checkup
    lines = [f"#{source.pk} {source.name} ({source.workspace.name})"]
    lines.append(
        f"  checkup: {local(checkup.at):%H:%M %d/%m/%Y}, {checkup.rows} rows" if checkup else "  checkup: never"
    )
    if pulse:
        lines.append(f"  pulse: {local(pulse.at):%H:%M %d/%m/%Y}, version {pulse.version or '?'}")
    if link:
        lines.append(f"  link: {link.state}")
    for finding in report.all:
        rows = f" [{', '.join(map(str, finding.rows))}]" if finding.rows else ""
        lines += [f"  {finding.tone.upper()} {finding.code}{rows}: {finding.sentence}", f"    → {finding.repair}"]
    if report.count:
        return lines
    return [*lines, "  nothing found" if checkup else "  cannot tell: no copy of the sheet has come yet"]
