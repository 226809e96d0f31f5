"""HTTP for programs and browsers of this machine alone: what the page and the control have in common."""
