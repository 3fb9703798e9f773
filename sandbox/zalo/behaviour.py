"""What people do: with a message that reached them, and with the account itself. Each deed is told by its event.

A deed on a message happens at the moment given, which may lie ahead: `react` settles with the send what the person
will do once it has arrived, so that no process has to be running for it, as the arrival itself is settled.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from sandbox.models import Account, Click, Message, Rating, Recipient, User
from sandbox.zalo import events, ladder, outbox, tallies

RATING_KIND = 5  # of a template: asks for one to five stars
MOST_STARS = 5
CLICKS_AFTER, RATES_AFTER, REPORTS_AFTER = timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)


def react(message: Message, person: Recipient) -> None:
    """Let the person do with an accepted message what they do with each that arrives."""
    if message.arrives_at is None:
        return
    if person.clicks:
        press(message, at=message.arrives_at + CLICKS_AFTER)
    if person.rates and asks_for_stars(message):
        rate(message, person.rates, at=message.arrives_at + RATES_AFTER)
    if person.reports:
        report(message, at=message.arrives_at + REPORTS_AFTER)


def asks_for_stars(message: Message) -> bool:
    """Whether it is a rating message."""
    return message.template is not None and message.template.kind == RATING_KIND


def rate(message: Message, stars: int, *, note: str = "", feedbacks: Sequence[str] = (), at: datetime) -> bool:
    """Answer a rating message with one to five stars. False if it asks for none, or has its answer."""
    if not asks_for_stars(message) or not _has_arrived(message, at):
        return False
    told = {"rate": stars, "note": note, "feedbacks": list(feedbacks)}
    _, is_new = Rating.objects.get_or_create(message=message, defaults={**told, "at": at})
    if is_new:
        feedback = events.user_feedback(
            oa_id=message.account.oa_id,
            msg_id=message.msg_id,
            tracking_id=message.tracking_id,
            rate=stars,
            note=note,
            feedbacks=feedbacks,
            at=at,
        )
        outbox.queue(message.account, "user_feedback", feedback, at=at)
    return is_new


def press(message: Message, *, at: datetime) -> bool:
    """Press the message's button. False if it has none. (Zalo tells of answer buttons only; here of every button.)"""
    button = message.template.button if message.template else {}
    if not button or not _has_arrived(message, at):
        return False
    title = str(button.get("title", ""))
    Click.objects.create(message=message, data=title, at=at)
    click = events.user_click_response_button(
        oa_id=message.account.oa_id,
        msg_id=message.msg_id,
        tracking_id=message.tracking_id,
        button_type=str(button.get("type", "")),
        data=title,
        at=at,
    )
    outbox.queue(message.account, "user_click_response_button", click, at=at)
    return True


def report(message: Message, *, at: datetime) -> bool:
    """Report a message, once. Zalo tells nobody; later than 48 hours after the receipt it does not count either."""
    if not _has_arrived(message, at) or message.arrives_at is None:
        return False
    ours = Message.objects.filter(id=message.id, reported_at=None).update(reported_at=at)
    if ours and message.template and at <= message.arrives_at + ladder.COUNTS_WITHIN:
        tallies.note_report(message.account.oa_id, message.template.template_id, at)
    return bool(ours)


def _has_arrived(message: Message, at: datetime) -> bool:
    return message.arrives_at is not None and message.arrives_at <= at


def user_of(account: Account, phone: str) -> User:
    """The person with this phone (84…) as the account knows them; made known if need be, with the same id each time."""
    identity = hashlib.sha256(f"{account.oa_id}:{phone}".encode()).hexdigest()
    user, _ = User.objects.get_or_create(
        account=account, phone=phone, defaults={"user_id": str(int(identity[:15], 16)).zfill(19)}
    )
    return user


def follow(user: User, *, follows: bool = True, at: datetime) -> bool:
    """Follow the account, or leave it. False if it is so already."""
    changed = User.objects.filter(id=user.id, is_follower=not follows).update(is_follower=follows)
    if changed:
        name = "follow" if follows else "unfollow"
        outbox.queue(user.account, name, events.followed(oa_id=user.account.oa_id, user_id=user.user_id), at=at)
    return bool(changed)


def write(user: User, text: str, *, at: datetime) -> None:
    """Write to the account: the window in which it may answer opens anew, with all its free replies."""
    _interacts(user, at)
    told = events.user_send_text(
        oa_id=user.account.oa_id, user_id=user.user_id, msg_id=secrets.token_hex(10), text=text
    )
    outbox.queue(user.account, "user_send_text", told, at=at)


def share_phone(user: User, *, name: str, phone: str, at: datetime) -> None:
    """Fill in the form that asks for name and phone (84…); it is written in the chat, so it opens the window too."""
    User.objects.filter(id=user.id).update(name=name, phone=phone)
    _interacts(user, at)
    told = events.user_submit_info(oa_id=user.account.oa_id, user_id=user.user_id, name=name, phone=phone)
    outbox.queue(user.account, "user_submit_info", told, at=at)


def _interacts(user: User, at: datetime) -> None:
    earlier = Q(last_interaction_at__isnull=True) | Q(last_interaction_at__lt=at)
    User.objects.filter(earlier, id=user.id).update(last_interaction_at=at, free_replies_used=0)


def block(phone: str, *, blocks: bool = True) -> None:
    """Block the accounts, or let them write again. Zalo tells nobody: the next send is answered -141."""
    Recipient.objects.update_or_create(phone=phone, defaults={"blocked": blocks})
