"""The inventory keeps what Users sent: it tells the signed files' floor how much that was.

Found when the portal starts, by its name (`ssi/uploads/apps.py`).
"""

from inventory.search.traffic import hours, pre_commands_since
from ssi.uploads import traffic

traffic.add(hours, pre_commands_since=pre_commands_since)
