"""Numbers in sentences."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """Put a number before its noun: "1 film", "1,200 films", "2 boxes".

    Args:
        number: The number.
        noun: The noun in the singular.
        plural: Its plural, if that is not the singular with an s.
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
