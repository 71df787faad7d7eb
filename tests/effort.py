"""How long the tests look: HYPOTHESIS_PROFILE is `ci`, the default, or `nightly`, which tries ten
times as many examples, and of every network what `ci` tries of one of each kind.
"""

import os

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
NIGHTLY = PROFILE == "nightly"
TIMES = 10 if NIGHTLY else 1
"""How often the number of examples that a test states is looked at."""
