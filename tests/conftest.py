"""How all tests run."""

import os

from hypothesis import settings

# Where a change is let in or turned away the same examples are tried each time; at a desk new ones are.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
