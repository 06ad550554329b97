"""`python -m profstat`."""

from profstat.command import main

if __name__ == "__main__":
    main()
