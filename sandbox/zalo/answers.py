"""PURE. What Zalo says: error codes with their English strings (zalo-api §4.1), and its epochs in milliseconds."""

from datetime import datetime
from typing import Any

MESSAGES = {
    -100: "Unknown error",
    -106: "Method unsupported",
    -107: "Message ID invalid",
    -108: "Phone number invalid",
    -109: "Template ID invalid",
    -110: "Zalo version unsupported",
    -111: "Template data empty",
    -112: "Template data invalid",
    -114: "User is inactive, or reject the message, or using an outdated Zalo version, or other internal errors",
    -115: "Out of quota",
    -117: "OA or App does not have permission to access this template",
    -118: "Zalo account not existed",
    -119: "Account can not receive message",
    -120: "OA does not have permission to use this feature",
    -121: "Body is empty",
    -122: "Body data is not JSON",
    -124: "Access token invalid",
    -127: "Test template can only be sent to administrators",
    -131: "Template is not approved",
    -132: "Parameter invalid",
    -133: "Message can not be sent at night (from 22h-6h)",
    -135: "OA does not have permission to send ZNS",
    -1351: "OA is blocked because of violation",
    -136: "ZBS account association required",
    -137: "ZBS account charge failed",
    -139: "User refuses to receive this type of ZNS",
    -140: "User is not eligible to receive this type of ZNS",
    -141: "User refused to receive ZNS",
    -144: "ZNS daily quota exceeded",
    -1441: "ZNS monthly promotion quota exceeded",
    -145: "OA is not allowed to send this type of ZNS",
    -146: "Template is disabled because of low quality",
    -147: "Template daily quota exceeded",
    -1471: "Monthly promotion quota of this user exceeded",
    -161: "sending_mode invalid",
    -162: "sending_mode does not support this template tag",
}
OK_CODE = 0


def failed(code: int, message: str = "") -> dict[str, Any]:
    """Zalo's refusal: a code and a sentence, no data. It travels with HTTP 200."""
    return {"error": code, "message": message or MESSAGES.get(code, "Unknown error")}


def succeeded(data: Any, message: str = "Success", **beside: Any) -> dict[str, Any]:
    """Zalo's envelope around `data`; `beside` stands next to it, as `metadata` does."""
    return {"error": OK_CODE, "message": message, "data": data, **beside}


def epoch_ms(moment: datetime) -> str:
    """Milliseconds since 1970 as the string that Zalo's replies and webhooks carry."""
    return str(int(moment.timestamp() * 1000))
