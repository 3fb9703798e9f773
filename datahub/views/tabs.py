"""What stands above every page of the Data Hub."""

from __future__ import annotations

from accounts.models import Workspace


def tabs(workspace: Workspace) -> dict[str, object]:
    """The tables to choose from and how many rows are in error."""
    return {
        "datasets": workspace.datasets.order_by("id"),
        "error_count": workspace.sheet_rows.filter(accepted=False).count(),
    }
