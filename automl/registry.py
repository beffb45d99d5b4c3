"""Registry[T]: entries by (task, name), imported on first use, with near names and entry points for outsiders."""

from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from automl.errors import MissingPackageError, UsageError, did_you_mean

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

    An outside package adds entries by the entry-point group, each named "task.name"; it cannot replace one of ours.
    """

    def __init__(self, noun: str, group: str = "") -> None:
        self.noun = noun
        self._group = group
        self._locators: dict[tuple[str, str], str] = {}
        self._origins: dict[tuple[str, str], str] = {}
        self._faults: dict[tuple[str, str], str] = {}
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
                if (task, name) not in self._locators:
                    distribution = getattr(point, "dist", None)
                    self._locators[task, name] = point.value
                    self._origins[task, name] = f"{distribution.name} {distribution.version}" if distribution is not None else "another package"

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

    def origin(self, task: str, name: str) -> str:
        """Return the distribution that an entry comes from, with its version; an empty string for one of ours."""
        self._scan()
        return self._origins.get((task, name), "")

    def fault(self, task: str, name: str) -> str:
        """Return why an entry of another package cannot be imported, or an empty string; nothing is imported for one of ours."""
        if self.origin(task, name) and (task, name) not in self._faults:
            try:
                resolve(self.locator(task, name))
                self._faults[task, name] = ""
            except Exception as fault:  # what other people's modules do on import is not ours to foresee
                self._faults[task, name] = f"{type(fault).__name__}: {fault}".splitlines()[0][:200]
        return self._faults.get((task, name), "")

    def usable(self, task: str) -> list[str]:
        """Return the names whose entries are not known to fail: ours, and those of other packages that can be imported."""
        return [name for name in self.names(task) if not self.fault(task, name)]

    def get(self, task: str, name: str) -> T:
        """Return an entry, importing its module if that has not happened yet.

        Raises UsageError when it is unknown, MissingPackageError when it is of another package and cannot be imported.
        """
        locator = self.locator(task, name)
        if why := self.fault(task, name):
            whose = self.origin(task, name)
            raise MissingPackageError(f"the {self.noun} `{name}` of the package {whose} cannot be imported: {why}", fix=f"mend or remove {whose.split()[0]}")
        return resolve(locator)  # type: ignore[return-value]
