"""``python -m guest.clones.stripe --port P --seed S --config FILE``."""

from ..cli import main
from .clone import StripeClone

if __name__ == "__main__":
    main(StripeClone)
