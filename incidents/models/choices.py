"""The words of a Request for Install Code."""

from django.db.models import TextChoices


class State(TextChoices):
    """States of a Request for Install Code; the values are the API's."""

    NEW = "new", "New"
    ASSIGNED = "assigned", "Assigned"
    ANSWERED = "answered", "Answered"
    WITH_SERVICE_DESK = "with_service_desk", "With service desk"
    CLOSED = "closed", "Closed"
    WITHDRAWN = "withdrawn", "Withdrawn"


OPEN_STATES = (State.NEW, State.ASSIGNED, State.ANSWERED, State.WITH_SERVICE_DESK)


class Side(TextChoices):
    """On which side of a request one stands; the values are the API's."""

    RAISED = "raised", "Raised by us"
    ASSIGNED = "assigned", "Assigned to us"


class Outcome(TextChoices):
    """What became of an answered code, told by the raiser when closing."""

    WORKED = "worked", "The code worked"
    WRONG_CODE = "wrong_code", "The code is wrong"
    NOT_TRIED = "not_tried", "The code was not tried"


class DeclineReason(TextChoices):
    """Why an installing supplier cannot answer."""

    NOT_OUR_PRENOTIFICATION = "not_our_prenotification", "We did not pre-notify this device"
    DEVICE_TRANSFERRED = "device_transferred", "The device was transferred to another supplier"
    CODE_LOST = "code_lost", "We no longer hold the code"
    DEVICE_SCRAPPED = "device_scrapped", "The device was scrapped"
    OTHER = "other", "Another reason"


class Event(TextChoices):
    """What happened to a request, as its history and the audit log name it."""

    RAISED = "raised", "Raised"
    ASSIGNED = "assigned", "Assigned to the installing supplier"
    SENT_TO_DESK = "sent_to_service_desk", "Sent to the DCC service desk"
    NOTIFIED = "notified", "Installing supplier notified"
    ANSWERED = "answered", "Answered with an install code"
    DECLINED = "declined", "Declined"
    REVEALED = "revealed", "Install code revealed"
    NOTE_ADDED = "note_added", "Note added"
    RETURNED = "returned", "Returned: the code is wrong"
    REROUTED = "rerouted", "Re-routed by the DCC service desk"
    CLOSED = "closed", "Closed"
    WITHDRAWN = "withdrawn", "Withdrawn"
    UNLOCKED = "unlocked", "Reading unlocked by the DCC service desk"
    DUE_DATE_CHANGED = "due_date_changed", "Due date changed"
    RELEASED = "released", "Answered from escrow, by the installing supplier's rule"
    SETTLED = "settled", "The device's SMI Status changed"


HANDED_OVER = (Event.ASSIGNED, Event.REROUTED, Event.RETURNED)
"""From each of these on somebody, perhaps somebody new, is asked."""


class ObligationEnd(TextChoices):
    """How one asking of an installing supplier ended."""

    ANSWERED = "answered", "Answered"
    DECLINED = "declined", "Declined"
    REROUTED = "rerouted", "Re-routed to another"
    WITHDRAWN = "withdrawn", "Withdrawn by the raiser"
    SENT_TO_DESK = "sent_to_service_desk", "Sent to the DCC service desk"


class Responsibility(TextChoices):
    """What registration data say of the raiser's claim to be the Responsible Supplier (MP121 R5)."""

    UNCHECKED = "unchecked", "Not checked yet"
    CONFIRMED = "confirmed", "Confirmed by registration data"
    CONTRADICTED = "contradicted", "Contradicted by registration data"


class BulkKind(TextChoices):
    """What a bulk job does with each of its rows."""

    RAISE = "raise", "Raise requests"
    ANSWER = "answer", "Answer or decline by file"
    DECLINE = "decline", "Decline"
    CLOSE = "close", "Close"
    WITHDRAW = "withdraw", "Withdraw"
    DEPOSIT = "deposit", "Deposit codes in escrow"


class BulkState(TextChoices):
    """States of a bulk job; the values are the API's."""

    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked, waiting for you"
    RUNNING = "running", "Being carried out"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class ReleaseRule(TextChoices):
    """When a deposited code answers a request: the depositor's own rule (MP281)."""

    AT_ONCE = "at_once", "At once, to any supplier that states it is responsible"
    AFTER_ONE_WORKING_DAY = "after_one_working_day", "After one Working Day"
    NEVER = "never", "Never by itself: somebody here answers"
