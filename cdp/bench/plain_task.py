"""The plain task. Kind to Celery: no look at the row before it sends, no quota, no history, no doubt."""

from __future__ import annotations

from campaigns.models import Message
from campaigns.states import MessageState
from cdp.bench.plain_celery import app
from integrations.base import OutgoingMessage
from integrations.http import Reply
from integrations.zalo import api


@app.task
def send(pk: int, tracking_id: str, phone: str, template_id: str, params: dict[str, str]) -> None:
    """One POST over the process's one session, one UPDATE."""
    outcome = api.send_template(api.Credentials("t"), OutgoingMessage(tracking_id, phone, template_id, params))
    if isinstance(outcome, Reply) and outcome.body and outcome.body.get("error") == 0:
        msg_id = outcome.body["data"]["msg_id"]
        Message.objects.filter(pk=pk).update(state=MessageState.SENT, msg_id=msg_id)
