"""Housekeeping: what is Pending for too long leaves the inventory, and its notifying party is told (SECMP0060)."""

from inventory.actions.housekeeping.rules import change_rule
from inventory.actions.housekeeping.running import BATCH, HousekeepingIsRunning, carry_on, run
from inventory.actions.housekeeping.simulating import Simulation, simulate

__all__ = ["BATCH", "HousekeepingIsRunning", "Simulation", "carry_on", "change_rule", "run", "simulate"]
