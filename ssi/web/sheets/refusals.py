"""Why a file cannot be read as a table, and what to do about it."""

from ssi.refusals import Refusal


class SheetTooLarge(Refusal):
    """The file is larger than {limit} MB."""

    suggestion = "Keep only the columns that are needed and save it as CSV, or send it in parts."
    source = "SSI design 6: uploads have a size cap before reading"
    field = "file"


class SheetHasTooManyRows(Refusal):
    """The file has more than {limit:,} rows."""

    suggestion = "Send it in parts of at most {limit:,} rows."
    field = "file"


class SheetIsEmpty(Refusal):
    """The file has no rows."""

    suggestion = "Put the rows on the first sheet, one a line, save the file and send it again."
    field = "file"


class SheetIsProtected(Refusal):
    """The workbook is protected by a password, so it cannot be read."""

    suggestion = "Open it, remove the password and save it again, or save the sheet as CSV."
    field = "file"


class SheetIsOfOtherKind(Refusal):
    """{what} cannot be read here."""

    suggestion = "Open it in your spreadsheet program, save it as XLSX or as CSV, and send that."
    field = "file"


class SheetHasMacros(Refusal):
    """The workbook can hold macros (XLSM); such files are not accepted."""

    suggestion = "Save it as XLSX, which has none, or as CSV, and send that."
    field = "file"


class SheetIsDamaged(Refusal):
    """The workbook cannot be opened: it is damaged, or not written as spreadsheets write it."""

    suggestion = "Open it in your spreadsheet program and save it again as XLSX, or as CSV."
    field = "file"


class SheetIsNotCalculated(Refusal):
    """The workbook holds formulas without their results, so what their cells say cannot be read."""

    suggestion = "Open it in your spreadsheet program, save it and send it again; or put values in their place."
    source = "Programs that write workbooks leave the calculating to the spreadsheet program"
    field = "file"


class SheetUnpacksTooLarge(Refusal):
    """The workbook is too large when unpacked."""

    suggestion = "Copy the rows to a new workbook without anything else, or save the sheet as CSV."
    source = "SSI design 6: parsed under limits"
    field = "file"


class SheetQuoteIsOpen(Refusal):
    """Near row {line} a quotation mark is opened and not closed, so the columns cannot be told apart."""

    suggestion = 'Close it, or double the mark if it belongs to the text (5"" cable), and send the file again.'
    field = "file"


class SheetCellTooLong(Refusal):
    """Row {line} holds a cell of more than {limit:,} characters."""

    suggestion = "Shorten it. If the row looks right, a quotation mark before it may not be closed."
    field = "file"


class SpoiltBySpreadsheet(Refusal):
    """A spreadsheet has made a rounded number of this, so digits of it are lost."""

    suggestion = "Format the column as text, put the value in again from its source, and send the file again."
    source = "Spreadsheets keep 15 digits of a number"
