"""`python -m cyclorama` is the `cyclorama` command."""

from cyclorama.cli import main

if __name__ == "__main__":
    main()
