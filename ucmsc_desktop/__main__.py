"""python -m ucmsc_desktop"""

from ucmsc_desktop.cli import main

raise SystemExit(main())
