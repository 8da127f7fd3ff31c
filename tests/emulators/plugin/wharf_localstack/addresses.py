"""Where the private addresses of a simulated network really are.

A task has an address of its subnet, as on AWS. This table says which address on this machine stands for it.
"""

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    #: Address on this machine; empty for a simulated task, which nothing can be sent to.
    host: str = ""
    #: What a health check of a simulated task finds.
    healthy: bool = True


_places: dict[tuple[str, str, str], Place] = {}
_lock = threading.Lock()


def put(account: str, region: str, address: str, place: Place) -> None:
    with _lock:
        _places[(account, region, address)] = place


def drop(account: str, region: str, address: str) -> None:
    with _lock:
        _places.pop((account, region, address), None)


def find(account: str, region: str, address: str) -> Place | None:
    """None for an address that leads nowhere; a loopback address stands for itself."""
    with _lock:
        found = _places.get((account, region, address))
    return found or (Place(address) if address.startswith("127.") else None)
