"""What the guard lets pass, each with its reason. As few as possible."""

from typing import Final

ALLOWED: Final[dict[tuple[str, str], str]] = {
    ("/install-code-requests/escrow/", "Scan of incidents_escrow"): (
        "how many requests a depositor's codes answered is counted over its releases, up to 10,001"
    ),
    **dict.fromkeys(
        (
            (route, "Scan of incidents_installcoderequest_")
            for route in (
                "/housekeeping/",
                "/housekeeping/export.csv",
                "/housekeeping/<slug:month>/",
                "/admin/inventory/housekeepingrun/simulate/",
            )
        ),
        "a forecast joins the open requests, every eighth of this estate's; in life far fewer are open",
    ),
}
"""By route and words of the fault. Each of them would be better mended than allowed."""

_NONE_THERE = "the estate has none of these"
_SENT = "it shows what was sent with it, and leads away without"
NOT_SHOWN: Final[dict[str, str]] = {
    "/admin/(?P<url>.*)": "what no page is found at",
    "/admin/r/<path:content_type_id>/<path:object_id>/": "it only leads elsewhere",
    "/devices/<eui64:device_id>/correct/<slug:verb>/": "it says what was just done",
    "/incidents/<reference:reference>/unlock/": "of a request whose code was read too often",
    "/install-code-requests/chosen/close/": _SENT,
    "/install-code-requests/chosen/codes/": _SENT,
    "/install-code-requests/chosen/decline/": _SENT,
    "/install-code-requests/chosen/withdraw/": _SENT,
    "/officers/<reference:reference>/end/": "of an officer who was confirmed by the person's own administrator",
    "/officers/<reference:reference>/nominated/": "of a nomination",
    "/officers/<reference:reference>/withdraw/": "of a nomination",
    "/products/imports/check/<str:reference>/": _NONE_THERE,
    "/quarantine/prepared/<reference:reference>/": _NONE_THERE,
    "/thresholds/export.csv": "of the thresholds in force at that moment",
    "/thresholds/prepared/<reference:reference>/": _NONE_THERE,
    "/thresholds/prepared/<reference:reference>/file/": _NONE_THERE,
    "/uploads/<reference:reference>/file/": "its bytes are in another folder than the tests'",
    "/uploads/<reference:reference>/submit/": "of a file that was checked and not submitted yet",
    "/uploads/by-email/<reference:reference>/": _NONE_THERE,
    "/uploads/by-email/<reference:reference>/approve/": _NONE_THERE,
    "/uploads/by-email/<reference:reference>/submit/": _NONE_THERE,
    "/uploads/by-email/<reference:reference>/withdraw/": _NONE_THERE,
    "/uploads/by-email/report.csv": _NONE_THERE,
    **{
        f"/admin/{model}/<path:object_id>/{page}": _NONE_THERE
        for model in (
            "accounts/apitoken",
            "calendar/calendarentry",
            "incidents/askingalert",
            "inventory/housekeepingrule",
        )
        for page in ("", "change/", "delete/", "history/", "end/")
    },
}
"""Routes at which no thing of the estate is shown."""
