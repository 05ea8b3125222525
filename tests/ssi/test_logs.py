"""What never gets into a log."""

import pytest

from ssi import logs

CODE = "00112233445566778899AABBCCDDEEFF"


def hidden(**event: object) -> dict[str, object]:
    return dict(logs.without_secrets(None, "info", logs.without_query_strings(None, "info", dict(event))))


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        CODE.lower(),
        CODE + "1234",
        "-".join(CODE[i : i + 2] for i in range(0, 32, 2)),
        " ".join(CODE[i : i + 2] for i in range(0, 32, 2)),
        f"could not read '{CODE}' in field",
        *(gap.join(CODE[i : i + size] for i in range(0, 32, size)) for size in (1, 2, 4, 8) for gap in "-: +._"),
        "/incidents/" + "%20".join(CODE[i : i + 4] for i in range(0, 32, 4)) + "/",
        "-".join(f"{CODE}1234"[i : i + 8] for i in range(0, 36, 8)),
    ],
)
def test_what_looks_like_an_install_code_is_hidden(text: str) -> None:
    assert CODE not in str(hidden(event=text)["event"])
    assert logs.HIDDEN in str(hidden(event=text)["event"])
    assert logs.HIDDEN in str(hidden(details={"given": [text]})["details"])


@pytest.mark.parametrize(
    "text",
    [
        "90-B3-D5-1F-30-03-00-00",
        "90-B3-D5-1F-30-03-00-00 and 90-B3-D5-1F-30-01-00-00",
        "8d3a4c1e-7f21-4a55-9e1b-2f6f1c0a9b7d",
        "INC000000000123",
    ],
)
def test_identifiers_stay_readable(text: str) -> None:
    assert hidden(event=text)["event"] == text


def test_fields_named_like_secrets_are_hidden() -> None:
    assert hidden(event="x", password="short", Token="t") == {
        "event": "x",
        "password": logs.HIDDEN,
        "Token": logs.HIDDEN,
    }


def test_link_to_a_new_password_is_hidden() -> None:
    logged = hidden(event="request_started", request="GET /password/new/2s-c7a1b2-0123456789abcdef/")["request"]
    assert logged == f"GET /password/new/{logs.HIDDEN}/"
    assert hidden(event="x", request="GET /password/new/set/")["request"] == "GET /password/new/set/"


def test_query_strings_are_cut_off() -> None:
    assert hidden(event="request_started", request="GET /devices/?q=secret")["request"] == "GET /devices/"
    assert hidden(event="Not Found: /a/b?c=d&e")["event"] == "Not Found: /a/b"


@pytest.mark.parametrize("fmt", ["text", "json"])
def test_a_traceback_shows_no_local_variables(fmt: str, capsys: pytest.CaptureFixture[str]) -> None:
    import logging.config

    before = logging.root.handlers[:], logging.root.level
    try:
        logging.config.dictConfig(logs.structured("INFO", fmt))
        try:
            kept_back = "a local secret"
            raise ValueError(len(kept_back))
        except ValueError:
            logging.getLogger("ssi.test").exception("It failed")
    finally:
        logging.root.handlers[:], logging.root.level = before
    said = capsys.readouterr().err
    assert "It failed" in said
    assert "ValueError" in said
    assert "a local secret" not in said.replace('kept_back = "a local secret"', "")
