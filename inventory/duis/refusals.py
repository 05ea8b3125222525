"""Why a message is refused before any rule of the inventory is asked: what it is, and how it is written.

No refusal repeats a value from the message unless it was checked to be what its element says: an install code in
the wrong place must not reach an answer, a log or a terminal.
"""

from typing import ClassVar

from ssi.refusals import Refusal


class DuisRefusal(Refusal):
    """This message is refused."""

    code: ClassVar[str]
    """The response code: DUIS's where its meaning is known, else one of ours, which begin with "SSI-"."""


class Unreadable(DuisRefusal):
    """This could not be read as DUIS at all."""


class FileNotOpened(Unreadable):
    """The file cannot be opened: {problem}."""

    code = "SSI-NO-FILE"
    suggestion = "Check the path and its permissions; `-` reads from standard input."
    source = "ours"


class FileIsEmpty(Unreadable):
    """The file is empty."""

    code = "SSI-EMPTY"
    suggestion = "Export the message again; it should begin with `<?xml`."
    source = "ours"


class FileIsCompressed(Unreadable):
    """The file is a {kind} archive, not an XML message."""

    code = "SSI-COMPRESSED"
    suggestion = "Unpack it, and give the folder with the messages instead."
    source = "ours"


class NotWellFormed(Unreadable):
    """This is not well-formed XML; reading stopped at line {line}, column {column}."""

    code = "SSI-MALFORMED"
    suggestion = "Send the message exactly as DUIS carries it, in UTF-8; do not edit or wrap it."
    source = "XML 1.0"


class UnsafeXml(Unreadable):
    """The message has a document type declaration (DTD), which could define entities; it was not read further."""

    code = "SSI-UNSAFE-XML"
    suggestion = "Remove the <!DOCTYPE ...> part: no DUIS message has one."
    source = "ours: DUIS is defined by a schema and needs no DTD"


class TooLarge(Unreadable):
    """The message has more than {limit}; reading stopped there."""

    code = "SSI-TOO-LARGE"
    suggestion = "Give one DUIS message a file. SSI_DUIS_LARGEST_MESSAGE sets how many bytes a message may have."
    source = "ours: SR 11.1, the largest DUIS message, has about 15 MB"


class TooDeep(Unreadable):
    """The message nests elements more than {limit} deep; reading stopped there."""

    code = "SSI-TOO-DEEP"
    suggestion = "Send the message as DUIS defines it: none nests so deep."
    source = "ours"


class NotDuis(Unreadable):
    """This is XML, but not a DUIS message: {problem}."""

    code = "SSI-NOT-DUIS"
    suggestion = "Give a Request or Response in the namespace http://www.dccinterface.co.uk/ServiceUserGateway."
    source = "DUIS 5.4 schema"


class VersionNotRead(DuisRefusal):
    """The message's schemaVersion is not a DUIS version that this portal reads."""

    code = "SSI-VERSION"
    suggestion = 'Send it as DUIS 5, such as schemaVersion="5.4".'
    source = "DUIS 5.4 schema"


class AgainstSchema(DuisRefusal):
    """The message does not keep to the DUIS schema: {problem}."""

    code = "SSI-SCHEMA"
    suggestion = "{way_out}"
    source = "DUIS 5.4 schema"


class VariantMismatch(DuisRefusal):
    """The message says Service Reference Variant {srv}, but {problem}."""

    code = "SSI-SRV-MISMATCH"
    suggestion = "Correct the header, or send the body that belongs to the Service Reference Variant."
    source = "DUIS 5.4 schema"


class NotHandledYet(DuisRefusal):
    """{what} is not handled yet; nothing was changed."""

    code = "SSI-NOT-HANDLED"
    suggestion = (
        "This version applies what concerns the inventory: requests 8.1.1 to 8.4, 8.7 to 8.14, 11 and 12, their "
        "responses, device alerts and DCC alerts. Leave this one out."
    )
    source = "ours"


class NoInventory(DuisRefusal):
    """This response to Service Request 8.2 has response code {response_code} and names no devices."""

    code = "SSI-NO-INVENTORY"
    suggestion = "Nothing needs doing; to seed the inventory, give a response with code I0 and its DSPInventory."
    source = "DUIS 5.4 schema: DSPInventory"


class ResponseIdMismatch(DuisRefusal):
    """ResponseID is not RequestID with its first two parts changed over, so one of them is another message's."""

    code = "SSI-RESPONSE-ID"
    suggestion = "Give both of the same response, or leave ResponseID out."
    source = "DUIS: RequestID is originator:target:counter, its ResponseID target:originator:counter"


class AlertOfError(DuisRefusal):
    """This alert has response code {response_code}, which tells that something failed."""

    code = "SSI-ALERT-ERROR"
    suggestion = "Check ResponseCode: an alert that tells anything has I0."
    source = "ours: alerts answer no request that could fail"


class AlertCodeMismatch(DuisRefusal):
    """DCC alert {code} does not carry UpdateHANDeviceLogResult."""

    code = "SSI-ALERT-CODE"
    suggestion = "Check DCCAlertCode: N24 tells that an 8.11 succeeded, N25 that it failed; no other does."
    source = "DUIS 5.4 schema, DCCAlert; ours"


class InstallCodeLength(DuisRefusal):
    """The InstallCode has {count} bytes, which is no length of an install code."""

    code = "SSI-INSTALL-CODE"
    suggestion = "Send 16 bytes (older devices: 6, 8 or 12), without the two check bytes printed after them."
    source = "ZigBee install codes have 6, 8, 12 or 16 bytes; DUIS carries them without the CRC"


class WhitelistDetails(DuisRefusal):
    """{request_type} {problem} AddDeviceToCHFWhitelist."""

    code = "SSI-WHITELIST-DETAILS"
    suggestion = (
        "Give AddDeviceToCHFWhitelist with Add, where it holds the install code, and leave it out of Remove."
    )
    source = "DUIS 5.4 schema: UpdateHANDeviceLog"


class VariantRule(DuisRefusal):
    """The ESME Variant does not fit: {problem}."""

    code = "SSI-VARIANT"
    suggestion = "Give one of the 25 ESME Variants of DUIS 5.4, such as A or AD, with an ESME; none with others."
    source = "DUIS 12.2: ESMEVariant if and only if the device is an ESME"


class StatusMissing(DuisRefusal):
    """{device} has no DeviceStatus, which every device but an IHD or CAD has."""

    code = "SSI-STATUS"
    suggestion = "Ask for the inventory again with Service Request 8.2, and give that response."
    source = "DUIS 8.2; SEC glossary: Type 2 Devices alone have no SMI Status"
