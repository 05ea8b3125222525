"""What people are written to about signed files: to whom, when, and whether they may have it later or not at all.

The e-mails stand in `ssi/uploads/emails.py`.
"""

from ssi.access.components import Component
from ssi.notifications.notices import Notice, Pace, declare

SUBMITTERS = (Component.ADT_SUBMISSION, Component.EXIT_QUARANTINE_SUBMISSION)
APPROVERS = (Component.ADT_APPROVAL,)
DESK = (Component.SERVICE_DESK,)
THE_AROS = "The User: its Authorised Responsible Officers."
THE_DESK = "The DCC service desk."

REJECTED = declare(
    Notice(
        event="upload.rejected",
        name="A signed file of ours is rejected",
        when="The portal found something wrong with a signed file: it is refused as a whole.",
        to=THE_AROS,
        least=Pace.AT_ONCE,
        because="The old thresholds stay in force, and messages stay quarantined, until a good file comes.",
        reaches=SUBMITTERS,
    )
)
CHECKED = declare(
    Notice(
        event="upload.checked",
        name="A signed file of ours waits to be submitted",
        when="A file that was to be submitted by itself has warnings, or needs a second officer.",
        to=THE_AROS,
        least=Pace.AT_ONCE,
        because="Nothing reaches DCC before one of them submits it.",
        reaches=SUBMITTERS,
    )
)
AWAITS_APPROVAL = declare(
    Notice(
        event="upload.awaits_approval",
        name="Thresholds of ours await a second officer",
        when="A threshold file was submitted that removes thresholds or raises them much.",
        to="The User: its AROs and SROs, but for those who uploaded, submitted or signed the file.",
        least=Pace.AT_ONCE,
        because="Nothing reaches DCC before a second officer approves it.",
        reaches=APPROVERS,
    )
)
APPROVED = declare(
    Notice(
        event="upload.approved",
        name="Thresholds of ours are approved",
        when="A second officer approved a threshold file; it is with DCC.",
        to=THE_AROS,
        reaches=SUBMITTERS,
    )
)
DECLINED = declare(
    Notice(
        event="upload.declined",
        name="Thresholds of ours are not approved",
        when="A second officer declined a threshold file.",
        to=THE_AROS,
        least=Pace.AT_ONCE,
        because="The old thresholds stay in force until another file comes.",
        reaches=SUBMITTERS,
    )
)
ACCEPTED = declare(
    Notice(
        event="upload.accepted",
        name="A signed file is to be confirmed",
        when="A User submitted a signed file, and where one was needed a second officer approved it.",
        to=THE_DESK,
        least=Pace.AT_ONCE,
        because="DCC confirms within a Working Day.",
        reaches=DESK,
    )
)
WITHDRAWN = declare(
    Notice(
        event="upload.withdrawn",
        name="A signed file need not be confirmed any more",
        when="A User withdrew a signed file that was with DCC.",
        to=THE_DESK,
        reaches=DESK,
    )
)
OVERDUE = declare(
    Notice(
        event="upload.overdue",
        name="A signed file was not confirmed in time",
        when="The Working Day after a signed file should have been confirmed: once a file.",
        to=THE_DESK,
        least=Pace.AT_ONCE,
        because="DCC confirms within a Working Day.",
        reaches=DESK,
    )
)
CONFIRMED = declare(
    Notice(
        event="upload.confirmed",
        name="DCC confirmed a signed file of ours",
        when="The DCC service desk confirmed a signed file; it counts from its effective date.",
        to=THE_AROS,
        reaches=SUBMITTERS,
    )
)
REFUSED = declare(
    Notice(
        event="upload.refused",
        name="DCC refused a signed file of ours",
        when="The DCC service desk did not take a signed file, and says why on its page.",
        to=THE_AROS,
        least=Pace.AT_ONCE,
        because="The old thresholds stay in force, and messages stay quarantined, until another file comes.",
        reaches=SUBMITTERS,
    )
)
APPLIED = declare(
    Notice(
        event="upload.applied",
        name="A signed file of ours is applied",
        when="Thresholds came into force, or the decisions about quarantined messages were carried out.",
        to=THE_AROS,
        reaches=SUBMITTERS,
    )
)

DECIDERS = (Component.EXIT_QUARANTINE_SUBMISSION,)
READERS = (Component.ADT_AND_QUARANTINE_VIEW,)

QUARANTINE_OPENED = declare(
    Notice(
        event="quarantine_event.opened",
        name="Messages of ours were quarantined",
        when="DCC quarantined messages under a new event, or again under one that was over: once an event.",
        to=THE_AROS,
        least=Pace.AT_ONCE,
        because="The decision is due within a day, unless the portal is set otherwise.",
        reaches=DECIDERS,
    )
)
QUARANTINE_OPENED_COPY = declare(
    Notice(
        event="quarantine_event.opened_copy",
        name="Messages of ours were quarantined, to know",
        when="The AROs of the User are asked to decide about quarantined messages.",
        to="The User: its SROs and security analysts.",
        reaches=READERS,
    )
)
QUARANTINE_DUE_SOON = declare(
    Notice(
        event="quarantine_event.due_soon",
        name="A decision about quarantined messages is due soon",
        when="Three quarters of the time to decide have passed: once an event.",
        to=THE_AROS,
        least=Pace.AT_ONCE,
        because="Messages stay quarantined until a signed file comes.",
        reaches=DECIDERS,
    )
)
QUARANTINE_OVERDUE = declare(
    Notice(
        event="quarantine_event.overdue",
        name="A decision about quarantined messages is overdue",
        when="The time to decide has passed: once an event.",
        to="The User: its AROs and SROs.",
        least=Pace.AT_ONCE,
        because="Messages stay quarantined until a signed file comes.",
        reaches=READERS,
    )
)
QUARANTINE_OVERDUE_DESK = declare(
    Notice(
        event="quarantine_event.overdue_desk",
        name="A User's decision about quarantined messages is overdue",
        when="The time to decide has passed and a User has not sent a signed file: once an event.",
        to=THE_DESK,
        reaches=DESK,
    )
)

WATCHERS = (Component.SECURITY_EVENTS,)

ACCESS_DENIED = declare(
    Notice(
        event="security.access_denied",
        name="Somebody tried to reach guarded pages",
        when="An account called pages of thresholds, quarantine or officers that it has no part in: once an hour.",
        to="The account's company: its SROs and security analysts. The DCC service desk.",
        least=Pace.AT_ONCE,
        because="Somebody may have taken over an account.",
        reaches=WATCHERS,
    )
)
REGISTERED = declare(
    Notice(
        event="upload.registered",
        name="DCC registered a signed file of ours that came by e-mail",
        when="In disaster recovery, when the DCC service desk registers a file.",
        to=THE_AROS,
        least=Pace.AT_ONCE,
        because="Whoever did not send the file has to say so before it is applied.",
        reaches=SUBMITTERS,
    )
)
