"""`python -m asyncmigrate`: the same as `amigrate`."""

from asyncmigrate.cli import main

if __name__ == "__main__":
    main()
