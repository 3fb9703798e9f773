"""What a person asks of the gallery and of one template."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from campaigns import gallery
from campaigns.labels import TEMPLATE_STATUSES
from campaigns.zalo_words import param_problem
from datahub.phones import phone as read_phone
from datahub.text import FieldError
from integrations.models import MessageTemplate, MessageTemplateQuerySet
from integrations.zalo.contract import is_required, mismatch, param_problems

# Zalo: a title of 9–65 characters, one to four paragraphs of 9–400 each; the whole in one box.
LONGEST_TITLE, LONGEST_BODY = 200, 2000


class GalleryForm(forms.Form):
    """Which templates, and what stands in their parameters' places."""

    account = forms.TypedChoiceField(label=_("OA"), required=False, coerce=int, empty_value=None)
    tag = forms.TypedChoiceField(
        label=_("Loại nội dung"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Mọi loại")), *MessageTemplate.TagChoice.choices],
    )
    status = forms.ChoiceField(
        label=_("Trạng thái"),
        required=False,
        choices=[("", _("Mọi trạng thái, trừ đã xóa")), *TEMPLATE_STATUSES.items()],
    )
    shows = forms.ChoiceField(
        label=_("Hiện tham số"),
        required=False,
        choices=[
            ("", _("tên tham số")),
            (gallery.SAMPLE, _("dữ liệu mẫu của Zalo")),
            (gallery.VISIT, _("lượt khám gần nhất")),
        ],
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = workspace.official_accounts.order_by("name").values_list("pk", "name")
        cast(forms.ChoiceField, self.fields["account"]).choices = [("", _("Mọi OA")), *accounts]

    def found(self, templates: MessageTemplateQuerySet) -> MessageTemplateQuerySet:
        """Those that were asked for; what cannot be read asks for nothing."""
        asked = self.cleaned_data if self.is_valid() else {}
        for name in ("account", "tag"):
            if asked.get(name):
                templates = templates.filter(**{name: asked[name]})
        status = asked.get("status")
        return templates.filter(status=status) if status else templates.listed()

    @property
    def chosen(self) -> str:
        """What stands in the parameters' places."""
        return (self.cleaned_data.get("shows") if self.is_valid() else "") or gallery.NAMES


class WordingForm(forms.Form):
    """A template's wording as a person copies it from Zalo's page."""

    title = forms.CharField(label=_("Tiêu đề"), max_length=LONGEST_TITLE)
    body = forms.CharField(
        label=_("Nội dung"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Mỗi đoạn một dòng; tham số viết trong dấu nhọn, ví dụ <customer_name>."),
    )

    def __init__(self, *args: Any, template: MessageTemplate, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"title": template.title, "body": template.body}, **kwargs})
        self.template = template

    def clean(self) -> dict[str, Any]:
        """A parameter that Zalo does not know means that another template's wording was pasted."""
        data = super().clean() or {}
        found = mismatch(self.template.params, self.template.buttons, f"{data.get('title')}\n{data.get('body')}")
        if found.unknown and self.template.params:
            names = ", ".join(found.unknown)
            self.add_error("body", _("Mẫu ở Zalo không có tham số: %(names)s.") % {"names": names})
        return data


class TrialForm(forms.Form):
    """Gửi thử: whose phone, and what stands in the parameters' places."""

    phone = forms.CharField(
        label=_("Số điện thoại quản trị viên"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        help_text=_("Zalo chỉ gửi thử cho quản trị viên của ứng dụng hoặc của OA."),
    )

    def __init__(self, *args: Any, template: MessageTemplate, values: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template = template
        for param in template.params:
            name = param["name"]
            self.fields[f"param:{name}"] = forms.CharField(
                label=name, required=is_required(param), max_length=400, initial=values.get(name, "")
            )

    def clean_phone(self) -> str:
        """84 and nine digits."""
        read = read_phone(self.cleaned_data["phone"])
        if isinstance(read, FieldError):
            raise forms.ValidationError(_("Số điện thoại không đúng, ví dụ 0912345678."))
        return read

    def clean(self) -> dict[str, Any]:
        """What Zalo would refuse is said here."""
        data = super().clean() or {}
        for problem in param_problems(self.template.params, self.params):
            if problem.code != "missing":
                self.add_error(f"param:{problem.name}", param_problem(problem))
        return data

    @property
    def params(self) -> dict[str, str]:
        """Parameter → text."""
        names = [param["name"] for param in self.template.params]
        return {name: self.cleaned_data.get(f"param:{name}", "") for name in names}
