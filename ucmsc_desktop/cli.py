"""The command line. No Qt at import: every command but the window and the tour works on a machine without a display.

Errors go to stderr with their code; exit status 2 for wrong use, 1 for failure, 0 for success. Passwords come from a
prompt or --password-file, never from an argument.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ucmsc_desktop import __version__, paths
from ucmsc_desktop.errors import KnownError, NotComplete, StickGone
from ucmsc_desktop.i18n import set_language

if TYPE_CHECKING:
    from ucmsc_desktop.session import Session
    from ucmsc_desktop.session.centre import Centre, Imported, Reconciliation


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    options = _parser().parse_args(argv)
    set_language(options.lang)
    try:
        return int(options.run(options))
    except KnownError as error:
        print(error, file=sys.stderr)
        if isinstance(error, NotComplete):
            for finding in error.details.get("findings", ()):  # type: ignore[attr-defined]
                print(f"  {finding.cell.item}: {finding.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ucmsc-desktop", description="UC-MSC in acute lung injury: ward laptop and centre"
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--data", metavar="DIR", help="data folder (default: UCMSC_DATA, else the user's own)"
    )
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    parser.add_argument(
        "--training", action="store_true", help="open the window on a training ward of invented people"
    )
    parser.set_defaults(run=_window)
    commands = parser.add_subparsers(metavar="command")

    demo = commands.add_parser("demo", help="the guided tour through the real window, into a folder")
    demo.add_argument("--out", type=Path, default=Path("demo-out"))
    demo.set_defaults(run=_demo)

    forms = commands.add_parser("forms", help="the study's forms").add_subparsers(
        required=True, metavar="action"
    )
    check = forms.add_parser("check", help="tell every problem in forms/, or count what is there")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_forms_check)

    crf = commands.add_parser("crf", help="case report forms").add_subparsers(required=True, metavar="action")
    blank = crf.add_parser("blank", help="print blank forms")
    filled = crf.add_parser("print", help="print the records of a participant")
    for command in (blank, filled):
        command.add_argument("--out", type=Path, required=True)
        command.add_argument("--form")
        command.add_argument("--lang", choices=("en", "zh"), default="en", dest="page_lang")
    filled.add_argument("--subject", required=True)
    blank.set_defaults(run=_crf_blank)
    filled.set_defaults(run=_crf_print)

    labels = commands.add_parser("labels", help="print labels: wristband or folder, tubes, aliquots")
    labels.add_argument("--out", type=Path, required=True)
    labels.add_argument("--subject", help="one participant; without it all of this laptop")
    labels.add_argument("--visit", action="append", help="BL, 6H, D1 …; without it every time-point")
    labels.add_argument("--kind", action="append", choices=("participant", "tube", "aliquot"))
    labels.add_argument("--layout", choices=("roll", "sheet"), help="a label printer, or sheets of A4")
    labels.add_argument("--lang", choices=("en", "zh"), default="en", dest="page_lang")
    labels.set_defaults(run=_labels)

    ledger = commands.add_parser("ledger", help="the log").add_subparsers(required=True, metavar="action")
    verify = ledger.add_parser("verify", help="verify every entry")
    verify.set_defaults(run=_ledger_verify)
    backup = ledger.add_parser("backup", help="write a checked, encrypted copy")
    backup.add_argument("--to", type=Path, required=True)
    backup.set_defaults(run=_ledger_backup)
    restore = ledger.add_parser("restore", help="put a backup into an empty data folder")
    restore.add_argument("file", type=Path)
    restore.set_defaults(run=_ledger_restore)

    sync = commands.add_parser("sync", help="sealed files").add_subparsers(required=True, metavar="action")
    export = sync.add_parser("export", help="seal what the centre has not confirmed")
    export.add_argument("--to", type=Path, required=True)
    export.set_defaults(run=_sync_export)
    status = sync.add_parser("status", help="how much the centre has not confirmed")
    status.set_defaults(run=_sync_status)
    for command in (filled, labels, verify, backup, export, status):
        command.add_argument("--user")
        command.add_argument("--password-file", type=Path)

    centre = commands.add_parser("centre", help="the coordinating centre").add_subparsers(
        required=True, metavar="action"
    )
    init = centre.add_parser("init", help="make the centre's key and its empty ledger")
    register = centre.add_parser("register", help="register ward laptops by their public keys")
    register.add_argument("files", nargs="+", type=Path, metavar="device.pub")
    bring = centre.add_parser("import", help="read sealed files")
    bring.add_argument("files", nargs="+", type=Path, metavar="FILE")
    report = centre.add_parser("report", help="what the centre holds, for reconciliation")
    for command, run in (
        (init, _centre_init),
        (register, _centre_register),
        (bring, _centre_import),
        (report, _centre_report),
    ):
        command.set_defaults(run=run)
        command.add_argument(
            "--database", metavar="URL", help="sqlite:///FOLDER/centre.db; default: the data folder"
        )

    test = commands.add_parser("self-test", help="open a database, make a PDF, load fonts and QtPdf")
    test.set_defaults(run=_self_test)
    return parser


# --- the window -------------------------------------------------------------------------------------------------


def _window(options: argparse.Namespace) -> int:
    from ucmsc_desktop.ui.app import run

    if options.training and not (paths.data_dir(options.data) / "training" / "training.json").is_file():
        print("Preparing the training ward, about 20 seconds …", flush=True)
    return run(paths.data_dir(options.data), training=options.training)


def _demo(options: argparse.Namespace) -> int:
    from ucmsc_desktop.ui.tour import tour

    return tour(options.out)


# --- forms and paper --------------------------------------------------------------------------------------------


def _forms_check(options: argparse.Namespace) -> int:
    from ucmsc_desktop.study import load

    study, problems = load.read(paths.forms_dir())
    if options.json:
        print(load.report())
    elif problems or study is None:
        for problem in problems:
            print(problem, file=sys.stderr)
        print(f"UC-301 {len(problems)} problems", file=sys.stderr)
    else:
        found = load.counts(study)
        print(", ".join(f"{count} {name}" for name, count in found.items()))
    return 1 if problems or study is None else 0


def _crf_blank(options: argparse.Namespace) -> int:
    from ucmsc_desktop.record.clock import SystemClock
    from ucmsc_desktop.session import printing
    from ucmsc_desktop.study.load import load_study

    study = load_study()
    now = SystemClock(study.timezone).read().at
    context = printing.Context(study, study.sites[0], options.page_lang, "", now, "", 0, "", {})
    made = printing.crf(context, options.out, None, form=options.form, key=None)
    print(f"{made.path} {made.pages} pages {made.sha256}")
    return 0


def _crf_print(options: argparse.Namespace) -> int:
    session = _signed_in(options)
    try:
        if options.form:
            made = session.paper.crf(
                options.out, subject=options.subject, form=options.form, lang=options.page_lang
            )
        else:
            made = session.paper.casebook(options.out, options.subject, lang=options.page_lang)
        print(f"{made.path} {made.pages} pages {made.sha256}")
    finally:
        session.lock()
    return 0


def _labels(options: argparse.Namespace) -> int:
    from ucmsc_desktop.session.labels import Wanted
    from ucmsc_desktop.study.label_plan import KINDS

    wanted = Wanted(
        tuple(k for k in KINDS if k in (options.kind or KINDS)),
        tuple(v.upper() for v in options.visit or ()),
        layout=options.layout,
    )
    session = _signed_in(options)
    try:
        made = session.paper.labels(
            options.out, subject=options.subject, wanted=wanted, lang=options.page_lang
        )
        print(f"{made.path} {made.pages} pages {made.sha256}")
    finally:
        session.lock()
    return 0


# --- the log ----------------------------------------------------------------------------------------------------


def _ledger_verify(options: argparse.Namespace) -> int:
    from ucmsc_desktop.errors import DatabaseDamaged, LedgerTampered

    session = _signed_in(options)
    try:
        found = session.verify()
        for device, (seq, head) in found.heads.items():
            print(f"{device} {seq} entries, head {head}")
        if found.faults:
            raise LedgerTampered(device=found.faults[0].device, seq=found.faults[0].seq)
        if found.file_faults:
            raise DatabaseDamaged(reason=found.file_faults[0])
        print(f"{found.events} entries verified")
    finally:
        session.lock()
    return 0


def _ledger_backup(options: argparse.Namespace) -> int:
    session = _signed_in(options)
    try:
        print(session.backup(options.to))
    finally:
        session.lock()
    return 0


def _ledger_restore(options: argparse.Namespace) -> int:
    from ucmsc_desktop.ledger.backup import restore

    restore(options.file, paths.data_dir(options.data))
    print(paths.data_dir(options.data))
    return 0


# --- the stick and the centre -----------------------------------------------------------------------------------


def _sync_export(options: argparse.Namespace) -> int:
    session = _signed_in(options)
    try:
        for made in session.export_sync(options.to):
            print(f"{made.path} {made.first}-{made.last} {made.sha256}")
    finally:
        session.lock()
    return 0


def _sync_status(options: argparse.Namespace) -> int:
    session = _signed_in(options)
    try:
        status = session.sync_status()
        oldest = status.oldest.isoformat(timespec="minutes") if status.oldest else "-"
        print(f"{status.unconfirmed} entries not confirmed by the centre, oldest {oldest}")
    finally:
        session.lock()
    return 0


def _centre_folder(options: argparse.Namespace) -> Path:
    """Give the folder of the centre; a database URL names the file in it."""
    if not options.database:
        return paths.data_dir(options.data)
    prefix = "sqlite:///"
    if not options.database.startswith(prefix) or Path(options.database).name != "centre.db":
        print("the database is sqlite:///FOLDER/centre.db in this release", file=sys.stderr)
        raise SystemExit(2)
    return Path(options.database.removeprefix(prefix)).parent


def _open_centre(options: argparse.Namespace) -> Centre:
    from ucmsc_desktop.session.centre import Centre
    from ucmsc_desktop.study.load import load_study

    return Centre.open(_centre_folder(options), load_study())


def _centre_init(options: argparse.Namespace) -> int:
    from ucmsc_desktop.session.centre import Centre
    from ucmsc_desktop.study.load import load_study

    centre = Centre.init(_centre_folder(options), load_study())
    print(centre.public_key)
    centre.close()
    return 0


def _centre_register(options: argparse.Namespace) -> int:
    centre = _open_centre(options)
    try:
        for path in options.files:
            print(centre.register(_text_of(path), path.name))
    finally:
        centre.close()
    return 0


def _centre_import(options: argparse.Namespace) -> int:
    centre = _open_centre(options)
    try:
        results = centre.import_files(options.files)
    finally:
        centre.close()
    for result in results:
        print(import_line(result))
        if result.error is not None:
            print(f"{result.path.name}: {result.error}", file=sys.stderr)
    return 1 if any(r.error for r in results) else 0


def _centre_report(options: argparse.Namespace) -> int:
    centre = _open_centre(options)
    try:
        found = centre.reconcile()
    finally:
        centre.close()
    for line in reconciliation_lines(found):
        print(line)
    return 0 if found.holds else 1


def import_line(result: Imported) -> str:
    """Say what became of one file."""
    return f"{result.path.name} {result.device or '-'} {result.first}-{result.last} new {result.new}: {result.outcome}"


def reconciliation_lines(found: Reconciliation) -> list[str]:
    """Write the centre's side of the reconciliation, line by line."""
    lines = [f"entries {found.events}, chains {'hold' if found.holds else 'DO NOT HOLD'}"]
    lines += [f"device {device} last {seq} head {head}" for device, seq, head in found.devices]
    lines += [f"participant {subject} entries {count}" for subject, count in found.subjects]
    lines += [f"file {b.name} {b.at} {b.first}-{b.last} {b.outcome}" for b in found.bundles]
    return lines


