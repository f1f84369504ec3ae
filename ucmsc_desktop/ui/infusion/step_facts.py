"""What the product and the plan say at each step, as facts: times, limits, amounts. Read from the record, never typed here."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from ucmsc_desktop.i18n import Text, show_datetime
from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.flow_reading import amount, scientific, short
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session.prechecks import Fact
from ucmsc_desktop.session.preparation import planned_end, product_view
from ucmsc_desktop.ui.infusion import duration

NEAR = timedelta(minutes=30)


def plan_facts(view: FormState) -> list[Fact]:
    """Say planned end, expiry against it and, after the first dose, the window of this one."""
    facts = []
    end = planned_end(view, view.now)
    if end is not None:
        facts.append(Fact(Text("Planned end {at}", "计划结束 {at}").fill(at=_clock(end, view.now))))
    facts.extend(expiry_facts(view))
    before = FormState(view.state, FormKey("F7", f"D{view.key.n - 2}", view.key.n - 1), view.now)
    started = before.value("inf_start_dtm") if view.key.n > 1 else None
    if isinstance(started, datetime):
        low, high = (int(str(view.state.study.parameters[f"dose_interval_h_{e}"])) for e in ("min", "max"))
        opens, closes = started + timedelta(hours=low), started + timedelta(hours=high)
        words = Text(
            "Dose {n} began {at}; this one may begin {a} to {b}",
            "第{n}次于 {at} 开始；本次可在 {a} 至 {b} 开始",
        ).fill(n=view.key.n - 1, at=_day(started), a=_day(opens), b=_day(closes))
        facts.append(Fact(words, "ok" if opens <= view.now <= closes else "open"))
    return facts


def expiry_facts(view: FormState) -> list[Fact]:
    """Say when the product expires, counted against the planned end."""
    product = product_view(view)
    expires = product.value("prod_expiry_dtm")
    if not isinstance(expires, datetime):
        return [Fact(Text("Expiry of the product not recorded", "未记录制剂失效时间"), "open")]
    end = planned_end(view, view.now)
    at = _clock(expires, view.now)
    if expires <= view.now:
        return [Fact(Text("The product expired {at}", "制剂已于 {at} 失效").fill(at=at), "bad")]
    if end is None:
        left = _span(expires - view.now)
        return [
            Fact(
                Text("Product expires {at}, in {left}", "制剂 {at} 失效，还有 {left}").fill(at=at, left=left)
            )
        ]
    if expires < end:
        words = Text(
            "Product expires {at}: {left} BEFORE the planned end", "制剂 {at} 失效，早于计划结束 {left}"
        )
        return [Fact(words.fill(at=at, left=_span(end - expires)), "bad")]
    words = Text("Product expires {at}, {left} after the planned end", "制剂 {at} 失效，晚于计划结束 {left}")
    return [Fact(words.fill(at=at, left=_span(expires - end)), "open" if expires - end < NEAR else "ok")]


def bag_facts(view: FormState) -> list[Fact]:
    """Say what was received, and its viability against the release limit."""
    product = product_view(view)
    facts = []
    bag, how = product.value("prod_unit_id"), product.value("prod_id_entry")
    if isinstance(bag, str):
        tail = {"SCAN": Text(", scanned", "，扫码"), "TYPED": Text(", typed", "，手工输入")}
        words = Text("Bag {b}{t}", "袋号 {b}{t}").fill(b=bag, t=tail.get(str(how), Text("", "")))
        facts.append(Fact(words, "ok" if how == "SCAN" else "open"))
    lot, coa = product.value("prod_lot"), product.value("prod_coa_no")
    if isinstance(lot, str):
        facts.append(
            Fact(Text("Lot {lot}, certificate {c}", "批号 {lot}，质检报告 {c}").fill(lot=lot, c=coa or "?"))
        )
    living = amount(product, "bag_viab", 0)
    if living is not None:
        limit = Decimal(str(view.state.study.parameters["release_viability_pct"]))
        words = Text("Viability {v} %, release limit {l} %", "活率 {v} %，放行标准 {l} %")
        facts.append(Fact(words.fill(v=short(living), l=limit), "ok" if living >= limit else "bad"))
    for item, good in (("prod_cd_pos", "PASS"), ("prod_sterility", "PASS"), ("prod_myco", "PASS")):
        value = product.value(item)
        if value is not None and value != good:
            found = product.form.by_id[item]
            words = Text(
                f"{found.label.en}: {found.shown(value, 'en')}",
                f"{found.label.zh}：{found.shown(value, 'zh')}",
            )
            facts.append(Fact(words, "bad" if value == "FAIL" else "open"))
    received = product.value("recv_dtm")
    if isinstance(received, datetime):
        facts.append(Fact(Text("Received {at}", "{at} 接收").fill(at=_clock(received, view.now))))
    facts.extend(expiry_facts(view))
    return facts


def dose_facts(view: FormState) -> list[Fact]:
    """Say what the dose is computed from."""
    product = product_view(view)
    facts = []
    for item in (
        "dose_weight_kg",
        "bag_conc",
        "bag_viab",
        "bag_volume",
        "dose_target_cells",
        "dose_target_vol",
    ):
        found, n = product.form.by_id[item], amount(product, item, 0)
        if n is None:
            facts.append(Fact(Text(f"{found.label.en}: not known", f"{found.label.zh}：未知"), "open"))
            continue
        value = product.value(item)
        assert value is not None
        shown = {
            lang: f"{scientific(n)} {found.unit_label('', lang)}" if n >= 10_000 else found.shown(value, lang)
            for lang in ("en", "zh")
        }
        facts.append(Fact(Text(f"{found.label.en}: {shown['en']}", f"{found.label.zh}：{shown['zh']}")))
    return facts


def dose_figures(view: FormState) -> tuple[tuple[Text, str, bool], ...]:
    """Give caption, figure and whether it is off: volume, dose per kg, share of the target, target cells."""
    product = product_view(view)
    volume, dose = amount(product, "dose_planned_vol", 0), amount(product, "dose_planned_kg", 0)
    share, target = amount(product, "dose_planned_pct", 0), amount(product, "dose_target_cells", 0)
    soft = Decimal(str(view.state.study.parameters["dose_soft_pct"]))
    off = share is not None and abs(share - 100) > soft
    found: list[tuple[Text, str, bool]] = []
    if volume is not None:
        found.append((Text("Planned volume", "计划输注体积"), f"{short(volume)} mL", False))
    if share is not None:
        found.append((Text("Of the target", "占目标剂量"), f"{'▲ ' if off else ''}{share:.1f} %", off))
    if dose is not None:
        found.append((Text("Viable cells per kg", "每公斤活细胞数"), f"{scientific(dose)} /kg", False))
    if target is not None:
        found.append((Text("Target viable cells", "目标活细胞数"), scientific(target), False))
    return tuple(found)


def reference_facts(view: FormState) -> list[Fact]:
    """Say what was recorded before the start, and whether T0 still lies in its window."""
    facts = []
    for point in ("PRE15", "T0"):
        row = next(
            (
                r
                for r in view.rows(flow_reading.flow_section(view))
                if view.value(flow_reading.POINT, r) == point
            ),
            None,
        )
        at = flow_reading.measured_at(view, row) if row is not None else None
        if row is None or at is None:
            facts.append(Fact(Text(f"{point} not recorded", f"{point} 未记录"), "open"))
            continue
        values = " · ".join(_vital(view, row))
        age = view.now - at
        old = point == "T0" and age > timedelta(minutes=5)
        words = Text("{p} at {at}: {v}", "{p} {at}：{v}").fill(p=point, at=f"{at:%H:%M}", v=values)
        facts.append(Fact(words, "open" if old else "ok"))
        if old:
            words = Text(
                "T0 was taken {span} ago; it belongs to the five minutes before the start",
                "T0 为 {span}前测量，应为开始前 5 分钟内的测量值",
            )
            facts.append(Fact(words.fill(span=_span(age)), "open"))
    return facts


def _vital(view: FormState, row: int) -> list[str]:
    found = []
    for item, unit in (("ivs_hr", "/min"), ("ivs_sbp", "mmHg"), ("ivs_spo2", "% SpO2"), ("ivs_temp", "°C")):
        n = amount(view, item, row)
        if n is not None:
            low = amount(view, "ivs_dbp", row) if item == "ivs_sbp" else None
            found.append(f"{short(n)}{f'/{short(low)}' if low is not None else ''} {unit}")
    fio2 = amount(view, "ivs_fio2", row)
    return [*found, *([f"FiO2 {short(fio2)}"] if fio2 is not None else [])]


def _clock(at: datetime, now: datetime) -> Text:
    return Text(f"{at:%H:%M}", f"{at:%H:%M}") if at.date() == now.date() else _day(at)


def _day(at: datetime) -> Text:
    return Text(show_datetime(at, "en"), show_datetime(at, "zh"))


def _span(span: timedelta) -> str:
    """Say a span to the minute: a countdown that is read, not watched."""
    return duration.words(timedelta(minutes=span // timedelta(minutes=1)))
