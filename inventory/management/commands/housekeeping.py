"""Housekeeping from the command line: what the clock does each night, or what it would do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from inventory.actions import housekeeping
from inventory.actions.housekeeping import HousekeepingIsRunning, Simulation
from inventory.models import HousekeepingRun
from ssi.access.actor import Actor

UNKNOWN = "notifying party not known"


class Command(BaseCommand):
    """Prints what was, or would be, removed on standard output, and its progress on standard error."""

    help = (
        "Removes the devices that have been Pending for longer than their type may be (12 months unless DCC says "
        "otherwise; Communications Hubs and GPFs stay), and tells their notifying parties. An interrupted run is "
        "finished first. With --simulate it says what it would do, by device type and party, and changes nothing. "
        "Exit status 0, also when another run is under way and nothing was done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--simulate`."""
        parser.add_argument("--simulate", action="store_true", help="say what would be done, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Simulate, or run."""
        if options["simulate"]:
            self._show(housekeeping.simulate(by=Actor.system()))
            return
        try:
            runs = housekeeping.run(by=Actor.system(), tell=self._progress)
        except HousekeepingIsRunning as refusal:
            self.stderr.write(str(refusal), self.style.NOTICE)
            return
        for run in runs:
            self.stdout.write(f"{run.run_date}: {_devices(run.removed)} removed, {run.held:,} held.")

    def _show(self, simulation: Simulation) -> None:
        for due in simulation.due:
            count = due.count
            self.stdout.write(
                f"{due.device_type.duis}\t{due.party or UNKNOWN}\t{count.devices - count.held:,} to remove\t"
                f"{count.held:,} held"
            )
        self.stdout.write(
            f"{simulation.run_date}: would remove {_devices(simulation.removed)}, {simulation.held:,} held. "
            "Nothing was changed."
        )

    def _progress(self, run: HousekeepingRun) -> None:
        removed = HousekeepingRun.objects.values_list("removed", flat=True).get(pk=run.pk)
        self.stderr.write(f"{_devices(removed)} removed", self.style.NOTICE)


def _devices(number: int) -> str:
    return "1 device" if number == 1 else f"{number:,} devices"
