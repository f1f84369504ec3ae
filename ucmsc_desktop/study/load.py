"""Read forms/ into a `Study`, or tell every problem in it at once, each with file and line.

YAML 1.2 through ruamel.yaml: `12:30` stays a text, `no` stays a word, a key written twice is refused. Numbers keep their
digits, because they are read as text and become decimals. Nothing is guessed: an unknown key, unit, code list, name or
function is a problem.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ucmsc_desktop import __version__, paths
from ucmsc_desktop.clinical.units import UnitError, convert
from ucmsc_desktop.errors import FormsBroken
from ucmsc_desktop.study.expr import SIGNED, SPACES, SPECIAL, Expression, Ref
from ucmsc_desktop.study.model import Check, Form, Item, Section, Study

YES_NO = [
    {"code": "Y", "label": {"en": "Yes", "zh": "是"}, "sdtm": "Y"},
    {"code": "N", "label": {"en": "No", "zh": "否"}, "sdtm": "N"},
]
YES_NO_UNKNOWN = [*YES_NO, {"code": "U", "label": {"en": "Unknown", "zh": "未知"}, "sdtm": "U"}]
SHARED = ("study.yaml", "choices.yaml", "units.yaml")
HEADER = {"id": "header", "title": {"en": "About this record", "zh": "记录信息"}}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in forms/, where it stands and what is wrong."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class _Document:
    """A parsed YAML file that can tell the line of a path inside it."""

    def __init__(self, name: str, text: str) -> None:
        from ruamel.yaml import YAML  # only where YAML is read; a start with the compiled copy does without

        self.name = name
        yaml = YAML(typ="rt", pure=True)
        yaml.allow_duplicate_keys = False
        self.tree: Any = yaml.load(text)

    def line(self, path: tuple[Any, ...]) -> int:
        """Give the line of a path, or of the last part of it that is there."""
        node: Any = self.tree
        line = 1
        for part in path:
            try:
                position = node.lc.item(part) if isinstance(part, int) else node.lc.key(part)
                line = position[0] + 1
                node = node[part]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return line


def load_study(folder: Path | None = None) -> Study:
    """Load the study; the same folder is read once per process as long as no file in it changes.

    Raises: FormsBroken with every problem, file and line.
    """
    where = folder or paths.forms_dir()
    return _load_cached(where, _stamp(where))


@lru_cache(maxsize=4)
def _load_cached(where: Path, stamp: tuple[tuple[str, int, int], ...]) -> Study:
    digest = _digest(where)
    plain = _read_compiled(where, digest)
    if plain is not None:
        return _build(plain)
    documents, problems = _documents(where)
    study, problems = _judge(documents, problems)
    if study is None or problems:
        raise FormsBroken(count=len(problems), problems="\n".join(str(p) for p in problems))
    _write_compiled(where, digest, documents)
    return study


# Parsing 400 KB of YAML takes over a second and is the same every time. So the plain data of a folder without a problem
# is kept beside it, under the SHA-256 of all its files: whoever could change the copy could change the forms themselves.

COMPILED = ".compiled.json"


def _digest(where: Path) -> str:
    total = hashlib.sha256(__version__.encode())
    for path in sorted(where.glob("*.yaml")):
        content = path.read_bytes()
        total.update(f"{path.name} {len(content)}\n".encode() + content)
    return total.hexdigest()


def _read_compiled(where: Path, digest: str) -> dict[str, Any] | None:
    try:
        found = json.loads((where / COMPILED).read_bytes())
    except (OSError, ValueError):
        return None
    if (
        not isinstance(found, dict)
        or found.get("digest") != digest
        or not isinstance(found.get("files"), dict)
    ):
        return None
    files: dict[str, Any] = found["files"]
    return files


def _write_compiled(where: Path, digest: str, documents: Mapping[str, _Document]) -> None:
    files = {name: _plain(document.tree) for name, document in documents.items()}
    text = json.dumps({"digest": digest, "files": files}, ensure_ascii=False, separators=(",", ":"))
    part = where / f"{COMPILED}.{os.getpid()}"
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(where / COMPILED)
    except OSError:
        part.unlink(missing_ok=True)  # an installed folder is read-only; its installer has put the file there


def _build(files: dict[str, Any]) -> Study:
    """Build the study from plain data that was without a problem."""
    main = files["study.yaml"]
    common = {
        "choices": files.get("choices.yaml", {}),
        "units": files.get("units.yaml", {}),
        "header": main.pop("common_items", []),
    }
    forms: dict[str, Form] = {}
    for name, raw in files.items():
        if name not in SHARED:
            _complete(raw, common)
            form = Form.model_validate(raw)
            forms[form.id] = form
    main.update(forms=forms, choices=common["choices"])
    return Study.model_validate(main)


def _stamp(where: Path) -> tuple[tuple[str, int, int], ...]:
    files = sorted(where.glob("*.yaml"))
    return tuple((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in files)


def read(where: Path) -> tuple[Study | None, list[Problem]]:
    """Read a folder of forms; give the study (None if it cannot be built) and all problems, sorted."""
    return _judge(*_documents(where))


def _documents(where: Path) -> tuple[dict[str, _Document], list[Problem]]:
    """Parse every file of a folder."""
    from ruamel.yaml.error import MarkedYAMLError

    problems: list[Problem] = []
    documents: dict[str, _Document] = {}
    for path in sorted(where.glob("*.yaml")):
        try:
            documents[path.name] = _Document(path.name, path.read_text(encoding="utf-8"))
        except MarkedYAMLError as fault:
            mark = fault.problem_mark or fault.context_mark
            text = (fault.problem or "not YAML").split("\n")[0]
            problems.append(Problem(path.name, (mark.line + 1) if mark else 1, text))
        except (UnicodeDecodeError, OSError, ValueError) as fault:
            problems.append(Problem(path.name, 1, f"cannot be read: {type(fault).__name__}"))
    return documents, problems


def _judge(documents: Mapping[str, _Document], problems: list[Problem]) -> tuple[Study | None, list[Problem]]:
    """Build the study of parsed files; add every problem to those of the parsing."""
    main = documents.get("study.yaml")
    if main is None:
        if not any(p.file == "study.yaml" for p in problems):
            problems.append(Problem("study.yaml", 1, "the file is missing"))
        return None, sorted(problems)
    common = {
        "choices": _plain(documents["choices.yaml"].tree) if "choices.yaml" in documents else {},
        "units": _plain(documents["units.yaml"].tree) if "units.yaml" in documents else {},
        "header": _plain(main.tree).get("common_items", []),
    }
    forms, homes = _forms(documents, common, problems)
    study = _study(main, forms, common, problems)
    if study is not None:
        for form_id, form in forms.items():
            problems.extend(_form_problems(study, form, homes[form_id]))
        problems.extend(_plan_problems(study, main))
    return study, sorted(set(problems))


def _forms(
    documents: Mapping[str, _Document], common: Mapping[str, Any], problems: list[Problem]
) -> tuple[dict[str, Form], dict[str, _Document]]:
    forms: dict[str, Form] = {}
    homes: dict[str, _Document] = {}
    for name, document in documents.items():
        if name in SHARED:
            continue
        raw = _plain(document.tree)
        if not isinstance(raw, dict):
            problems.append(Problem(name, 1, "a form file is a mapping"))
            continue
        _complete(raw, common)
        try:
            form = Form.model_validate(raw)
        except ValidationError as fault:
            problems.extend(_faults(document, fault))
            continue
        if form.id in forms:
            problems.append(Problem(name, 1, f"form {form.id} is also in {homes[form.id].name}"))
        forms[form.id] = form
        homes[form.id] = document
    return forms, homes


def _complete(raw: dict[str, Any], common: Mapping[str, Any]) -> None:
    """Put in what every form has: the header items, the lists that are named, the built-in yes/no lists."""
    sections = raw.get("sections")
    if not isinstance(sections, list):
        return
    header = [i for i in common["header"] if not (i["id"] == "observed_dtm" and raw.get("observed"))]
    sections.append({**HEADER, "items": [dict(i) for i in header]})
    raw.setdefault("observed", "observed_dtm")
    for section in sections:
        for item in section.get("items") or [] if isinstance(section, dict) else []:
            if not isinstance(item, dict):
                continue
            kind, listed = item.get("type"), item.get("choices")
            if kind in ("yn", "ynu"):
                item["choices"] = YES_NO if kind == "yn" else YES_NO_UNKNOWN
            elif isinstance(listed, str) and listed in common["choices"]:
                item["choices"] = common["choices"][listed]
            symbols = [item.get("unit"), *(item.get("alt_units") or [])]
            item["unit_labels"] = {s: common["units"][s] for s in symbols if s in common["units"]}


def _study(
    main: _Document, forms: Mapping[str, Form], common: Mapping[str, Any], problems: list[Problem]
) -> Study | None:
    raw = _plain(main.tree)
    raw.pop("common_items", None)
    raw.update(forms=forms, choices=common["choices"])
    try:
        return Study.model_validate(raw)
    except ValidationError as fault:
        problems.extend(_faults(main, fault))
        return None


def _plain(node: Any) -> Any:
    """Turn ruamel's round-trip tree into plain data; numbers become text, so that no digit is lost."""
    if isinstance(node, dict):
        return {str(k): _plain(v) for k, v in node.items()}
    if isinstance(node, list):
        return [_plain(v) for v in node]
    if isinstance(node, bool) or node is None:
        return node
    return str(node)


