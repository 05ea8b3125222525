"""The colours of both themes can be read: WCAG 2.2 AA, computed from the tokens themselves."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static/css/tokens.css").read_text()
PAIRS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(
        r"--([a-z0-9-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)", TOKENS
    )
}
TONES = ("waiting", "under-way", "good", "attention", "bad", "over")
GROUNDS = ("ground", "surface", "surface-2")

READ_ON = [
    *[(ink, ground) for ink in ("ink", "ink-2", "accent", "accent-strong", "bad-ink") for ground in GROUNDS],
    *[(f"{tone}-ink", f"{tone}-ground") for tone in TONES],
    ("ink", "accent-soft"),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("surface", "bad-ink"),
    ("surface", "ink"),
    *[(ink, side) for ink in ("side-ink", "side-ink-2") for side in ("side", "side-active")],
]
SEEN_ON = [
    ("line-strong", "surface"),
    ("line-strong", "ground"),
    *[("focus", ground) for ground in GROUNDS],
    ("accent", "surface-2"),
    ("side-mark", "side"),
    *[(f"{tone}-mark", f"{tone}-ground") for tone in TONES],
    ("bad-mark", "surface"),
]


def luminance(colour: str) -> float:
    """WCAG's relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_every_colour_is_a_pair() -> None:
    named = set(re.findall(r"--([a-z0-9-]+):\s*light-dark", TOKENS)) - {"shadow"}
    assert named == set(PAIRS)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ_ON)
def test_text_can_be_read(ink: str, ground: str, theme: str) -> None:
    assert contrast(PAIRS[ink][theme], PAIRS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SEEN_ON)
def test_shapes_and_edges_can_be_seen(shape: str, ground: str, theme: str) -> None:
    assert contrast(PAIRS[shape][theme], PAIRS[ground][theme]) >= 3


def test_no_colour_is_written_outside_the_tokens() -> None:
    sheets = [path for path in Path(settings.BASE_DIR / "static/css").rglob("*.css") if path.name != "tokens.css"]
    strays = {
        f"{path.name}: {colour}"
        for path in sheets
        if path.name != "print.css"
        for colour in re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])", path.read_text())
    }
    assert not strays
