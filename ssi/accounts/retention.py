"""How long sessions and tokens are kept once they work no more."""

from datetime import timedelta

from django.contrib.sessions.models import Session

from ssi.accounts.models import ApiToken
from ssi.retention import Rule

_TOKENS_KEPT = timedelta(days=90)
_TOKENS_WHY = "Until then the people page shows which tokens there were; the audit log knows it for good."

RULES = [
    Rule(
        "expired sessions",
        model=Session,
        since="expire_date",
        keep=timedelta(0),
        why="An expired session opens nothing.",
    ),
    Rule("ended tokens", model=ApiToken, since="ended_at", keep=_TOKENS_KEPT, why=_TOKENS_WHY),
    Rule("expired tokens", model=ApiToken, since="expires_at", keep=_TOKENS_KEPT, why=_TOKENS_WHY),
]
