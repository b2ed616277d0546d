"""What a program did after a fault, judged from a log of what happened: named checks, and a verdict.

    log = ClientLog((Attempt(1, at=0.0, body=b"…", sent=read_sent(recording), ended=0.2),), at=1.0)
    judge_client(log).findings

Nothing here does I/O or reads a clock. Whoever plays recordings writes the log.
"""

from inspector.resilience.attempts import Attempt, ClientLog, Conclusion, Program
from inspector.resilience.client_checks import CLIENT_CHECKS
from inspector.resilience.client_findings import ClientCheck, ClientFinding, ClientLimits, Standing
from inspector.resilience.client_verdict import ClientVerdict, judge_client
from inspector.resilience.programs import class_name, exited, program_of
from inspector.resilience.sent import Sent, read_sent

__all__ = [
    "CLIENT_CHECKS",
    "Attempt",
    "ClientCheck",
    "ClientFinding",
    "ClientLimits",
    "ClientLog",
    "ClientVerdict",
    "Conclusion",
    "Program",
    "Sent",
    "Standing",
    "class_name",
    "exited",
    "judge_client",
    "program_of",
    "read_sent",
]
