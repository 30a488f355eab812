"""``python -m openjcm`` is the command ``openjcm``."""

from openjcm.cli import main

if __name__ == "__main__":
    main()
