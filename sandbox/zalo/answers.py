"""PURE. What Zalo says: error codes with their English strings (zalo-api §4), and its epochs in milliseconds."""

from datetime import datetime
from typing import Any

MESSAGES = {
    -32: "Your application reached limit call api",
    -100: "Unknown error",
    -106: "Method unsupported",
    -107: "Message ID invalid",
    -108: "Phone number invalid",
    -109: "Template ID invalid",
    -1091: "Template can not be edited",
    -110: "Zalo version unsupported",
    -111: "Template data empty",
    -112: "Template data invalid",
    -113: "Button invalid",
    -1131: "Button link invalid",
    -1132: "Template needs at least one CTA",
    -114: "User is inactive, or reject the message, or using an outdated Zalo version, or other internal errors",
    -115: "Out of quota",
    -116: "Text invalid",
    -117: "OA or App does not have permission to access this template",
    -118: "Zalo account not existed",
    -119: "Account can not receive message",
    -120: "OA does not have permission to use this feature",
    -1201: "OA is not allowed to create template of this tag",
    -121: "Body is empty",
    -122: "Body data is not JSON",
    -124: "Access token invalid",
    -1241: "appsecret_proof invalid",
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
    -1472: "Daily promotion quota of this user exceeded",
    -153: "Data violates the specification",
    -158: "File size is over limit",
    -159: "File format is not supported",
    -160: "Daily quota of this API exceeded",
    -161: "sending_mode invalid",
    -162: "sending_mode does not support this template tag",
    # openapi.zalo.me (zalo-api §4.3), with Zalo's own spelling
    -204: "Offical Account is disable",
    -209: "Not supported this api",
    -210: "Parameter exceeds limit",
    -211: "Out of quota",
    -213: "User has not followed OA",
    -216: "Access token is invalid",
    -218: "Out of quota receive",
    -221: "OA must be verified",
    -224: "OA must upgrade package to use this api",
    -227: "User is banned or has been inactive for more than 45 days",
    -230: "User has not interacted with OA in the last 7 days",
    -231: "User has not interacted with OA or the interaction has expired",
    -233: "Message type is invalid",
    -234: "This message can not be sent at night (10PM-6AM)",
    -240: "This message API is no longer supported",
    -242: "appsecret_proof is invalid",
    -244: "User has restricted this type of message from OA",
    -248: "OA violates platform standards",
    -249: "Template does not support sending by UID",
    -320: "Your app needs to be linked with a Zalo Cloud Account",
    -321: "Zalo Cloud Account of your app is out of money",
}
OK_CODE = 0


def failed(code: int, message: str = "") -> dict[str, Any]:
    """Zalo's refusal: a code and a sentence, no data. It travels with HTTP 200."""
    return {"error": code, "message": message or MESSAGES.get(code, "Unknown error")}


def field_invalid(name: str) -> dict[str, Any]:
    """The -201 of openapi.zalo.me, which names the field."""
    return failed(-201, f"{name} is invalid!")


def succeeded(data: Any, message: str = "Success", **beside: Any) -> dict[str, Any]:
    """Zalo's envelope around `data`; `beside` stands next to it, as `metadata` does."""
    return {"error": OK_CODE, "message": message, "data": data, **beside}


def epoch_ms(moment: datetime) -> str:
    """Milliseconds since 1970 as the string that Zalo's replies and webhooks carry."""
    return str(int(moment.timestamp() * 1000))
