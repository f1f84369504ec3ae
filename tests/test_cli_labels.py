"""The command that prints labels."""

from functools import partial
from pathlib import Path

import pytest

from tests.paper import reading
from tests.ward import PASSWORDS, make_bench
from ucmsc_desktop.cli import main
from ucmsc_desktop.ledger.keys import TRAINING
from ucmsc_desktop.session import Ward


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cheap = partial(
        Ward, kdf_floor=TRAINING
    )  # the passwords of the bench are derived at the cost for training
    monkeypatch.setattr("ucmsc_desktop.session.Ward", cheap, raising=False)
    bench = make_bench(tmp_path)
    session = bench.sign_in()
    for _ in range(2):
        session.create_subject()
    session.lock()
    (tmp_path / "password").write_text(PASSWORDS["nurse.alpha"])

    def run(*more: str) -> Path:
        out = tmp_path / "labels.pdf"
        sign_in = ["--user", "nurse.alpha", "--password-file", str(tmp_path / "password")]
        assert main(["--data", str(tmp_path / "ward"), "labels", "--out", str(out), *sign_in, *more]) == 0
        return out

    return run


def test_labels_of_one_time_point_of_one_participant(call, external, capsys):
    text = reading.text_of(external, call("--subject", "01-002", "--visit", "d1", "--lang", "zh"))
    assert "01-002-D1-0-" in text
    assert "01-002-D1-4-" in text
    assert "第1天" in text
    assert "6H" not in text
    assert "01-001" not in text
    assert "6 pages" in capsys.readouterr().out


def test_labels_of_everybody_on_sheets(call, external):
    text = reading.text_of(external, call("--kind", "tube", "--layout", "sheet"))
    for subject in ("01-001", "01-002"):
        for visit in ("BL", "6H", "D1", "D2", "D3"):
            assert f"{subject}-{visit}-0-" in text


def test_a_time_point_that_is_not_in_the_plan_is_refused(call, tmp_path, capsys):
    with pytest.raises(AssertionError):
        call("--subject", "01-001", "--visit", "D9")
    assert "UC-444" in capsys.readouterr().err
    assert not (tmp_path / "labels.pdf").exists()
