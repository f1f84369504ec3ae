"""The trial's formulas: pure functions of Decimals and dates, with their units, sources and rules for
missing.

Must never read a clock, a file or a setting, round between steps, or take a binary float.
`FORMULA_VERSIONS` names the version that is stored beside every derived value; raise it when a result can
change.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FORMULA_VERSIONS: Mapping[str, str] = MappingProxyType(
    {
        # gas
        "pf": "F1/1",
        "pf_eligible": "INC04A/1",
        "borderline_pf": "X28-PF/1",
        "pf_altitude": "F17-ALT/1",
        "alveolar_po2": "F2/1",
        "alveolar_po2_full": "F3/1",
        "aado2": "F4-F2/1",
        "aado2_full": "F4-F3/1",
        "aado2_eligible": "INC04B/1",
        "borderline_aado2": "X28-AADO2/1",
        "aado2_expected": "F5/1",
        "oi_mawp": "F6/1",
        "oi_mawp_kpa": "F6-KPA/1",
        "osi": "F6-OSI/1",
        "sf": "F7/1",
        "sf_valid": "F7-VALID/1",
        "pf_from_sf": "F7-RICE-INV/1",
        "sf_from_pf": "F7-RICE/1",
        "rox": "F7-ROX/1",
        # oxygen
        "fio2_estimate": "F8/1",
        "fio2_source": "F8-SRC/1",
        "ph_at_temperature": "F18-PH/1",
        "pco2_at_temperature": "F18-PCO2/1",
        "po2_at_temperature": "F18-PO2/1",
        "hco3": "F20/1",
        "hco3_disagrees": "F20-CHECK/1",
        # units
        "convert": "F9/1",
        "ml_per_h": "F9-DRIP/1",
        "drops_per_min": "F9-DRIP/1",
        "ug_kg_min": "F9-PRESSOR/1",
        "ug_min": "F9-PRESSOR/1",
        "ne_base": "F9-NE/1",
        "ne_bitartrate": "F9-NE/1",
        # age
        "completed_years": "F10/1",
        "age_eligible": "INC02/1",
        "borderline_age": "X28-AGE/1",
        "bmi": "F11/1",
        "predicted_body_weight": "F12/1",
        "protocol_day": "F19/1",
        "cdisc_dy": "F19-DY/1",
        "onset_within": "INC03/1",
        "borderline_onset": "X28-ONSET/1",
        # dose
        "target_cells": "F13-CELLS/1",
        "target_volume_ml": "F13-VOLUME/1",
        "delivered_cells": "F13-DELIVERED/1",
        "dose_cells_per_kg": "F13/1",
        "dose_percent": "F13-PERCENT/1",
        "dose_within": "X07/1",
        "count_consistent": "F13-COUNT/1",
        # scores
        "compliance": "F14-CRS/1",
        "murray": "F14/1",
        "murray_pf": "F14-PF/1",
        "murray_peep": "F14-PEEP/1",
        "murray_compliance": "F14-CRS-POINTS/1",
        "murray_band": "F14-BAND/1",
        "sofa_respiration": "F15-RESP/1",
        "sofa_coagulation": "F15-COAG/1",
        "sofa_liver": "F15-LIVER/1",
        "sofa_cardiovascular": "F15-CV/1",
        "sofa_cns": "F15-CNS/1",
        "sofa_renal": "F15-RENAL/1",
        "sofa_total": "F15/1",
        "berlin": "F17/1",
        "global_support_met": "F17-GLOBAL-SUPPORT/1",
        "global_oxygenation_met": "F17-GLOBAL-OXYGEN/1",
        "global_nonintubated": "F17-GLOBAL/1",
        # apache
        "apache_oxygen": "F16-OXYGEN/1",
        "apache_creatinine": "F16-CREATININE/1",
        "apache_parts": "F16-PARTS/1",
        "apache_ii": "F16/1",
        # vitals
        "mean_arterial_pressure": "F21/1",
        # stats
        "clopper_pearson": "ST-CP/1",
        "clopper_pearson_upper": "ST-CP1/1",
        "mean": "ST-MEAN/1",
        "standard_deviation": "ST-SD/1",
        "mean_ci": "ST-MEANCI/1",
        "geometric_mean": "ST-GM/1",
        "geometric_mean_ci": "ST-GMCI/1",
        "log10_changes": "ST-DLOG/1",
        "gmr": "ST-GMR/1",
        "quantile_sas5": "ST-Q5/1",
        "quantile_type7": "ST-Q7/1",
        "median": "ST-MEDIAN/1",
        "hodges_lehmann": "ST-HL/1",
        "signed_rank_p": "ST-WSR/1",
        "t_quantile": "ST-T/1",
    }
)
