"""What the message log can be narrowed to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from campaigns.models import Campaign, Message
from campaigns.models.message import MessageQuerySet
from datahub.models import Record
from integrations.vietnam import at


class MessageFilter(forms.Form):
    """Search, state, campaign and day. A filter that makes no sense is no filter."""

    q = forms.CharField(
        required=False,
        label=_("Tìm"),
        widget=forms.TextInput(attrs={"placeholder": _("Tên, mã khách hàng hoặc số điện thoại"), "type": "search"}),
    )
    state = forms.ChoiceField(
        required=False, label=_("Trạng thái"), choices=[("", _("Mọi trạng thái")), *Message.State.choices]
    )
    campaign = forms.ModelChoiceField(
        required=False, label=_("Chiến dịch"), queryset=Campaign.objects.none(), empty_label=_("Mọi chiến dịch")
    )
    day = forms.DateField(
        required=False, label=_("Ngày dự kiến"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspace = workspace
        self.fields["campaign"].queryset = Campaign.objects.filter(workspace=workspace, source=None)  # type: ignore[attr-defined]

    def narrow(self, found: MessageQuerySet) -> MessageQuerySet:
        """The messages that are looked for."""
        self.is_valid()
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        if text := wanted.get("q"):
            found = found.filter(record__in=Record.objects.filter(workspace=self.workspace).search(text))
        if day := wanted.get("day"):
            found = found.filter(due_at__gte=at(day), due_at__lt=at(day + timedelta(days=1)))
        return found.filter(**{name: wanted[name] for name in ("state", "campaign") if name in wanted})
