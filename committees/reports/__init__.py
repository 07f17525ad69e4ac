"""Reports: figures of a proposal or an adopted distribution → frozen JSON, PDF and workbook.

`figures_of` reads the database; everything after it reads the figures alone, so that an issued report is drawn from
what was frozen with it.
"""

from committees.reports.figures import Figures, figures_of
from committees.reports.paper import render_report
from committees.reports.workbook import workbook

__all__ = ["Figures", "figures_of", "render_report", "workbook"]
