"""What people are written to about their accounts."""

from ssi.notifications.notices import Notice, Pace, declare

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
