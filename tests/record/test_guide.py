"""The set-up, walked without a screen."""

from ucmsc_desktop import age
from ucmsc_desktop.errors import WeakPassword
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.guide import PAGES, TITLES, Guide, recipients_in

WORK, RECOVERY = age.new_identity()[1], age.new_identity()[1]
GOOD = "quiet-lamp-orchard-7"


def accept(_password: str, _user: str) -> None:
    """A check that finds every password good."""


def refuse(_password: str, _user: str) -> None:
    raise WeakPassword(reason=Text("it is short", "过短"))


def fields(guide: Guide) -> list[str]:
    return [p.field for p in guide.problems(accept)]


def filled() -> Guide:
    return Guide(
        site="01", device_label="Ward 3", user="admin", name="Ada Minh", password=GOOD, password_again=GOOD,
        centre_keys=WORK, recovery_key=RECOVERY,
    )  # fmt: skip


def test_a_filled_guide_walks_every_page_in_order() -> None:
    guide, seen = filled(), ["language"]
    while guide.page != "keys":
        assert not guide.problems(accept)
        guide = guide.forward()
        seen.append(guide.page)
    assert guide.is_last_question
    guide = guide.made()
    seen.append(guide.page)
    guide = guide.answer(kept_sheet=True)
    assert not guide.problems(accept)
    guide = guide.forward()
    seen.append(guide.page)
    assert tuple(seen) == PAGES
    assert guide.forward().page == "done"
    assert set(TITLES) == set(PAGES)


def test_an_empty_page_says_what_is_missing() -> None:
    assert fields(Guide(page="language")) == []
    assert fields(Guide(page="site")) == ["site"]
    assert fields(Guide(page="device", device_label="  ")) == ["device_label"]
    assert fields(Guide(page="administrator")) == ["name", "user"]
    assert fields(Guide(page="keys")) == ["centre_keys", "recovery_key"]
    assert fields(Guide(page="recovery")) == ["kept_sheet"]


def test_a_password_is_judged_by_the_rule_and_typed_twice_alike() -> None:
    guide = filled().answer(page="administrator")
    assert not guide.problems(accept)
    weak = guide.problems(refuse)
    assert [p.field for p in weak] == ["password"]
    assert "it is short" in weak[0].text.en
    assert fields(guide.answer(password_again="other")) == ["password_again"]


def test_a_user_name_is_plain() -> None:
    for bad in ("", "A", "Admin", "1st", "a b", "ä1", "x" * 21):
        assert fields(filled().answer(page="administrator", user=bad)) == ["user"], bad
    assert fields(filled().answer(page="administrator", user="nurse.01")) == []


def test_keys_must_be_keys_and_two_different_ones() -> None:
    page = filled().answer(page="keys")
    assert fields(page) == []
    assert fields(page.answer(centre_keys=WORK[:-1] + ("q" if WORK[-1] != "q" else "p"))) == ["centre_keys"]
    assert fields(page.answer(recovery_key=WORK)) == ["recovery_key"]
    assert fields(page.answer(recovery_key=f"{RECOVERY}\n{WORK}")) == ["recovery_key"]


def test_keys_are_found_in_the_text_of_a_key_file() -> None:
    text = f"# created today\n# public key: {RECOVERY}\n{WORK}\n\n{WORK}\n"
    assert recipients_in(text) == (WORK,)
    assert recipients_in(WORK.upper()) == (WORK,)
    assert recipients_in("nothing") == ()


def test_there_is_a_way_back_until_the_ward_is_made_and_answers_stay() -> None:
    guide = filled().answer(page="device")
    assert guide.back().page == "site"
    assert guide.back().device_label == "Ward 3"
    assert not Guide().may_go_back
    made = guide.answer(page="keys").made()
    assert not made.may_go_back
    assert made.back() == made


def test_the_password_is_forgotten_once_the_ward_is_made_and_never_printed() -> None:
    assert GOOD not in repr(filled())
    made = filled().made()
    assert made.password == ""
    assert made.password_again == ""
