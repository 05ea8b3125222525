"""What the clock does for notifications: the outbox is swept each minute, so a lost wake-up loses nothing."""

SCHEDULE = {
    "notifications-sweep": {
        "task": "ssi.notifications.tasks.deliver_outbox",
        "schedule": 60.0,
        "options": {"expires": 55},
    }
}
