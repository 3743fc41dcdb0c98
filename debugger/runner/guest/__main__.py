"""Entry of the sandbox.

`python -m guest PLAN.json`. Places come from the environment the host sets.
"""

import asyncio
import os
import sys
from pathlib import Path

from . import limits
from .plan import Plan
from .session import Places, Session, write_result


def main() -> None:
    """Read the plan, run it, leave the result."""
    limits.apply()
    places = Places(
        app=Path(os.environ["TRACE_APP"]),
        deps=Path(os.environ["TRACE_DEPS"]),
        out=Path(os.environ["TRACE_OUT"]),
        scratch=Path(os.environ["TRACE_SCRATCH"]),
        lib=os.environ["PYTHONPATH"],
        chromium=os.environ["TRACE_CHROMIUM"],
    )
    plan = Plan.read(Path(sys.argv[1]))
    write_result(asyncio.run(Session(plan, places).run()), places.out)


if __name__ == "__main__":
    main()
