"""The JSON Schema for editors: made from the models, shaped so that hover, completion and switching the task work.

Draft 7 keywords only, as more editors read them. What is not there yet is left out: an editor should not offer it.
"""

import json
from typing import Annotated, Any

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from automl.metrics import METRICS
from automl.spec.explain import default_of
from automl.spec.keys import Section, extra_of, section_of
from automl.spec.model import Spec
from automl.spec.tasks import BRANCHES, TYPES

ID = "https://automl.example/schema/v1.json"
DURATION = r"^(none|(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?)$"
MEMORY = r"^(\d{4,}(\.\d+)?\s*(MB|MiB)|0*[1-9]\d*(\.\d+)?\s*(GB|GiB|TB))$"  # 1 GB at least
SIZE = r"^0*[1-9]\d*(\.\d+)?\s*(B|kB|KB|MB|GB|TB|KiB|MiB|GiB)$|^0*\.\d*[1-9]\d*\s*[kKMGT]i?B$"
LATENCY = r"^\d+(\.\d+)?(us|ms|s)$"
SHARE = r"^(none|\d+(\.\d+)?%)$"
BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}  # as pydantic writes them beside a validator of ours
SHORT_FORMS: dict[str, dict[str, Any]] = {
    "constraints.model_size": {"type": "string", "pattern": SIZE, "examples": ["50MB", "500kB"]},
    "constraints.latency": {"type": "string", "pattern": LATENCY, "examples": ["5ms", "500us"]},
    "constraints.quality": {"type": "number"},
}
"""Sections that may be written as one value."""
PATH = {"type": "string", "pattern": "^(?![A-Za-z][A-Za-z0-9+.-]+:/)"}  # no address: network sources are not there yet


def spec_schema(families: dict[str, list[str]]) -> dict[str, Any]:
    """Return the schema of a spec; `families` lists the names of model families by task (the command line composes them)."""
    return {"$schema": "http://json-schema.org/draft-07/schema#", "$id": ID, "title": "automl spec", **_section(Spec, "", families)}