# --- help -------------------------------------------------------------------------------------------------------


def _signed_in(options: argparse.Namespace) -> Session:
    from ucmsc_desktop.session import Ward

    ward = Ward(paths.data_dir(options.data))
    ward.users()  # says what is wrong with the folder before a password is asked
    user = options.user or input("User: ")
    password = _text_of(options.password_file).rstrip("\r\n") if options.password_file else getpass.getpass()
    return ward.sign_in(user, password)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise StickGone from fault


def _self_test(options: argparse.Namespace) -> int:
    import tempfile

    from ucmsc_desktop.ledger.ledger import Ledger
    from ucmsc_desktop.record.clock import SystemClock
    from ucmsc_desktop.session import printing
    from ucmsc_desktop.study.load import load_study

    study = load_study()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = Ledger.create(folder / "test.db", bytes(32))
        faults = ledger.integrity()
        ledger.close()
        now = SystemClock(study.timezone).read().at
        context = printing.Context(study, study.sites[0], options.lang, "", now, "", 0, "", {})
        made = printing.crf(context, folder / "blank.pdf", None, form="F1", key=None)
        from ucmsc_desktop.ui.app import self_test

        shown = self_test(made.path)
    print(
        f"database {'ok' if not faults else faults[0]}; PDF {made.pages} pages; fonts and QtPdf {'ok' if shown else 'FAIL'}"
    )
    return 0 if not faults and shown else 1
