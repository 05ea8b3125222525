"""Who is in the demo estate: parties with their User IDs, and people with their Job Type Roles.

Registered User IDs of the public DUIS test set are used where others' messages name them, so that these apply as
they are; the rest stand in a range of their own. The tests use the same people.
"""

from dataclasses import dataclass

from ssi.access.roles import JobTypeRole, UserRole

DEMO_PASSWORD = "Demo-Meter-2026"  # noqa: S105 - published on purpose; settings refuse the demo on a public address


@dataclass(frozen=True, slots=True)
class DemoParty:
    """A party of the demo estate with its one User ID; `taken_over_by` is its Supplier of Last Resort."""

    name: str
    user_id: str
    descriptor: str
    user_roles: tuple[UserRole, ...]
    kind: str
    has_left: bool = False
    taken_over_by: "DemoParty | None" = None


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A person of the demo estate; `party` is None for DCC's staff."""

    email: str
    name: str
    party: DemoParty | None
    job_type_roles: tuple[JobTypeRole, ...]
    is_feed: bool = False

    @property
    def who(self) -> str:
        """Return whom the person works for, as the sign-in page says it."""
        if self.is_feed:
            return "DCC's feed (API only)"
        return f"{self.party.name}, {self.party.kind}" if self.party else "DCC helpdesk"

    @property
    def roles_in_words(self) -> str:
        """Return the Job Type Roles, as the sign-in page says them."""
        return ", ".join(self.job_type_roles) or "DCC service desk"


SUPPLIER = (UserRole.IS, UserRole.GS)
VIEW, OPS, INST, SVCM = JobTypeRole.VIEW, JobTypeRole.OPS, JobTypeRole.INST, JobTypeRole.SVCM
ARO, SRO, ADMIN = JobTypeRole.ARO, JobTypeRole.SRO, JobTypeRole.ADMIN

NORTHLIGHT = DemoParty("Northlight Energy", "90-B3-D5-1F-30-03-00-00", "Northlight main", SUPPLIER, "supplier")
BRIGHTGRID = DemoParty("Brightgrid Supply", "90-B3-D5-1F-30-01-00-00", "Brightgrid main", SUPPLIER, "supplier")
HARBOURLINE = DemoParty("Harbourline Energy", "90-B3-D5-1F-30-04-00-00", "Harbourline main", SUPPLIER, "supplier")
PENNINE = DemoParty(
    "Pennine Networks", "90-B3-D5-1F-30-02-00-00", "Pennine network", (UserRole.ED,), "electricity distributor"
)
THIRDWAYS = DemoParty("Thirdways Analytics", "90-B3-D5-1F-30-05-00-00", "Thirdways", (UserRole.OU,), "other user")
LUMENWAY = DemoParty(
    "Lumenway Power",
    "90-B3-D5-1F-30-06-00-00",
    "Lumenway",
    SUPPLIER,
    "supplier that left the market",
    has_left=True,
)
FERNLEIGH = DemoParty(
    "Fernleigh Energy",
    "90-B3-D5-1F-30-07-00-00",
    "Fernleigh",
    SUPPLIER,
    "supplier that failed and was taken over",
    has_left=True,
    taken_over_by=HARBOURLINE,
)
DEMO_PARTIES = (NORTHLIGHT, BRIGHTGRID, HARBOURLINE, PENNINE, THIRDWAYS, LUMENWAY, FERNLEIGH)

DEMO_ACCOUNTS = (
    DemoAccount("gina@northlight.example", "Gina Marsh", NORTHLIGHT, (OPS, SVCM)),
    DemoAccount("vera@northlight.example", "Vera Lindqvist", NORTHLIGHT, (VIEW,)),
    DemoAccount("aroha@northlight.example", "Aroha Tane", NORTHLIGHT, (ARO,)),
    DemoAccount("sunil@northlight.example", "Sunil Rao", NORTHLIGHT, (SRO,)),
    DemoAccount("adam@northlight.example", "Adam Whitlock", NORTHLIGHT, (ADMIN,)),
    DemoAccount("ivan@brightgrid.example", "Ivan Petrie", BRIGHTGRID, (OPS, INST, SVCM)),
    DemoAccount("bela@brightgrid.example", "Bela Horvat", BRIGHTGRID, (ARO,)),
    DemoAccount("rhea@harbourline.example", "Rhea Castellan", HARBOURLINE, (OPS, SVCM)),
    DemoAccount("nils@pennine.example", "Nils Aldous", PENNINE, (OPS, VIEW)),
    DemoAccount("olu@thirdways.example", "Olu Adeyemi", THIRDWAYS, (VIEW,)),
    DemoAccount("dana@dcc.example", "Dana Fairweather", None, ()),
)
DEMO_FEED = DemoAccount("feed@dcc.example", "DCC's feed", None, (), is_feed=True)
"""Brings DUIS messages with a token; the sign-in page does not list it, since it cannot sign in."""

DEMO_EMAILS = tuple(account.email for account in DEMO_ACCOUNTS)

DEMO_SROS_NOMINATED_BY = "Helena Ward"
DEMO_NOMINEE = ("tamsin@northlight.example", "Tamsin Reed")
"""Whom the SRO has nominated as ARO; DCC is still to confirm, and until then there is no account."""