def text_of(schema: dict[str, Any]) -> str:
    """Return the file content of a schema."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _section(section: type[Section], prefix: str, families: dict[str, list[str]]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required = []
    for field, info in section.model_fields.items():
        name = info.alias or field
        if extra_of(info)["later"] is True:
            continue
        if (inner := section_of(info)) is not None and all(extra_of(i)["later"] is True for i in inner.model_fields.values()):
            continue
        properties[name] = _field(name, info, prefix + name, families)
        if info.is_required():
            required.append(name)
    out: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**out, "required": required} if required else out


def _field(name: str, info: FieldInfo, path: str, families: dict[str, list[str]]) -> dict[str, Any]:
    words = _words(info, path)
    if path == "task":
        return {**words, **_task(families)}
    if (inner := section_of(info)) is not None:
        body = _section(inner, f"{path}.", families)
        if path == "data":  # one source, and one only
            body["oneOf"] = [{"required": [source]} for source in ("train", "sql", "builtin")]
        if path == "data.sql":
            body["required"] = ["connection", "query"]
        if path in ("data", "quantize"):  # short forms: a path or several, a precision
            return {**words, "anyOf": [*(_paths() if path == "data" else [{"type": "string"}]), body]}
        if path == "constraints.quality":
            body["anyOf"] = [{"required": [bound]} for bound in ("min", "max")]
        if path in SHORT_FORMS:
            return {**words, "anyOf": [SHORT_FORMS[path], body]}
        return {**words, **body}
    if (whole := path.removesuffix(".max")) in SHORT_FORMS and path != "constraints.quality.max":
        return {**words, **SHORT_FORMS[whole]}
    if path == "constraints.fairness.max_gap":
        return {**words, "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": r"^\d+(\.\d+)?%$"}]}
    if path == "constraints.time":
        return {**words, "type": "string", "pattern": DURATION, "examples": ["10m", "1h30m", "none"]}
    if path == "constraints.memory":
        return {**words, "type": "string", "pattern": MEMORY, "examples": ["8GB", "1500MB"]}
    if path == "search.objectives":
        one_of = {"type": "string", "enum": ["score", "latency", "size"]}
        return {**words, "anyOf": [{"const": "score"}, {"type": "array", "items": one_of, "contains": {"const": "score"}, "uniqueItems": True, "minItems": 1}]}
    if path == "validation.test":
        return {**words, "anyOf": [{"type": "string", "pattern": SHARE}, {"type": "number", "minimum": 0.01, "maximum": 0.5}]}
    if path in ("models.include", "models.exclude"):
        known = sorted({n for names in families.values() for n in names})
        one: dict[str, Any] = {"type": "string", "enum": known}
        choices = [one, {"type": "array", "items": one, "minItems": 1 if name == "include" else 0}]
        return {**words, "anyOf": [{"const": "all"}, *choices] if name == "include" else choices}
    if path in ("data.train", "data.test"):
        return {**words, "anyOf": _paths()}
    if path == "task.n_clusters":
        made = _plain(info)
        return {**words, "anyOf": [{**part, "minimum": 2, "maximum": 10_000} if part.get("type") == "integer" else part for part in made["anyOf"]]}
    if path == "task.n_components":
        share = {"type": "string", "pattern": r"^(0*[1-9]\d?(\.\d+)?|0*\.\d*[1-9]\d*|0+\.\d*[1-9]\d*)%$", "examples": ["95%"]}
        part = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
        return {**words, "anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 1, "maximum": 10_000}, part, share]}
    if path == "data.sql.connection":
        return {**words, "type": "string", "pattern": r"^(\$\{|[A-Za-z][A-Za-z0-9+.-]+:/)"}
    if path in ("task.metric", "task.also_report") and not extra_of(info)["values"]:
        metrics = METRICS.names("classification")
        if name == "metric":
            return {**words, "type": "string", "enum": ["auto", *metrics]}
        return {**words, "type": "array", "items": {"type": "string", "enum": metrics}}
    return {**words, **_plain(info)}


def _paths() -> list[dict[str, Any]]:
    """Return what a file, a glob or a list of them may be."""
    return [PATH, {"type": "array", "items": PATH, "minItems": 1}]


def _words(info: FieldInfo, path: str) -> dict[str, Any]:
    """Return the texts of a key: plain, and in Markdown with default and example."""
    extra, default = extra_of(info), default_of(info)
    parts = [str(info.description)]
    if default:
        parts.append(f"**Default:** `{default}`")
    if extra["auto"]:
        parts.append(f"**auto:** {extra['auto']}")
    if extra["values"]:
        parts.append("\n".join(f"- `{v}`: {w}" for v, w in extra["values"].items()))
    if extra["example"] not in (None, {}):
        parts.append(f"**Example:** `{path.rpartition('.')[2]}: {json.dumps(extra['example'], ensure_ascii=False)}`")
    parts.append(f"[{path}](docs/spec/{path.partition('.')[0]}.md)")
    return {"description": str(info.description), "markdownDescription": "\n\n".join(parts)}


def _plain(info: FieldInfo) -> dict[str, Any]:
    """Return pydantic's own schema of a value, without titles, with optional values as they are written."""
    extra = extra_of(info)
    kind: Any = info.annotation
    for item in info.metadata:
        if type(item).__name__ not in ("BeforeValidator", "AsText"):
            kind = Annotated[kind, item]
    made: dict[str, Any] = TypeAdapter(kind).json_schema(schema_generator=GenerateJsonSchema)
    made = _inline(made, made.pop("$defs", {}))
    made = _clean(made, set(extra["later"]) if isinstance(extra["later"], tuple) else set())
    words = dict(extra["values"])
    if "enum" in made and words:
        made["markdownEnumDescriptions"] = [words.get(str(v), "") for v in made["enum"]]
    if str(info.annotation).startswith("list") and made.get("type") == "array" and any(type(m).__name__ == "BeforeValidator" for m in info.metadata):
        return {"anyOf": [made, made["items"]]}
    return made


def _inline(node: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema with its own definitions put where they are referred to."""
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {k: _inline(v, definitions) for k, v in node.items()}


def _clean(node: Any, later: set[str]) -> Any:
    if isinstance(node, list):
        return [_clean(item, later) for item in node]
    if not isinstance(node, dict):
        return node
    gone = ("title", "default", "description", "example", "auto", "values", "later", "shown")
    node = {BOUNDS.get(k, k): _clean(v, later) for k, v in node.items() if k not in gone}
    if "enum" in node:
        node["enum"] = [v for v in node["enum"] if v not in later]
    if "anyOf" in node:
        kept = [n for n in node["anyOf"] if n.get("type") != "null"]
        if len(kept) == 1:
            node = {**{k: v for k, v in node.items() if k != "anyOf"}, **kept[0]}
        else:
            node["anyOf"] = kept
    return node


def _task(families: dict[str, list[str]]) -> dict[str, Any]:
    """Return the union as a flat enum and one condition per type: completion can switch the type, hover shows all."""
    built = [name for name, branch in BRANCHES.items() if name in families]
    keys: dict[str, Any] = {
        "type": {
            **_words(BRANCHES[built[0]].model_fields["type"], "task.type"), "type": "string", "enum": built,
            "enumDescriptions": [TYPES[n] for n in built], "markdownEnumDescriptions": [TYPES[n] for n in built],
        }
    }  # fmt: skip
    conditions = []
    for name in built:
        body = _section(BRANCHES[name], "task.", families)
        body["properties"]["type"] = {"const": name}
        conditions.append({"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": body})
    snippet = {"label": "classification", "description": "one class per row", "body": {"type": "classification", "target": "$1"}}
    return {"type": "object", "properties": keys, "required": ["type"], "allOf": conditions, "defaultSnippets": [snippet]}
