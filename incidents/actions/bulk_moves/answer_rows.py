"""Reading a file of answers: each row an install code or a decline, checked while the file is in memory.

What comes out holds codes only sealed; a row with anything wrong keeps no code and no part of one, nor a text.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from incidents.actions.bulk import findings
from incidents.actions.bulk.codes import code_in, sealed_until_used
from incidents.actions.bulk.rows import NewRow
from incidents.actions.install_code_requests.answering import Declined, DeclineNeedsDetail
from incidents.actions.install_code_requests.locking import RequestUnknown
from incidents.actions.install_code_requests.notes import TextTooLong
from incidents.models import InstallCodeRequest
from incidents.models.choices import DeclineReason
from inventory.install_code import InstallCode, InstallCodeMissing
from inventory.install_code.shown import shown_back
from inventory.models import SealedInstallCode
from ssi.access.actor import Actor
from ssi.eui64 import Eui64
from ssi.refusals import Refusal
from ssi.web.sheets import Sheet, SpoiltBySpreadsheet, is_spoilt
from ssi.workflow import require_move

REFERENCE, DEVICE_ID, CODE, AGAIN, REASON, DETAIL = HEADER = (
    "Reference",
    "Device ID",
    "Install code",
    "Install code again",
    "Decline reason",
    "Detail",
)
OTHER_NAMES: Final = {REFERENCE: ("Request", "Incident"), DEVICE_ID: ("DeviceID", "GUID"), REASON: ("Reason",)}
LOOKED_UP_AT_ONCE: Final = 5_000


class ColumnsNotNamed(Refusal):
    """The first row does not name the columns “Reference” and “Install code” or “Decline reason”."""

    suggestion = "Download the template, fill it in, and send that."
    field = "file"


class NothingAnswered(Refusal):
    """No row of the file holds an install code or a decline reason."""

    suggestion = (
        "Fill in a code or a decline reason for each request that you can answer, and send the file again."
    )
    field = "file"


class ReferenceMissing(Refusal):
    """The line names no request."""

    suggestion = "Put the request's reference into the column Reference, as it stands in the template."


class CodeAndDecline(Refusal):
    """There is an install code and a decline reason."""

    suggestion = "Keep the one that is right."


class DeclineReasonMissing(Refusal):
    """There is a detail without a decline reason."""

    suggestion = "Choose the decline reason, or clear the detail. A word to the raiser is a note on the request."


class DeclineReasonUnknown(Refusal):
    """The decline reason is not one of those listed."""

    suggestion = "Write one of: {reasons}."


class AnotherDevice(Refusal):
    """The Device ID is not that of the request, which is for {device_id}."""

    suggestion = "Look whether the rows have slipped: the code must be that of the request's device."


class AnsweredTwice(Refusal):
    """The same stands on line {first} already."""

    suggestion = "Nothing needs to be done: the first one counts."


class AnswersDiffer(Refusal):
    """Lines {lines} say different things about this request."""

    suggestion = "Keep the one that is right, and send the file again."


for refusal, keeps in {
    ReferenceMissing: (),
    CodeAndDecline: (),
    DeclineReasonMissing: (),
    DeclineReasonUnknown: ("reasons",),
    DeclineNeedsDetail: (),
    TextTooLong: (),
    AnotherDevice: (),
    AnsweredTwice: ("first",),
    AnswersDiffer: ("lines",),
}.items():
    findings.declare(refusal, *keeps)


@dataclass(frozen=True, slots=True)
class Answer:
    """One row as it was given; what may be secret stays out of `repr`."""

    line: int
    reference: str
    device_id: str = field(repr=False)
    code: str = field(repr=False)
    again: str = field(repr=False)
    reason: str = field(repr=False)
    detail: str = field(repr=False)

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing was filled in."""
        return not (self.code or self.again or self.reason or self.detail)

    @property
    def content(self) -> tuple[str, ...]:
        """Return all that was filled in."""
        return self.device_id, self.code, self.again, self.reason, self.detail


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read: its rows, the sealed codes they point at, and how many were left blank."""

    rows: Sequence[NewRow]
    codes: Sequence[SealedInstallCode]
    blank: int


def answers_in(sheet: Sheet) -> list[Answer]:
    """Return the rows of the file. Raises ColumnsNotNamed, NothingAnswered."""
    places = {name: sheet.place_of(name, *OTHER_NAMES.get(name, ())) for name in HEADER}
    if places[REFERENCE] is None or (places[CODE] is None and places[REASON] is None):
        raise ColumnsNotNamed
    answers = [
        Answer(line, *("" if (place := places[name]) is None else cells[place] for name in HEADER))
        for line, cells in sheet.rows
    ]
    if all(answer.is_blank for answer in answers):
        raise NothingAnswered
    return answers


def read(answers: Sequence[Answer], *, by: Actor, at: datetime) -> Read:
    """Check each row as a single answer would be, and seal the codes; nothing is saved yet."""
    filled = [answer for answer in answers if not answer.is_blank]
    requests = _requests_named(filled, by)
    repeated = _repeated(filled)
    rows, codes = [], []
    for answer in filled:
        request = requests.get(_named(answer))
        try:
            if not answer.reference:
                raise ReferenceMissing
            if request is None:
                raise RequestUnknown(reference=shown_back(answer.reference))
            if answer.line in repeated:
                raise repeated[answer.line]
            row, code = _accepted(answer, request, by, at)
        except Refusal as refusal:
            row, code = _refused(answer, request, refusal), None
        rows.append(row)
        codes += [code] if code else []
    return Read(rows, codes, len(answers) - len(filled))


def _requests_named(answers: Iterable[Answer], by: Actor) -> Mapping[str, InstallCodeRequest]:
    """Return the requests that the rows name, of those that `by` may see."""
    names = sorted({_named(answer) for answer in answers})
    visible = InstallCodeRequest.objects.visible_to(by)
    return {
        request.reference: request
        for start in range(0, len(names), LOOKED_UP_AT_ONCE)
        for request in visible.by_reference(*names[start : start + LOOKED_UP_AT_ONCE])
    }


def _named(answer: Answer) -> str:
    return answer.reference.upper()


def _repeated(answers: Iterable[Answer]) -> Mapping[int, Refusal]:
    """Return why rows are refused whose request stands on another line too: all of them if they differ."""
    by_request: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_request[_named(answer)].append(answer)
    refused: dict[int, Refusal] = {}
    for same in (each for each in by_request.values() if len(each) > 1):
        if len({answer.content for answer in same}) == 1:
            refused |= {answer.line: AnsweredTwice(first=same[0].line) for answer in same[1:]}
        else:
            lines = ", ".join(str(answer.line) for answer in same[:10])
            refused |= {answer.line: AnswersDiffer(lines=lines) for answer in same}
    return refused


def _accepted(
    answer: Answer, request: InstallCodeRequest, by: Actor, at: datetime
) -> tuple[NewRow, SealedInstallCode | None]:
    """Return a row that can be carried out, with its sealed code if it holds one. Raises the row's refusal."""
    _refuse_another_device(answer, request)
    if answer.code or answer.again:
        require_move(request.answer, by=by)
        code = sealed_until_used(_code_of(answer), device_id=request.device_id, given_by=by.user.user_id, at=at)
        return NewRow(answer.line, request.reference, request.device_id, request.pk, code_id=code.pk), code
    require_move(request.decline, by=by)
    declined = _declined(answer)
    return (
        NewRow(
            answer.line,
            request.reference,
            request.device_id,
            request.pk,
            choice=declined.reason,
            detail=declined.detail,
        ),
        None,
    )


