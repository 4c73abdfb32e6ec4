"""Named places where a test may make the process die, as if the power went. Does nothing otherwise.

`BOT_FAULT_POINT=after-accept` kills the process by SIGKILL when it first reaches `fault_point("after-accept")`;
`BOT_FAULT_POINT=after-accept:3` when it does so the third time.
"""

import os
import signal
from collections import Counter

_passed: Counter[str] = Counter()


def fault_point(name: str) -> None:
    """Die here if the environment says so."""
    wanted, _, number = os.environ.get("BOT_FAULT_POINT", "").partition(":")
    if wanted != name:
        return
    _passed[name] += 1
    if _passed[name] == int(number or 1):
        os.kill(os.getpid(), signal.SIGKILL)
