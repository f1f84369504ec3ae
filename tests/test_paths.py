import os
import stat
import sys
from pathlib import Path

import pytest

from ucmsc_desktop import errors, paths

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="modes and owners of files are POSIX")


@pytest.fixture
def no_runtime_folder(monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)


def test_the_option_wins_over_the_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("UCMSC_DATA", str(tmp_path / "variable"))
    assert paths.data_dir(tmp_path / "option") == tmp_path / "option"
    assert paths.data_dir() == tmp_path / "variable"


def test_an_empty_variable_means_the_users_own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("UCMSC_DATA", "")
    monkeypatch.setattr(paths, "_user_data_dir", lambda: tmp_path)
    assert paths.data_dir() == tmp_path / "ucmsc-desktop"


def test_a_relative_data_folder_is_made_absolute_and_not_created(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert paths.data_dir("ward") == tmp_path / "ward"
    assert not (tmp_path / "ward").exists()


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_DATA_HOME", "{set}"),
        ("win32", "LOCALAPPDATA", "{set}"),
        ("darwin", "XDG_DATA_HOME", "{home}/Library/Application Support"),
    ],
)
def test_each_system_has_its_own_place(monkeypatch, tmp_path, platform, variable, expected):
    monkeypatch.delenv("UCMSC_DATA", raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setenv(variable, str(tmp_path / "set"))
    folder = expected.format(set=tmp_path / "set", home=tmp_path / "home")
    assert paths.data_dir() == Path(folder) / "ucmsc-desktop"


def test_a_relative_xdg_folder_is_ignored(monkeypatch, tmp_path):
    monkeypatch.delenv("UCMSC_DATA", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    assert paths.data_dir() == tmp_path / ".local" / "share" / "ucmsc-desktop"


def test_all_bundled_fonts_are_there():
    assert [path.name for path in paths.require_fonts()] == list(paths.FONTS)


def test_a_missing_font_is_a_known_error_that_names_it(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "resources_dir", lambda: tmp_path)
    assert paths.font_path(paths.FONT_BOLD) == tmp_path / "fonts" / paths.FONT_BOLD
    with pytest.raises(errors.FontsMissing, match="NotoSansSC-Regular"):
        paths.require_fonts()


def test_every_icon_is_found_by_its_name():
    assert paths.icon_path("vaccines").is_file()


@posix_only
def test_the_private_folder_is_for_this_user_alone(tmp_path, no_runtime_folder):
    folder = paths.private_temp_dir(tmp_path)
    assert folder.is_relative_to(tmp_path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@posix_only
def test_a_private_folder_left_open_to_others_is_closed(tmp_path, no_runtime_folder):
    paths.private_temp_dir(tmp_path).chmod(0o777)
    assert stat.S_IMODE(paths.private_temp_dir(tmp_path).stat().st_mode) == 0o700


@posix_only
def test_a_link_in_place_of_the_private_folder_is_refused(tmp_path, no_runtime_folder):
    folder = paths.private_temp_dir(tmp_path)
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(errors.DataFolderUnusable):
        paths.private_temp_dir(tmp_path)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners of files are POSIX")
def test_a_private_folder_of_someone_else_is_refused(tmp_path, no_runtime_folder, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 987654)
    with pytest.raises(errors.DataFolderUnusable):
        paths.private_temp_dir(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the runtime folder")
def test_plain_files_stay_in_memory_where_the_system_offers_it(tmp_path, monkeypatch):
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    first, second = (paths.private_temp_dir(tmp_path / ward) for ward in ("a", "b"))
    assert first.parent == second.parent == runtime
    assert first != second


def test_clearing_removes_all_plain_files_and_nothing_else(tmp_path, no_runtime_folder):
    (tmp_path / "kept").write_text("x", encoding="utf-8")
    (paths.private_temp_dir(tmp_path) / "page.pdf").write_text("x", encoding="utf-8")
    paths.clear_private_temp(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    paths.clear_private_temp(tmp_path)


@posix_only
def test_clearing_a_link_leaves_what_it_points_to(tmp_path, no_runtime_folder):
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "kept").write_text("x", encoding="utf-8")
    paths.private_temp_dir(tmp_path).rmdir()
    (tmp_path / "private-temp").symlink_to(target)
    paths.clear_private_temp(tmp_path)
    assert (target / "kept").exists()
    assert not (tmp_path / "private-temp").exists()
