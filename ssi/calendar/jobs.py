"""What the clock does for the calendar: changes that no worker has seen to the end are taken up again."""

SCHEDULE = {
    "calendar-recount": {
        "task": "ssi.calendar.tasks.recount",
        "schedule": 600.0,
        "options": {"expires": 590},
    }
}
