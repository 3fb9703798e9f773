"""The sandbox's own books: what Zalo would know about an official account, and the practice sheets.

Nothing here is shared with the product: these tables live in the database `sandbox`, behind `sandbox.router`.
All times are aware UTC. Money is in đồng.
"""

from sandbox.models.google import GoogleAccount, GoogleBook, GoogleFault, GoogleTab, GoogleToken
from sandbox.models.people import Click, Outbox, Rating, Recipient, User
from sandbox.models.sheet import PracticeSheet
from sandbox.models.sms import Sms, SmsBrand
from sandbox.models.zalo import Account, AuthCode, Counter, Fault, Message, Policy, Template, Upload

__all__ = [
    "Account",
    "AuthCode",
    "Click",
    "Counter",
    "Fault",
    "GoogleAccount",
    "GoogleBook",
    "GoogleFault",
    "GoogleTab",
    "GoogleToken",
    "Message",
    "Outbox",
    "Policy",
    "PracticeSheet",
    "Rating",
    "Recipient",
    "Sms",
    "SmsBrand",
    "Template",
    "Upload",
    "User",
]
