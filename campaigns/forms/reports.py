"""Số báo xấu: what a person read in Zalo's own pages."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from integrations.models import MessageTemplate, OfficialAccount

MOST = 100_000


def _not_zero(count: int) -> None:
    if count == 0:
        raise ValidationError(_("Nhập một số khác 0."))


class ReportsForm(forms.Form):
    """So many more reports of today, of one template if that is known; a negative number takes a mistake back."""

    count = forms.IntegerField(
        label=_("Số báo xấu thêm hôm nay"),
        min_value=-MOST,
        max_value=MOST,
        validators=[_not_zero],
        error_messages={"min_value": _("Tối thiểu -100.000."), "max_value": _("Tối đa 100.000.")},
        help_text=_("Xem ở trang chất lượng của Zalo. Nhập phần tăng thêm so với lần nhập trước; số âm để bớt."),
    )
    template: forms.ModelChoiceField[MessageTemplate] = forms.ModelChoiceField(
        label=_("Mẫu tin bị báo xấu"), queryset=None, required=False, empty_label=_("Không rõ mẫu nào")
    )

    def __init__(self, data: Any = None, *, account: OfficialAccount) -> None:
        super().__init__(data, prefix="reports")
        templates = account.templates.listed().order_by("name", "pk")
        cast("forms.ModelChoiceField[MessageTemplate]", self.fields["template"]).queryset = templates
