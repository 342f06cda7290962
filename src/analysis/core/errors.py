"""What can go wrong, as a tree. Every message says what is wrong, where, and what to do."""


class AnalysisError(Exception):
    """Base of everything this project raises on purpose.

    Parameters
    ----------
    message : what is wrong and where, one plain sentence
    hint : what to do about it, one plain sentence
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}".strip())


class ParameterError(AnalysisError):
    """A parameter, name or command is not what it may be."""

    exit_code = 2


class DataError(AnalysisError):
    """The data cannot be used as they are."""

    exit_code = 3


class MethodError(AnalysisError):
    """A method cannot run on what it was given."""


class ReportError(AnalysisError):
    """A finished report failed a check and is not published."""

    exit_code = 4
