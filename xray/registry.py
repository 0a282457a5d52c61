"""Named items that register themselves: architectures, explanation methods, checks, narrators, changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from xray.errors import InvalidRequest, XrayError

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """A mapping from names to items. An unknown name raises an error that lists the known ones.

    Args:
        kind: What an item is, in the singular, for error messages.
        error: The error for an unknown name.
        order: Names that come first, in this order. Other names follow in the order of registration.
    """

    def __init__(self, kind: str, error: type[XrayError] = InvalidRequest, order: Sequence[str] = ()) -> None:
        self.kind = kind
        self.error = error
        self._order = tuple(order)
        self._items: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._items:
            raise self.error(f"There is no {self.kind} {name!r}.", hint=f"Known: {', '.join(self)}.")
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def get(self, name: str, default: Any = None) -> Any:
        """Return an item by name, or the default."""
        return self._items.get(name, default)

    def __iter__(self) -> Iterator[str]:
        first = [name for name in self._order if name in self._items]
        return iter([*first, *(name for name in self._items if name not in self._order)])

    def __len__(self) -> int:
        return len(self._items)

    def add(self, name: str, item: T) -> None:
        """Register an item. Raises ValueError if the name is taken."""
        if name in self._items:
            raise ValueError(f"expected a new name for a {self.kind}, got {name!r}, which is registered")
        self._items[name] = item

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that registers what it decorates under a name."""

        def decorate(item: T) -> T:
            self.add(name, item)
            return item

        return decorate

    @contextmanager
    def undone_after_failure(self) -> Iterator[None]:
        """Remove what a with block registers if it raises an error."""
        before = dict(self._items)
        try:
            yield
        except BaseException:
            self._items = before
            raise

    @contextmanager
    def temporarily(self, name: str, item: T) -> Iterator[None]:
        """Add or replace an item for the duration of a with block."""
        before = dict(self._items)
        self._items[name] = item
        try:
            yield
        finally:
            self._items = before
