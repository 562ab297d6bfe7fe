"""Is all well, and how to mend what isn't: checks for admins (`/digest doctor`), operators (`paper-round doctor`)
and machines (/ready). Each check answers findings; none of them changes anything.
"""

from bot.doctor.findings import Finding, Verdict, worst

__all__ = ["Finding", "Verdict", "worst"]
