"""Error types of the whole product: sentences to a colleague, and the exit code each one means.

Belongs here: the exceptions that user-facing code raises, and the collector that gathers several
faults before raising. Does not belong here: printing, exit handling (that is the command line's).
"""

from dataclasses import dataclass, field


class UitstroomError(Exception):
    """A failure that a user can read: what, where, found and expected, what to do.

    Args:
        what: What is wrong, as the start of a sentence.
        where: File, key, row or column.
        found: What stands there.
        expected: What should stand there.
        todo: What the reader can do.
    """

    exit_code = 1

    def __init__(
        self, what: str, *, where: str = "", found: str = "", expected: str = "", todo: str = ""
    ) -> None:
        self.what, self.where, self.found = what, where, found
        self.expected, self.todo = expected, todo
        parts = [f"{where}: {what}" if where else what]
        if found:
            parts.append(f"found {found}")
        if expected:
            parts.append(f"expected {expected}")
        text = "; ".join(parts).rstrip(".") + "."
        super().__init__(f"{text} {todo}".rstrip())


class UsageError(UitstroomError):
    """The command was used wrongly: unknown flag, region, scenario or key (exit code 2)."""

    exit_code = 2


class RefusedError(UitstroomError):
    """The product refuses: a delivery, an unsafe release, another run going (exit code 3)."""

    exit_code = 3


class FaultsError(UitstroomError):
    """Several faults at once; its exit code is that of the gravest kind it was made for."""

    def __init__(self, faults: list[UitstroomError]) -> None:
        self.faults = faults
        self.exit_code = faults[0].exit_code
        Exception.__init__(self, "\n".join(str(fault) for fault in faults))


@dataclass
class FaultList:
    """Collects faults so that a user sees them all at once."""

    faults: list[UitstroomError] = field(default_factory=list)

    def add(self, fault: UitstroomError) -> None:
        """Keep one fault for later."""
        self.faults.append(fault)

    def raise_if_any(self) -> None:
        """Raise what was collected.

        Raises:
            UitstroomError: The fault itself when there is one, else a `FaultsError` with all.
        """
        if len(self.faults) == 1:
            raise self.faults[0]
        if self.faults:
            raise FaultsError(self.faults)
