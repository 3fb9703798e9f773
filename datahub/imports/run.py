"""Taking files in, some rows at a time, whichever worker is free."""

from __future__ import annotations

import logging
import time
from collections import Counter
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import F

from accounts.audit import record_audit
from datahub.files.problems import FileProblem, UnreadableFile
from datahub.files.reading import Reading, rows
from datahub.imports import lease as leases
from datahub.imports import storage
from datahub.imports.intake import FileIntake, NumberedRow
from datahub.imports.lease import Lease
from datahub.imports.prepare import LeaseLost, prepare
from datahub.imports.stretches import stretches, unsettled
from datahub.imports.undo import Release, undo
from datahub.models import FileImport, Source
from datahub.tables import schema_of
from integrations.base import Clock

logger = logging.getLogger(__name__)

# Less than the time between two bells.
BUDGET = timedelta(seconds=18)
ABANDONED = timedelta(days=1)
_SQLITE_PAUSE_S = 0.01
# A file whose columns were mapped wrongly fails row after row: a person should look before all of it is refused.
_MANY_WRONG = 1_000
_HALF_WRONG = "Hơn một nửa số dòng bị lỗi, có lẽ ghép cột chưa đúng. Hãy xem lý do; nếu vẫn muốn nhập, bấm Chạy tiếp."
_UNEXPECTED = "Lỗi không mong đợi khi nhập quanh dòng {row}. Các dòng trước đó đã vào; bấm Chạy tiếp để thử lại."
_UNDO_BROKE = "Lỗi không mong đợi khi hoàn tác. Phần đã hoàn tác vẫn giữ; bấm Hoàn tác để thử lại."
_GONE = FileProblem("file.gone", "Không còn tệp đã tải lên. Hãy tải tệp lên lại: các dòng đã nhập sẽ không bị trùng.")


def run_imports(*, clock: Clock, release: Release) -> Counter[str]:
    """Move every import on that has work left, within the budget; how much was done. `release` lets go of records.

    Each import for itself: one that fails says so on its page and stops no other.
    """
    deadline, done = clock.wall() + BUDGET, Counter[str]()
    done["abandoned"] = _forget_abandoned(clock.now())
    for each in leases.waiting():
        if clock.wall() < deadline and (lease := leases.take(each, clock)):
            done[each.state] += _turn(lease, deadline, release)
    return done


def _turn(lease: Lease, deadline: datetime, release: Release) -> int:
    """One import for as long as there is time; rows or records done. Whatever happens, the lease is given back."""
    file_import = lease.file_import
    try:
        if file_import.state == FileImport.State.UNDOING:
            return undo(lease, deadline, release)
        return _run(lease, deadline)
    except UnreadableFile as error:
        _fail(lease, error.problem.message)
    except FileNotFoundError:
        _fail(lease, _GONE.message)
    except LeaseLost:
        pass
    except OperationalError:
        # The database is busy or away: the next bell tries again.
        logger.warning("import %s: the database did not answer", file_import.pk, exc_info=True)
    except Exception:
        logger.exception("import %s failed", file_import.pk)
        if file_import.state == FileImport.State.UNDOING:
            _fail(lease, _UNDO_BROKE)  # half of it is taken back: it may be taken back anew, never go on
            return 0
        row = file_import.cursor + int(file_import.reading.get("header", 0)) + 1
        lease.end(state=FileImport.State.FAILED, problem=_UNEXPECTED.format(row=row))
    finally:
        lease.end()
    return 0


def _fail(lease: Lease, problem: str) -> None:
    """What no second try can mend: the file goes."""
    ended = lease.end(state=FileImport.State.FAILED, problem=problem, ended_at=lease.clock.now())
    if ended:
        storage.remove(lease.file_import)


def _run(lease: Lease, deadline: datetime) -> int:
    file_import, started = lease.file_import, lease.clock.wall()
    with storage.open_file(file_import) as stream:
        if not file_import.total and not prepare(lease, stream):
            return 0
    done = 0
    with storage.open_file(file_import) as stream:
        for chunk in stretches(unsettled(file_import, rows(stream, Reading.from_json(file_import.reading)))):
            if not _settle(lease, chunk):
                return done
            done += len(chunk)
            if _half_wrong(file_import):
                lease.end(state=FileImport.State.PAUSED, problem=_HALF_WRONG)
                return done
            if lease.clock.wall() >= deadline:
                lease.end(rate=_rate(done, started, lease.clock.wall()))
                return done
            _pause()
    _finish(lease, _rate(done, started, lease.clock.wall()))
    return done


def _settle(lease: Lease, chunk: list[NumberedRow]) -> bool:
    """Take a chunk in and move the cursor, both or neither; False where the import is no longer ours."""
    file_import, now = lease.file_import, lease.clock.now()
    held = lease.until
    with transaction.atomic():
        # First of all: the row is then locked, and whoever pauses waits for this chunk or forbids it.
        if not lease.renew():
            return False
        # The lock that every intake of a source takes first, and whoever moves its customers about.
        Source.objects.filter(pk=file_import.source_id).update(last_seen_at=now)
        try:
            tally = FileIntake(file_import, schema_of(file_import.source.dataset), now).settle(chunk)
            counts = {name: F(name) + count for name, count in vars(tally).items()}
            FileImport.objects.filter(pk=file_import.pk).update(cursor=F("cursor") + len(chunk), **counts)
        except BaseException:
            lease.until = held  # the renewal is rolled back with the rest
            raise
    file_import.cursor += len(chunk)
    file_import.wrong += tally.wrong
    return True


def _half_wrong(file_import: FileImport) -> bool:
    """Said once: who goes on has seen it."""
    many = file_import.wrong >= _MANY_WRONG and 2 * file_import.wrong > file_import.cursor
    return many and not file_import.problem


def _rate(done: int, started: datetime, ended: datetime) -> int:
    return int(done / max((ended - started).total_seconds(), 0.001))


def _finish(lease: Lease, rate: int) -> None:
    now, file_import = lease.clock.now(), lease.file_import
    with transaction.atomic():
        if not lease.end(state=FileImport.State.DONE, ended_at=now, rate=rate, problem=""):
            return
        file_import.refresh_from_db(fields=["created", "updated", "unchanged", "elsewhere", "wrong"])
        facts = {name: getattr(file_import, name) for name in ("created", "updated", "unchanged", "elsewhere", "wrong")}
        record_audit(
            workspace=file_import.workspace,
            actor=file_import.by,
            action="import.done",
            subject=file_import.pk,
            now=now,
            **facts,
        )
    storage.remove(file_import)


def _forget_abandoned(now: datetime) -> int:
    """Files that were uploaded and never taken in hold patients' names."""
    old = FileImport.objects.filter(state=FileImport.State.UPLOADED, at__lt=now - ABANDONED)
    count = 0
    for file_import in old:
        changed = FileImport.objects.filter(pk=file_import.pk, state=FileImport.State.UPLOADED)
        if changed.update(state=FileImport.State.STOPPED, ended_at=now):
            storage.remove(file_import)
            count += 1
    return count


def _pause() -> None:
    if connection.vendor == "sqlite":
        time.sleep(_SQLITE_PAUSE_S)
