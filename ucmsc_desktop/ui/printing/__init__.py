"""What the print page is made of: the job at the printer, and the choices for labels."""
