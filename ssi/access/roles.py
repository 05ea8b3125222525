"""User Roles of the SEC and Job Type Roles of the SSI."""

from django.db.models import TextChoices


class UserRole(TextChoices):
    """What a Party acts as under a User ID. Values are DUIS's User Role references.

    Seven are in the SEC; an eighth, Meter Data Retriever, exists in practice (MP162), so nothing may rely on
    the number. Source: DCC "About DCC Users"; domain 1.1.
    """

    IS = "IS", "Import Supplier"
    ES = "ES", "Export Supplier"
    GS = "GS", "Gas Supplier"
    ED = "ED", "Electricity Distributor"
    GT = "GT", "Gas Transporter"
    RSA = "RSA", "Registered Supplier Agent"
    OU = "OU", "Other User"
    MDR = "MDR", "Meter Data Retriever"


class JobTypeRole(TextChoices):
    """What a person does for a User ID. Source: SEC App AH terms; the list is ours (domain 1.3)."""

    VIEW = "VIEW", "Read-only analyst"
    OPS = "OPS", "Operations agent"
    INST = "INST", "Install and commission planner"
    SVCM = "SVCM", "Service manager"
    SEC = "SEC", "Security analyst"
    ORD = "ORD", "Communications Hub ordering"
    ARO = "ARO", "Authorised Responsible Officer"
    SRO = "SRO", "Senior Responsible Officer"
    ADMIN = "ADMIN", "SSI Administration User"


CONFIRMED_BY_DCC = frozenset({JobTypeRole.ARO, JobTypeRole.SRO})
"""Job Type Roles that only DCC's confirmation brings into force. Source: DP108; SEC App AH."""

ALL_USER_ROLES = frozenset(UserRole)
SUPPLIERS_ONLY = frozenset({UserRole.IS, UserRole.GS})
ALL_JOB_TYPE_ROLES = frozenset(JobTypeRole)
