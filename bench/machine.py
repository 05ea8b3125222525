"""What the figures were measured on."""

import os
import platform
from pathlib import Path
from typing import Final

import django
import psutil
from django.db import connection

LOOKED_AT: Final = 3.0
SETTINGS_THAT_MATTER: Final = (
    *("shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem", "max_wal_size", "wal_level"),
    *("fsync", "synchronous_commit", "full_page_writes", "jit", "random_page_cost"),
    *("max_parallel_workers_per_gather", "max_parallel_maintenance_workers"),
)


def machine() -> dict[str, object]:
    """Return what is needed to compare figures: processors, memory, versions, PostgreSQL's settings."""
    return {
        "processor": _named_in(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "processors": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "django": django.get_version(),
        "postgresql": _shown("server_version"),
        "postgresql_settings": {name: _shown(name) for name in SETTINGS_THAT_MATTER},
    }


def load_of_others() -> float:
    """Return how many processors others use just now, while we do nothing: looked at for some seconds."""
    idle = psutil.cpu_times_percent(LOOKED_AT).idle
    return float(1 - idle / 100) * (os.cpu_count() or 1)


def _shown(setting: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [setting])
        return str(cursor.fetchone()[0])


def _named_in(path: Path, name: str) -> str:
    """Return the first value of a name in one of the kernel's tables, nothing where there is none."""
    if not path.exists():
        return ""
    values = (line.partition(":") for line in path.read_text(encoding="utf-8").splitlines())
    return next((value.strip() for key, _, value in values if key.strip() == name), "")
