"""`serve` and `proxy` answer the health checks of containers alike, at every address of the machine."""

from __future__ import annotations

import http.client
import json
import signal

import pytest
from conftest import ROOT
from listening_command import BOUND, ended, listening

HELLO = ROOT / "recordings" / "hello.jsonl"
COMMANDS = {"serve": [HELLO], "proxy": ["--upstream", "http://127.0.0.1:9"]}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_probe_of_kubernetes_is_answered_and_is_no_request(command):
    with listening(command, *COMMANDS[command], "--host", "0.0.0.0", "--port", "0") as process:
        port = int(process.url.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=BOUND)
        # A kubelet names the pod by its address.
        connection.request("GET", "/inspector/health", headers={"Host": f"10.1.2.3:{port}"})
        answer = connection.getresponse()
        status, value = answer.status, json.loads(answer.read())
        connection.close()
        assert (status, value["status"]) == (200, "ok")
        status, _, lines = ended(process, signal.SIGTERM)
    assert status == 0
    assert "/inspector/health" not in lines
    assert "#1" not in lines
