"""The parts of the eligibility page; the band and the lines also serve the consent guide."""
