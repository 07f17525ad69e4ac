"""F_id = G_id / Ḡ_d in N draws d of the weights or of the case numbers: how sure is a factor, a rank, a difference?

Everything random comes from one seed and is drawn in the order of sorted codes and keys, so a run repeats bit for bit.
`docs/sensitivity.md` explains every step.
"""

from indicators.sensitivity.analysis import Sensitivity, Settings, Space, Uncertainty, analyse, uncertainty
from indicators.sensitivity.cases import Cases, draw_cases, draw_counts, fingerprint
from indicators.sensitivity.draws import Draws
from indicators.sensitivity.shifts import Shift, shifted_scheme, tornado
from indicators.sensitivity.summary import (
    Bands,
    bands,
    groups,
    indistinguishable,
    probability_above,
    probability_above_one,
    quantiles,
    ranks,
)
from indicators.sensitivity.weights import Way, draw_weights

__all__ = [
    "Bands",
    "Cases",
    "Draws",
    "Sensitivity",
    "Settings",
    "Shift",
    "Space",
    "Uncertainty",
    "Way",
    "analyse",
    "bands",
    "draw_cases",
    "draw_counts",
    "draw_weights",
    "fingerprint",
    "groups",
    "indistinguishable",
    "probability_above",
    "probability_above_one",
    "quantiles",
    "ranks",
    "shifted_scheme",
    "tornado",
    "uncertainty",
]
