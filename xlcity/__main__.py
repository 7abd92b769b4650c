"""`python -m xlcity` is the command."""

import sys

from xlcity.cli import main

if __name__ == "__main__":
    sys.exit(main())
