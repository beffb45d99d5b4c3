"""Pictures as values: scales and ticks, marks at places, and the table of what is drawn; one template draws them all."""

from automl.report.charts.axes import Axis, linear, logarithmic
from automl.report.charts.chart import HEIGHT, WIDTH, chart, dot, line, path, rect, rule

__all__ = ["HEIGHT", "WIDTH", "Axis", "chart", "dot", "line", "linear", "logarithmic", "path", "rect", "rule"]
