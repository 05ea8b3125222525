"""The REST API under /api/v1/: puts the floors' routers together and knows who calls.

Whatever an operation may do is decided where the screens' is: the component it declares, `visible_to`, and the
actions. Only a bearer token says who calls; a session's cookie does not.
"""

import threading
import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.throttling import BaseThrottle

from ssi.access.actor import Actor
from ssi.accounts.tokens import TokenAuth
from ssi.web import problems
from ssi.web.api_access import SafeTextParser, check_component
from ssi.web.idempotency import LONGEST_KEY

ROUTERS = ("inventory.api.router", "incidents.api.router", "ssi.uploads.api.router")
PROBLEM_SCHEMA = "#/components/schemas/Problem"
_PROBLEMS = {
    400: "The body is not JSON",
    401: "No token, or one that does not work",
    403: "The role may not",
    404: "Unknown, or not yours",
    409: "Not in this state",
    422: "Not well-formed, or a rule forbids it",
    429: "Too many calls",
}


_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key with the same body gives the same answer and has one effect. A UUID is best.",
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
}


class BearerToken(TokenAuth):
    """A person's API token; the operation's component is checked with it, before the body is read."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return who calls, or None for a token that does not work. Raises NotAllowed."""
        caller = super().authenticate(request, token)
        if caller is not None:
            check_component(request, caller)
        return caller


class CallsPerPerson(BaseThrottle):
    """Answers each person's programs a minute's worth of calls at once, then as fast as the minute goes by.

    Counted in this process' memory: it protects a web process from a program that runs away, at no query's cost.
    """

    def __init__(self, a_minute: int) -> None:
        self.a_minute = a_minute
        self._left: dict[int, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def allow_request(self, request: HttpRequest) -> bool:
        """Take one call from the caller's allowance, if any is left."""
        caller: Actor = request.auth  # type: ignore[attr-defined]
        if not self.a_minute or caller.person_id is None:
            return True
        now = time.monotonic()
        with self._lock:
            left, at = self._left.get(caller.person_id, (float(self.a_minute), now))
            left = min(self.a_minute, left + (now - at) * self.a_minute / 60)
            self._left[caller.person_id] = (max(0, left - 1), now)
        return left >= 1

    def wait(self) -> float:
        """Return the seconds after which a call is answered again, for `Retry-After`."""
        return max(1.0, 60 / self.a_minute)


class SsiApi(NinjaAPI):
    """Ninja's API, whose OpenAPI document also tells of the problem documents."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the OpenAPI 3.1 document."""
        document = super().get_openapi_schema(**options)
        problem = problems.ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= problem.pop("$defs", {}) | {"Problem": problem}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                _add_problems(path, method, operation["responses"])
                if method == "post":
                    operation["parameters"] = [*operation.get("parameters", []), _IDEMPOTENCY_KEY]
        return document


def _add_problems(path: str, method: str, responses: dict[Any, Any]) -> None:
    skipped = set()
    if method == "get":
        skipped |= {400, 409} if "{" in path else {400, 404, 409}
    content = {problems.PROBLEM: {"schema": {"$ref": PROBLEM_SCHEMA}}}
    for status, description in _PROBLEMS.items():
        if status not in skipped:
            responses.setdefault(status, {"description": description, "content": content})


api = SsiApi(
    title="Self-Service Interface",
    version="1.0.0",
    description="Does exactly what the token's owner may do on screen. Errors are RFC 9457 problem documents.",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
    auth=BearerToken(),
    throttle=CallsPerPerson(settings.SSI_API_CALLS_PER_MINUTE),
    parser=SafeTextParser(),
)
problems.register(api)
for name in ROUTERS:
    api.add_router("", name)
