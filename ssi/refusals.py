"""A Refusal says what is wrong and what to do about it, in one voice on screen, in the API and on the terminal.

SEC App AH (glossary, "Self-Service Interface Design Specification"): where a field is invalid DCC gives "a
validation error message and a suggestion for resolution".
"""

from http import HTTPStatus
from typing import ClassVar, Self


class Refusal(Exception):  # noqa: N818 - a refusal is an answer to the user, not an error of the program
    """What the user asked for may not be done; subclasses say why in their docstring's first line.

    The first line of a subclass's docstring is the sentence the user reads; `{names}` in it and in
    `suggestion` are filled from the keyword arguments. `field` names the form or API field at fault, if any.
    `hides_value` says that what was typed must not be shown again, since it is a secret.
    `status` is the HTTP status of the API's problem document; `source` the rule's origin.
    """

    suggestion: ClassVar[str] = ""
    source: ClassVar[str] = ""
    hides_value: ClassVar[bool] = False
    field: str | None = None
    status: ClassVar[HTTPStatus] = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, **facts: object) -> None:
        sentence = (type(self).__doc__ or "").strip().splitlines()[0]
        self.facts = facts
        self.message = sentence.format(**facts)
        self.way_out = self.suggestion.format(**facts)
        super().__init__(f"{self.message} {self.way_out}".strip())

    @classmethod
    def at(cls, field: str, **facts: object) -> Self:
        """Return the refusal with `field` at fault: the same rule serves several fields."""
        refusal = cls(**facts)
        refusal.field = field
        return refusal

    @property
    def title(self) -> str:
        """Return the refusal's name in words, such as "Device already commissioned"."""
        name = type(self).__name__
        words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
        return words.strip().capitalize()


class NotInThisState(Refusal):
    """This cannot be done now: {what} is {state}."""

    suggestion = "Reload the page to see what happened meanwhile and what you may do now."
    status = HTTPStatus.CONFLICT
    source = "SSI design: a state moves only where its table says"


class NotAllowed(Refusal):
    """{why}"""  # noqa: D400, D415 - the sentence comes whole from the access matrix

    suggestion = "{way_out}"
    status = HTTPStatus.FORBIDDEN
    source = "SEC App AH: access control by Job Type Role"
