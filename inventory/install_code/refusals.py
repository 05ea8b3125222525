"""What may be wrong with an install code, or with a text that holds one. None of these repeats what was typed."""

from ssi.refusals import Refusal


class InstallCodeMissing(Refusal):
    """No install code was given."""

    suggestion = "Type the code from the device's label or your asset records: 36 digits with its check digits."
    field = "install_code"


class InstallCodeNotHexadecimal(Refusal):
    """An install code has only the digits 0 to 9 and the letters A to F."""

    suggestion = "Look for a letter O, I, S or B typed for 0, 1, 5 or 8, and leave out any words."
    field = "install_code"


class InstallCodeWrongLength(Refusal):
    """{kind} has {checked} digits with its check digits, or {bare} without them; this has {count}."""

    suggestion = "Re-read the label, or copy the code again from your asset records."
    source = "ZigBee install codes: 6, 8, 12 or 16 bytes, then a 2-byte CRC"
    field = "install_code"


class InstallCodeLooksLegacy(Refusal):
    """An install code has 36 digits with its check digits, or 32 without them; this has {count}."""

    suggestion = (
        "Re-read the label. If it shows no more than {count} digits, choose the legacy length of {length} bytes."
    )
    source = "ZigBee install codes: 6, 8 or 12 bytes are legal and rare"
    field = "install_code"


class InstallCodeLengthAmbiguous(Refusal):
    """16 digits are either a code of 6 bytes with its check digits, or one of 8 bytes without them."""

    suggestion = (
        "Choose the legacy length: 6 bytes if the last four are check digits, 8 bytes if all 16 are the code."
    )
    source = "Sixteen digits cannot be told apart by their value (domain 5.1)"
    field = "legacy_length"


class InstallCodeCheckDigitsDoNotMatch(Refusal):
    """The check digits do not match."""

    suggestion = "Re-read the label: one of the {count} digits is mistyped, or two are swapped."
    source = "CRC-16/X-25 over the code, low byte first"
    field = "install_code"


class InstallCodeIsPlaceholder(Refusal):
    """An install code is never all zeros or all Fs; that is a placeholder."""

    suggestion = "Look the code up again. If you do not hold it, decline the request and say so."
    field = "install_code"


class InstallCodeNeededTwice(Refusal):
    """A code of {bare} digits has no check digits, so it is needed a second time."""

    suggestion = "Type it again in the second field, from the label, or give all {checked} digits."
    field = "install_code_again"


class InstallCodesDiffer(Refusal):
    """The two entries of the install code differ."""

    suggestion = "Re-read the label and type both again."
    field = "install_code_again"


class NoteHoldsInstallCode(Refusal):
    """The text seems to hold an install code, which may stand only in the sealed answer field."""

    suggestion = (
        "Take it out. To answer a request, give the code under Install code: it is encrypted there, and each "
        "reading of it is recorded. If it is something else, write words between the numbers, and Device IDs "
        "with dashes."
    )
    source = "SSI design 6: install codes are sealed objects"
    hides_value = True
    field = "text"


class FileNameHoldsInstallCode(Refusal):
    """The name of the file seems to hold an install code, which may stand only in the sealed answer field."""

    suggestion = "Give the file a name without long numbers and send it again."
    source = "SSI design 6: install codes are sealed objects"
    hides_value = True
    field = "file"
