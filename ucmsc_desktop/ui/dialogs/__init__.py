"""Questions to the person. They are opened, never executed, and work docked in the window as well."""
