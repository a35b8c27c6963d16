"""The package's logger, as whoever logs gets it.

It has a NullHandler from its first moment, so that nothing is printed where nobody has configured
logging. That is all that is ever done to any logger: no level, no other handler, and above all no
`fileConfig`, which would silence the loggers of the application that runs its migrations.
"""

from __future__ import annotations

import logging

logger = logging.getLogger("asyncmigrate")
logger.addHandler(logging.NullHandler())
