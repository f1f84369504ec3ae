"""The guided tour: an invented story typed into the real window, and the papers, sealed files and pictures it leaves.

It proves on any machine that the whole program works together, without a display and without a network. Everybody in it
is invented; its keys are training keys that lie beside what they open.
"""

from ucmsc_desktop.ui.tour.guide import tour

__all__ = ["tour"]