def _faults(document: _Document, fault: ValidationError) -> Iterator[Problem]:
    for error in fault.errors():
        path = tuple(p for p in error["loc"] if p != "function-before")
        where = ".".join(str(p) for p in path)
        yield Problem(document.name, document.line(path), f"{where}: {error['msg']}")


def _form_problems(study: Study, form: Form, document: _Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for s, section in enumerate(form.sections):
        if section.show is not None:
            yield from _names(study, form, section.show, document, ("sections", s, "show"))
        for i, item in enumerate(section.items):
            path = ("sections", s, "items", i)
            line = document.line(path)
            if item.id in seen:
                yield Problem(document.name, line, f"item {item.id} stands twice")
            seen.add(item.id)
            if item.id.startswith(SIGNED):
                yield Problem(document.name, line, f"{item.id}: names that begin so ask for signatures")
            for message in _item_problems(item):
                yield Problem(document.name, line, f"{item.id}: {message}")
            for key, expression in (("show", item.show), ("derive", item.derive)):
                if expression is not None:
                    yield from _names(study, form, expression, document, (*path, key))
            if _asks_who_signed(section, item):
                yield Problem(document.name, line, f"{item.id}: no derivation may ask who signed")
    if form.observed not in form.by_id:
        yield Problem(document.name, 1, f"observed: there is no item {form.observed}")
    yield from _check_problems(study, form, document)
    yield from _signature_problems(study, form, document)
    for cycle in _cycles(form):
        yield Problem(document.name, 1, "derivations go round in a circle: " + " → ".join(cycle))


def _asks_who_signed(section: Section, item: Item) -> bool:
    """Say whether a derivation would have to run again at a signature, which nothing does."""
    asked = (item.derive, item.show, section.show) if item.is_derived else ()
    return any(r.item.startswith(SIGNED) for e in asked if e is not None for r in e.refs)


def _item_problems(item: Item) -> Iterator[str]:
    if item.type in ("choice", "multi") and not item.choices:
        yield "a choice needs a code list (a list here, or a name in choices.yaml)"
    codes = [c.code for c in item.choices]
    if len(codes) != len(set(codes)):
        yield "a code stands twice in the list"
    for symbol in (item.unit, *item.alt_units):
        if symbol and symbol not in item.unit_labels:
            yield f"unit {symbol} is not in units.yaml"
    for symbol in item.alt_units:
        try:
            convert(None, symbol, item.unit, quantity=item.quantity)
        except UnitError as fault:
            yield str(fault)
    for name, limits in (("hard", item.hard), ("soft", item.soft)):
        if limits and limits.low is not None and limits.high is not None and limits.low > limits.high:
            yield f"{name} range is upside down"
    if item.hard and item.soft:
        inside = (item.hard.low, item.soft.low), (item.soft.high, item.hard.high)
        if any(a is not None and b is not None and a > b for a, b in inside):
            yield "soft range leaves the hard range"
    yield from _author_problems(item)


def _author_problems(item: Item) -> Iterator[str]:
    if item.is_derived and item.by:
        yield "a derived item is entered by nobody"
    if item.program and (item.by or item.is_derived or item.required):
        yield "an item that only the program writes is entered by nobody, derived from nothing and never asked for"


def _check_problems(study: Study, form: Form, document: _Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for c, check in enumerate(form.checks):
        path = ("checks", c)
        line = document.line(path)
        if check.id in seen:
            yield Problem(document.name, line, f"check {check.id} stands twice")
        seen.add(check.id)
        for name in (*check.items, *check.guards):
            if name not in form.by_id:
                yield Problem(document.name, line, f"{check.id}: there is no item {name}")
        for message in _message_problems(form, check):
            yield Problem(document.name, line, f"{check.id}: {message}")
        if check.guards and check.severity != "block":
            yield Problem(document.name, line, f"{check.id}: only a blocking check can guard an item")
        yield from _names(study, form, check.rule, document, (*path, "rule"))


def _message_problems(form: Form, check: Check) -> Iterator[str]:
    try:
        check.message.fill(**dict.fromkeys(check.named_values, ""))
    except (ValueError, KeyError, IndexError):
        yield "a brace in a message stands for the value of an item"
    for name in sorted(check.named_values):
        item = form.by_id.get(name)
        if item is None:
            yield f"the message names an item that is not there, {name}"
        elif item.site_only:
            yield f"{name} never leaves the site and cannot stand in a message"
        if any(f"{{{name}}}" not in wording for wording in (check.message.en, check.message.zh)):
            yield f"{name} stands in one wording of the message only"


def _signature_problems(study: Study, form: Form, document: _Document) -> Iterator[Problem]:
    sections = {s.id for s in form.sections}
    for s, slot in enumerate(form.signatures):
        path = ("signatures", s)
        line = document.line(path)
        for name in slot.covers:
            if name not in form.by_id and name not in sections:
                yield Problem(document.name, line, f"{slot.meaning}: there is no item or section {name}")
        if slot.opens is not None and not slot.covers:
            yield Problem(
                document.name, line, f"{slot.meaning}: a signature that opens early must say what it covers"
            )
        for expression in (slot.when, slot.opens):
            if expression is not None:
                yield from _names(study, form, expression, document, path)


def _names(
    study: Study, form: Form, expression: Expression, document: _Document, path: tuple[Any, ...]
) -> Iterator[Problem]:
    for ref in expression.refs:
        message = _name_problem(study, form, ref)
        if message:
            yield Problem(document.name, document.line(path), f"{expression.source}: {message}")


def _name_problem(study: Study, form: Form, ref: Ref) -> str:
    if ref.item.startswith(SIGNED) and ref.form not in SPACES:
        signed = form if ref.form is None else study.forms.get(ref.form)
        meanings = {f"{SIGNED}{slot.meaning}" for slot in signed.signatures} if signed else set()
        known = ref.item in meanings and not ref.every
        return "" if known else f"there is no signature {ref.form or form.id}.{ref.item}"
    if ref.form is None:
        known = ref.item in form.by_id or ref.item in SPECIAL
        return "" if known else f"there is no item {ref.item}"
    if ref.form in SPACES:
        if ref.form == "study" and ref.item not in study.parameters and ref.item != "flow_sheet":
            return f"there is no study parameter {ref.item}"
        if ref.form == "site" and ref.item not in type(study.sites[0]).model_fields:
            return f"there is no site setting {ref.item}"
        if ref.form == "plan" and ref.item not in ("nominal", "opens", "closes"):
            return f"there is no plan.{ref.item}"
        return ""
    other = study.forms.get(ref.form)
    if other is None:
        return f"there is no form {ref.form}"
    return "" if ref.item in other.by_id else f"form {ref.form} has no item {ref.item}"


def _cycles(form: Form) -> Iterator[tuple[str, ...]]:
    needs = {i.id: [n for n in sorted(i.derive.names) if n in form.by_id] for i in form.items() if i.derive}
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> tuple[str, ...] | None:
        if name in trail:
            return (*trail[trail.index(name) :], name)
        if name in done or name not in needs:
            return None
        for need in needs[name]:
            found = walk(need, (*trail, name))
            if found:
                return found
        done.add(name)
        return None

    for name in needs:
        found = walk(name, ())
        if found:
            yield found
            return


def _plan_problems(study: Study, document: _Document) -> Iterator[Problem]:
    def fault(key: str, index: int, message: str) -> Problem:
        return Problem(document.name, document.line((key, index)), message)

    for index, placement in enumerate(study.schedule):
        if placement.form not in study.forms:
            yield fault("schedule", index, f"there is no form {placement.form}")
        if placement.visit not in study.visit_by_id:
            yield fault("schedule", index, f"there is no visit {placement.visit}")
    for index, form_id in enumerate(study.form_order):
        if form_id not in study.forms:
            yield fault("form_order", index, f"there is no form {form_id}")
    for form in study.forms.values():
        if form.id not in study.form_order:
            yield Problem(
                document.name, document.line(("form_order",)), f"form {form.id} is not in form_order"
            )
        for slot in form.signatures:
            if slot.meaning not in study.meaning_by_id:
                yield Problem(document.name, 1, f"form {form.id}: there is no meaning {slot.meaning}")


def counts(study: Study) -> dict[str, int]:
    """Count forms, items, checks and derivations, for `forms check`."""
    items = [i for f in study.forms.values() for i in f.items()]
    return {
        "forms": len(study.forms),
        "items": len(items),
        "derivations": sum(i.is_derived for i in items),
        "checks": sum(len(f.checks) for f in study.forms.values()),
    }


def report(folder: Path | None = None) -> str:
    """Give the problems of a folder as JSON: {problems: [{file, line, message}], counts: {...}}."""
    study, problems = read(folder or paths.forms_dir())
    listed = [{"file": p.file, "line": p.line, "message": p.message} for p in problems]
    return json.dumps({"problems": listed, "counts": counts(study) if study and not problems else {}})


def plain_yaml(path: Path) -> Any:
    """Read a YAML file that comes with the program into plain data (anchors and merge keys are resolved)."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
