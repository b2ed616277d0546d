"""The `Dockerfile`: its variables and its health check fit both commands, and its manual fits it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT
from listening_command import BOUND, listening

from inspector.serve.health import HEALTH

FILE = (ROOT / "Dockerfile").read_text()
PAGE = (ROOT / "docs" / "container.md").read_text()
ENVIRONMENT = dict(re.findall(r"(INSPECTOR_\w+)=(\S+)", FILE))
HEALTH_CHECK = json.loads(re.search(r"HEALTHCHECK [^\n]*\\\n\s*CMD (\[.*\])", FILE)[1])
COMMANDS = {"serve": ["hello"], "proxy": ["--upstream", "http://127.0.0.1:9"]}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return str(listening.getsockname()[1])


@pytest.mark.parametrize("command", COMMANDS)
def test_the_health_check_of_the_image_passes_for_both_commands(command):
    port = free_port()
    environment = {name: value.replace("8484", port) for name, value in ENVIRONMENT.items()}
    check = [sys.executable, *HEALTH_CHECK[1:]]
    variables = {**os.environ, **environment, "PATH": os.environ["PATH"]}
    asked = subprocess.run(check, env=variables, stderr=subprocess.DEVNULL, timeout=BOUND, check=False)
    assert asked.returncode != 0
    with listening(command, *COMMANDS[command], env=environment) as process:
        assert process.url == f"http://0.0.0.0:{port}"
        subprocess.run(check, env=variables, timeout=BOUND, check=True)


def test_the_image_runs_as_a_user_whom_kubernetes_sees_not_to_be_root():
    assert re.findall(r"^USER (.*)$", FILE, re.MULTILINE) == ["65532:65532"]
    assert FILE.rindex("USER") < FILE.index("ENTRYPOINT")


def test_the_examples_of_the_manual_fit_the_image():
    compose, deployment, service = yaml.safe_load_all(
        "---\n".join(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
    )
    (port,) = re.findall(r"^EXPOSE (\d+)$", FILE, re.MULTILINE)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    for probe in ("readinessProbe", "livenessProbe"):
        assert container[probe] == {"httpGet": {"path": HEALTH, "port": int(port)}}
    app = compose["services"]["app"]
    assert app["environment"]["ANTHROPIC_BASE_URL"] == f"http://claude:{port}"
    assert service["spec"]["ports"] == [{"port": int(port)}]
    assert service["spec"]["selector"] == deployment["spec"]["template"]["metadata"]["labels"]
    assert service["metadata"]["name"] in container["args"]
    assert HEALTH in HEALTH_CHECK[-1] and ENVIRONMENT["INSPECTOR_SERVE_PORT"] == port
