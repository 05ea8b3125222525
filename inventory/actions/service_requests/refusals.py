"""Refusals that several Service Requests share, in the order in which their checks come."""

from inventory.duis.refusals import DuisRefusal


class OriginatorUnknown(DuisRefusal):
    """The originator {user_id} is not a User ID of a Party in a User Role that DCC knows."""

    code = "E1"
    suggestion = "Check the first part of RequestID, or ask the DCC service desk to register the User ID."
    source = "DUIS response codes: the User and User Role must be a valid SEC Party and role"


class RoleNotEligible(DuisRefusal):
    """The originator {user_id} holds the User Role {held}, and {srv} is for {eligible}."""

    code = "E2"
    suggestion = "Send it under a User ID that holds one of those User Roles."
    source = "DUIS response codes; DUIS eligible User Roles of each Service Reference Variant"


class UserStatusForbids(DuisRefusal):
    """The originator {user_id} sends no Service Requests any more: {why}."""

    code = "E3"
    suggestion = "Send it under a User ID that is in use; the DCC service desk knows which took over."
    source = "DUIS response codes: the User's status does not permit it"


class CommandVariantNotApplicable(DuisRefusal):
    """Command Variant {given} does not apply to {srv}."""

    code = "E12"
    suggestion = "Give {allowed}."
    source = "DUIS response codes; DUIS 5.4 schema, notes on Service Reference Variants"


class CounterNotRising(DuisRefusal):
    """The counter of RequestID is not above the last one that this originator sent."""

    code = "SSI-COUNTER"
    suggestion = "Send it again with a higher counter: each request of an originator counts on."
    source = "DUIS: the counter rises strictly for each originator (SSI_DUIS_COUNTER_RISES)"


class DeviceUnknown(DuisRefusal):
    """{device}, which the message names as {part}, is not in the inventory."""

    code = "E19"
    suggestion = "{way_out}"
    source = "DUIS response codes: the device does not exist"


class WrongDeviceType(DuisRefusal):
    """{device} is a {device_type}, and the message names it as {part}."""

    code = "E11"
    suggestion = "{way_out}"
    source = "DUIS response codes: the Service Reference is not compatible with the device type"


class WrongStatus(DuisRefusal):
    """{device} is {status}, and {needed}."""

    code = "E5"
    suggestion = "Look the device up to see its SMI Status history, and send what fits its status."
    source = "DUIS response codes: the SMI Status is incompatible with the Service Reference"


class NotResponsible(DuisRefusal):
    """The originator {user_id} is not the Responsible Supplier of {device}."""

    code = "E4"
    suggestion = "Check the registrations at its meter points; the registered supplier can send it."
    source = "DUIS response codes: not authorised for the device at the required date and time"


class NotOfOneHome(DuisRefusal):
    """{device} and {other} are not in the device log of the same Communications Hub."""

    code = "SSI-OTHER-HOME"
    suggestion = "Check both Device IDs; a device is joined with those of its own home."
    source = "ours"


class FutureDated(DuisRefusal):
    """The request is to be carried out in the future, and future dated requests are not kept yet."""

    code = "SSI-FUTURE-DATED"
    suggestion = "Send it again on the day, or leave ExecutionDateTime out."
    source = "ours"


class RequestDoubled(DuisRefusal):
    """A Service Request with this RequestID was sent before, and its response is still awaited."""

    code = "SSI-REQUEST-DOUBLED"
    suggestion = "Wait for the response, or send it as a new request with the next counter."
    source = "DUIS: the counter of RequestID rises"


class PreCommandNotAsked(DuisRefusal):
    """This signed pre-command belongs to no request that asked for it: none awaits it under its RequestID."""

    code = "SSI-NO-PRE-COMMAND"
    suggestion = "Send the request with Command Variant 4 first; the pre-command goes under the same RequestID."
    source = "DUIS 5.4 schema, CommandVariant; ours"


class NoRequest(DuisRefusal):
    """No Service Request with this RequestID and Service Reference Variant awaits a response."""

    code = "SSI-NO-REQUEST"
    suggestion = "Give the request before its response; nothing was changed."
    source = "ours: a device moves when the request that was sent to it is answered"


class AnswerOfAnotherSrv(DuisRefusal):
    """The response is to Service Request {given}, and the one with this RequestID was {sent}."""

    code = "SSI-RESPONSE-SRV"
    suggestion = "Check RequestID and Service Reference Variant of the response; nothing was changed."
    source = "ours"


class ResponseDoubled(DuisRefusal):
    """The Service Request with this RequestID was answered before, with {code}."""

    code = "SSI-RESPONSE-DOUBLED"
    suggestion = "Nothing needs doing; nothing was changed."
    source = "ours"


class DatedAhead(DuisRefusal):
    """The message is dated {dated}, more than a day from now."""

    code = "SSI-DATED-AHEAD"
    suggestion = "Check the clock of its sender; nothing was changed."
    source = "ours: what has not happened yet is not believed"


class AlertDoubled(DuisRefusal):
    """This alert, {code} under the same ResponseID about the same device, came before."""

    code = "SSI-ALERT-DOUBLED"
    suggestion = "Nothing needs doing; nothing was changed."
    source = "ours: told once more, it would undo what happened since"


class QuarantineOfAnother(DuisRefusal):
    """The quarantined request of this alert is another User's than the one to whom its ResponseID goes."""

    code = "SSI-QUARANTINE-USER"
    suggestion = (
        "Send it to the User whose request it is: the first part of its RequestID. Nothing was kept of it."
    )
    source = "DUIS 5.4 schema, QuarantinedRequest: DCC tells the User whose request it holds"


class SenderNotDcc(DuisRefusal):
    """This DCC alert is from {sender} by its ResponseID, which is {what}."""

    code = "SSI-ALERT-SENDER"
    suggestion = "Check the first part of ResponseID: DCC alerts are from the DCC itself."
    source = "DUIS 5.4 schema: a ResponseID begins with who sent it"


class TargetNotDcc(DuisRefusal):
    """The target {target} of RequestID is {what}, and this request goes to the DCC itself."""

    code = "SSI-TARGET"
    suggestion = "Give the DCC's own ID as the second part of RequestID; the device stands in the body."
    source = "DUIS: Command Variant 8 is for requests to the DCC itself"


class ResponseTooEarly(DuisRefusal):
    """The response is dated {responded_at}, long before its Service Request came here."""

    code = "SSI-RESPONSE-EARLY"
    suggestion = "It belongs to an earlier use of this RequestID. Give the response to this request."
    source = "ours: a response is not older than its request"
