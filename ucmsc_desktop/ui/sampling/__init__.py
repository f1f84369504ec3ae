"""Two scans and a tube is filed: pairing wristband and tube, the strip that says what is waited for, the rows of the page."""
