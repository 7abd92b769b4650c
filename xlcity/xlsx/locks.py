"""Locks that the system takes away when their process dies, however it died."""

from __future__ import annotations

try:
    import fcntl
except ImportError:  # Windows, which does not let an open file be removed
    fcntl = None  # type: ignore[assignment]

#: Whether a lock tells the living from the dead here.
AVAILABLE = fcntl is not None


def lock(handle: int) -> None:
    """Lock an open file as long as it stays open; where there are no locks, do nothing.

    Parameters
    ----------
    handle
        Its descriptor. Programs that are started do not inherit it.
    """
    if fcntl is not None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            return


def is_abandoned(handle: int) -> bool:
    """Return whether no living process holds the lock of a file; this one does then."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
