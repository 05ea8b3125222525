"""PostgreSQL and Valkey for a copy that runs on its own: nothing to install, nothing to configure.

Only the programs in the wheels are used, not their Python code. `Servers` starts them for `make run` and
`make test`; `environment_for_command` for one management command.
"""

from ssi.embedded.servers import (
    ROOT,
    DataFolderInUse,
    DataFolderUnusable,
    Servers,
    data_dir,
    environment_for_command,
    fill_secrets,
)

__all__ = [
    "ROOT",
    "DataFolderInUse",
    "DataFolderUnusable",
    "Servers",
    "data_dir",
    "environment_for_command",
    "fill_secrets",
]
