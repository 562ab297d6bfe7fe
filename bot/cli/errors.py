"""What the commands say when they can't do what was asked."""


class CommandError(Exception):
    """Ends the program with one sentence for the operator and an exit code: 1, or 2 where the call was wrong."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        """`sentence` goes to stderr as it is."""
        super().__init__(sentence)
        self.code = code
