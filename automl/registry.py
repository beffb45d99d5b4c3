"""Registry[T]: entries by (task, name), imported on first use, with near names and entry points for outsiders."""

from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from automl.errors import UsageError, did_you_mean

T = TypeVar("T")


def resolve(locator: str) -> object:
    """Import "package.module:attribute" and return the attribute."""
    module, _, attribute = locator.partition(":")
    found: object = import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found


class Registry(Generic[T]):
    """A table of named entries; values are locators, so that listing names loads nothing.

    An outside package adds entries by the entry-point group, each named "task.name".
    """

    def __init__(self, noun: str, group: str = "") -> None:
        self.noun = noun
        self._group = group
        self._locators: dict[tuple[str, str], str] = {}
        self._scanned = not group

    def add(self, task: str, name: str, locator: str) -> None:
        """Register `name` for `task`; `locator` is "package.module:attribute"."""
        self._locators[(task, name)] = locator

    def remove(self, task: str, name: str) -> None:
        """Take an entry out again (tests and plug-ins that unload)."""
        self._locators.pop((task, name), None)

    def _scan(self) -> None:
        if not self._scanned:
            self._scanned = True
            for point in entry_points(group=self._group):
                task, _, name = point.name.partition(".")
                self._locators.setdefault((task, name), point.value)

    def names(self, task: str) -> list[str]:
        """Return the names known for a task, in order of registration."""
        self._scan()
        return [name for (of, name) in self._locators if of == task]

    def tasks(self) -> list[str]:
        """Return the tasks that have at least one entry."""
        self._scan()
        return list(dict.fromkeys(of for (of, _) in self._locators))

    def locator(self, task: str, name: str) -> str:
        """Return where an entry lives. Raises UsageError with the nearest name when it is unknown."""
        self._scan()
        if (task, name) not in self._locators:
            near = did_you_mean(name, self.names(task))
            hint = f"did you mean `{near}`?" if near else "known: " + ", ".join(self.names(task))
            raise UsageError(f"`{name}` is not a {self.noun} for {task}", fix=hint)
        return self._locators[(task, name)]

    def get(self, task: str, name: str) -> T:
        """Return an entry, importing its module if that has not happened yet."""
        return resolve(self.locator(task, name))  # type: ignore[return-value]
