"""The one error a user is meant to read."""


class TouchlineError(Exception):
    """A failure told as what happened, where, and what to do next; `runbook` is its section of the runbook, if any."""

    runbook: str | None = None

    def __init__(self, what: str, *, where: str | None = None, todo: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.todo = todo

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"Where: {self.where}")
        if self.todo:
            parts.append(f"What to do: {self.todo}")
        return "\n".join(parts)
