"""`user_received_message` for what arrived on a phone. Messages carry their own receipt: it saves a send a row."""

from datetime import datetime

from sandbox.models import Message
from sandbox.zalo import events, posting
from sandbox.zalo.answers import epoch_ms


def post_due(now: datetime, limit: int) -> int:
    """Post up to `limit` receipts due at `now` (UTC); returns how many were tried. See `posting.post_due`."""
    return posting.post_due(QUEUE, now, limit)


def _written(message: Message) -> list[events.Event]:
    if message.arrives_at is None:
        return []
    account = message.account
    fields = events.user_received_message(
        oa_id=account.oa_id, to=_recipient(message), message=_told(message, message.arrives_at)
    )
    payload = events.whole("user_received_message", fields, app_id=account.app_id, at=message.arrives_at)
    event = events.signed(payload, secret_key=account.oa_secret_key, retry=message.receipt_attempts)
    return [event] * message.receipt_copies


def _recipient(message: Message) -> str:
    """As the sender named the person: by phone, by the hash of the phone, or by user id."""
    match message.channel:
        case "hash":
            return message.phone_hash
        case "phone":
            return message.phone
        case _:
            return message.user_id


def _told(message: Message, arrived_at: datetime) -> dict[str, str]:
    """A receipt towards a user id tells the message's id and no more (zalo-api §5)."""
    if message.channel not in ("phone", "hash"):
        return {"msg_id": message.msg_id}
    return {"delivery_time": epoch_ms(arrived_at), "msg_id": message.msg_id, "tracking_id": message.tracking_id}


QUEUE = posting.Queue(Message, "receipt_", _written)
