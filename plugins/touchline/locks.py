"""Advisory locks of the warehouse's database."""


class Lock:
    """Advisory lock numbers; one per thing that must not happen twice at once."""

    MIGRATE = 7_460_001
    LOAD_SEQUENCE = 7_460_002
    BUILD = 7_460_003
    REREAD = 7_460_004
    RAW_MONTHS = 7_460_011
    MAINTAIN = 7_460_012
    TOKENS = 7_460_020
    """Shared by every transaction that writes tokens; retokenise holds it alone."""
