"""What all tests share: property tests have no deadline; sandboxes check themselves where they can."""

import os
from pathlib import Path

from hypothesis import settings

# A busy machine would make property tests miss a deadline.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# Set for the whole run, so that the sandboxes in programs which tests start are checked as well; those have
# folders of their own.
DESCRIPTION = Path(__file__).parents[2] / "shared" / "discord" / "openapi.json"
if named := os.environ.get("DISCORD_OPENAPI", str(DESCRIPTION) if DESCRIPTION.is_file() else ""):
    os.environ["DISCORD_OPENAPI"] = str(Path(named).absolute())
