"""What people are written to about their accounts."""

from ssi.access.components import Component
from ssi.notifications.notices import Notice, Pace, declare

OFFICERS = (Component.ARO_NOMINATION, Component.ADT_SUBMISSION)
"""What SROs and AROs reach."""

PASSWORD_LINK = declare(
    Notice(
        event="person.password_link",
        name="A link to set a password",
        when="The desk opened the account or made a new link, or somebody used “Forgot your password?”.",
        to="The person whose account it is.",
        least=Pace.AT_ONCE,
        because="Without it nobody could get in.",
    )
)
OFFICER_NOMINATED = declare(
    Notice(
        event="officer.nominated",
        name="A responsible officer is to be confirmed",
        when="A Senior Responsible Officer of a User nominated somebody as Authorised Responsible Officer.",
        to="The DCC service desk.",
        least=Pace.AT_ONCE,
        because="The person cannot act before DCC has confirmed.",
        reaches=(Component.SERVICE_DESK,),
    )
)
OFFICER_CONFIRMED = declare(
    Notice(
        event="officer.confirmed",
        name="A responsible officer of ours is confirmed",
        when="DCC registered an SRO, or confirmed an ARO.",
        to="The person, and the User's SROs.",
        least=Pace.AT_ONCE,
        because="From now on the person may act for the company at what protects the grid.",
        reaches=OFFICERS,
    )
)
OFFICER_REFUSED = declare(
    Notice(
        event="officer.refused",
        name="A nomination of ours is refused",
        when="DCC did not confirm a nominated ARO.",
        to="The User's SROs, and the person if they have an account there.",
        least=Pace.AT_ONCE,
        because="The company may be without an officer until it nominates another.",
        reaches=OFFICERS,
    )
)
OFFICER_ENDED = declare(
    Notice(
        event="officer.ended",
        name="The role of a responsible officer of ours has ended",
        when="An SRO of the User, or the desk, ended the role of an ARO, or the desk that of an SRO.",
        to="The person, and the User's SROs.",
        least=Pace.AT_ONCE,
        because="Who ended it in another's name must be noticed at once.",
        reaches=OFFICERS,
    )
)