def _refuse_another_device(answer: Answer, request: InstallCodeRequest) -> None:
    if not answer.device_id:
        return
    if is_spoilt(answer.device_id):
        raise SpoiltBySpreadsheet
    if Eui64.parse(answer.device_id) != request.device_id:
        raise AnotherDevice(device_id=request.device_id)


def _code_of(answer: Answer) -> InstallCode:
    if answer.reason:
        raise CodeAndDecline
    if answer.detail:
        raise DeclineReasonMissing
    if not answer.code:
        raise InstallCodeMissing
    return code_in(answer.code, answer.again)


def _declined(answer: Answer) -> Declined:
    if not answer.reason:
        raise DeclineReasonMissing
    return Declined.because(_reason_of(answer.reason), answer.detail)


def _reason_of(text: str) -> DeclineReason:
    """Return the reason of its value or its words. Raises DeclineReasonUnknown, which does not repeat the text."""
    said = " ".join(text.casefold().split()).rstrip(".")
    for reason in DeclineReason:
        if said in {reason.value, reason.label.casefold(), reason.value.replace("_", " ")}:
            return reason
    raise DeclineReasonUnknown(reasons="; ".join(DeclineReason.labels))


def _refused(answer: Answer, request: InstallCodeRequest | None, refusal: Refusal) -> NewRow:
    finding, fact = findings.of(refusal)
    given = request.reference if request else shown_back(answer.reference)
    if request is None:
        return NewRow(answer.line, given, finding=finding, fact=fact)
    return NewRow(answer.line, given, request.device_id, request.pk, finding=finding, fact=fact)


def normal_form(answers: Iterable[Answer]) -> Iterator[bytes]:
    """Yield what the answers say, alike however their file is sorted or spaced, for a keyed digest."""
    for each in sorted((_named(answer), *answer.content) for answer in answers if not answer.is_blank):
        yield "\x1f".join("".join(part.split()).upper() for part in each).encode()
