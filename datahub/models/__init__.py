"""Clean clinic data: tables with a schema of their own, where rows come from, and what became of each row."""

from datahub.models.customers import Consent, Customer, CustomerQuerySet, ErasureMark, Label, Merge
from datahub.models.imports import FileImport
from datahub.models.records import Record, RecordEvent, RecordQuerySet
from datahub.models.sheets import CallPace, Checkup, LinkedRow, OutcomeCell, ScriptPulse, SheetLink
from datahub.models.sources import Batch, SheetRow, Source, new_key, new_secret
from datahub.models.tables import Dataset, Field, Segment

__all__ = [
    "Batch",
    "CallPace",
    "Checkup",
    "Consent",
    "Customer",
    "CustomerQuerySet",
    "Dataset",
    "ErasureMark",
    "Field",
    "FileImport",
    "Label",
    "LinkedRow",
    "Merge",
    "OutcomeCell",
    "Record",
    "RecordEvent",
    "RecordQuerySet",
    "ScriptPulse",
    "Segment",
    "SheetLink",
    "SheetRow",
    "Source",
    "new_key",
    "new_secret",
]
