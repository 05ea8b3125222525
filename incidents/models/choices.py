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


HANDED_OVER = (Event.ASSIGNED, Event.REROUTED, Event.RETURNED)
"""From each of these on somebody, perhaps somebody new, is asked."""
