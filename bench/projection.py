"""What larger estates would take: a straight line through what was measured, and how far that lies from it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line: so much at nothing, and so much for each device."""

    base: float
    each: float

    def at(self, devices: float) -> float:
        """Return what the line gives for so many devices."""
        return self.base + self.each * devices


def fitted(points: Sequence[tuple[float, float]]) -> Line:
    """Return the line of least squares through (devices, measured). Raises ValueError for fewer than two sizes."""
    if len({x for x, _ in points}) < 2:  # noqa: PLR2004 - a line needs two points
        raise ValueError("A line needs measurements at two sizes.")
    mean_x, mean_y = (sum(each) / len(points) for each in zip(*points, strict=True))
    each = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    return Line(mean_y - each * mean_x, each)


def residual(line: Line, points: Sequence[tuple[float, float]]) -> float:
    """Return how far the farthest point lies from the line, as a part of what was measured there."""
    return max(abs(line.at(x) - y) / y for x, y in points)
