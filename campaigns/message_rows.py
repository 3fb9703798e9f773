"""The message log as rows for an export."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns import explain, labels
from campaigns.models import Message
from campaigns.models.message import MessageQuerySet
from datahub.exports.cells import Value
from datahub.exports.rows import in_stretches
from datahub.exports.sheets import Column, Table
from integrations.base import ChannelName

_COLUMNS = (
    Column("Mã khách hàng"),
    Column("Họ và tên"),
    Column("Số điện thoại", "phone"),
    Column("Mẫu tin"),
    Column("Chiến dịch"),
    Column("Kênh"),
    Column("Trạng thái"),
    Column("Lý do"),
    Column("Giờ dự kiến", "moment"),
    Column("Đã gửi", "moment"),
    Column("Đã nhận", "moment"),
)


def messages_table(found: MessageQuerySet) -> Table:
    """Each message with who it was for and what became of it."""
    named = found.select_related("record", "template", "campaign").defer("text", "params", "claims")
    return Table(_COLUMNS, (_row(message) for message in in_stretches(named)))


def _row(message: Message) -> Sequence[Value]:
    values = message.record.values
    return [
        values.get("customer_id", ""),
        values.get("customer_name", ""),
        message.phone,
        message.template.name,
        message.campaign.name,
        str(labels.WAYS[ChannelName(message.channel)]),
        str(message.get_state_display()),
        explain.reason_text(message.reason_code, message.facts) if message.reason_code else "",
        message.due_at,
        message.sent_at,
        message.delivered_at,
    ]
