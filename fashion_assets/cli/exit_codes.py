"""The exit codes of `fashion`, and what each means; `docs/exit-codes.md` is made from them."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's end means to the script that started it."""

    DONE = 0, "All is well."
    STOPPED = (
        1,
        "A quality gate stopped a batch, too much of the source was lost, or a pilot did not decide PROCEED. What "
        "could be done was done.",
    )
    REFUSED = (
        2,
        "Bad usage, a bad setting or input, or something that cannot run now: the message says what to do. A run ends "
        "at the step that it names, and what was computed before is kept.",
    )
    UNWRITABLE = (
        3,
        "The disk is full, or this user may not write to a place. With space or rights again, the same command "
        "continues; nothing that was written is lost.",
    )
    DAMAGED = (
        4,
        "Stored files are missing, cut short or overwritten: `fashion doctor` lists them, `fashion doctor --repair` "
        "sets them aside. `fashion doctor` ends with it for any problem.",
    )
    BUG = 70, "An error that nobody foresaw; its traceback is printed. Please report it."
    INTERRUPTED = 130, "Ctrl-C. All answers so far are in the journal; the same command continues from there."

    meaning: str

    def __new__(cls, code: int, meaning: str) -> "ExitCode":
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member
