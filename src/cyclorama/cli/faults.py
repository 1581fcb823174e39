"""Exceptions as one line for the user and an exit status."""

import errno

BAD_INPUT, OUR_FAULT, INTERRUPTED = 2, 1, 130
_SMALLER = "use a smaller --height or another --model"


def describe_fault(fault: BaseException) -> tuple[str, int]:
    """The line, without "error: ", and the exit status."""
    format_message = getattr(fault, "format_message", None)  # a usage error of the command line's own parser
    if format_message is not None:
        return _describe_usage_error(fault, format_message()), BAD_INPUT
    if isinstance(fault, MemoryError) or _is_out_of_memory(fault):
        return f"out of memory: {_SMALLER} ({_one_line(fault)[:120]})", BAD_INPUT
    if isinstance(fault, OSError):
        return _describe_os_error(fault), BAD_INPUT
    if isinstance(fault, ValueError):
        return _one_line(fault), BAD_INPUT
    words = f"{type(fault).__name__}: {_one_line(fault)}"[:300]
    return f"a fault of cyclorama ({words}); CYCLORAMA_DEBUG=1 shows where: please report it", OUR_FAULT


def _describe_usage_error(fault: BaseException, message: str) -> str:
    """What the parser says, with what it got where it only says what it wanted, and whose help to ask."""
    details = getattr(fault.__cause__ or fault.__context__, "errors", list)()  # of pydantic
    given = repr(details[0].get("input")) if details else ""
    got = f", got {given}" if given and given not in message else ""
    verb = getattr(getattr(fault, "ctx", None), "command_path", None) or "cyclorama"
    said = f"{_one_line(message).rstrip('.')}{got}"
    return f"{said}{'' if said.endswith('?') else '.'} See {verb} --help"


def _describe_os_error(fault: OSError) -> str:
    place = f"{fault.filename}: " if fault.filename else ""
    if fault.errno == errno.ENOSPC:
        return f"{place}no space left on the disk; free some or choose another output"
    return f"{place}{fault.strerror or _one_line(fault)}"


def _is_out_of_memory(fault: BaseException) -> bool:
    return type(fault).__name__ == "OutOfMemoryError" or (
        isinstance(fault, RuntimeError) and "can't allocate memory" in str(fault)
    )


def _one_line(fault: BaseException | str) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__
