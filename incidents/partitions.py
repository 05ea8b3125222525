"""The tables of the work about things that grow without end."""

from incidents.models import InstallCodeRequest
from ssi.partitions import YEARS, Growing

AHEAD = 1
"""Years made ahead."""

TABLES = [Growing(InstallCodeRequest, YEARS, ahead=AHEAD)]
