"""Runs the action of `action.yml` as GitHub's runner does.

Each step runs in bash, with its `env`, and with files for what it tells the runner.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import yaml
from conftest import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
_EXPRESSION = re.compile(r"\$\{\{ (inputs|steps)\.([a-z-]+)(?:\.outputs\.([a-z-]+))? \}\}")


def run_action(inputs, *, cwd, files, program=None, action=ACTION, **environment):
    """Run the action in a folder; `files` is an empty folder for the runner's own files.

    With `program`, an installed inspector, the step that installs one is left out. What comes back has the
    exit status of the last step, its log, the summary, and the outputs of the action.
    """
    assert inputs.keys() <= action["inputs"].keys()
    inputs = {name: each.get("default", "") for name, each in action["inputs"].items()} | inputs
    outputs = {"install": {"program": program}} if program else {}

    def value(text):
        match = _EXPRESSION.fullmatch(text)
        assert match, f"{text} is none of the expressions that this runner knows"
        kind, name, output = match.groups()
        return inputs[name] if kind == "inputs" else outputs.get(name, {}).get(output, "")

    log, status = "", 0
    for step in action["runs"]["steps"]:
        if step["id"] in outputs or status:
            continue
        runner = {
            name: files / f"{step['id']}-{name.lower()}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
        }
        for file in runner.values():
            file.touch()
        script = files / f"{step['id']}.sh"
        script.write_text(step["run"])
        assert step["shell"] == "bash"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=cwd,
            env={
                **_quiet(os.environ),
                **{name: str(path) for name, path in runner.items()},
                "GITHUB_ACTION_PATH": str(ROOT),
                "RUNNER_TEMP": str(files),
                **environment,
                **{name: value(text) for name, text in step["env"].items()},
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        log, status = log + done.stdout, done.returncode
        outputs[step["id"]] = _outputs(runner["GITHUB_OUTPUT"].read_text())
    return SimpleNamespace(
        status=status,
        log=log,
        summary=runner["GITHUB_STEP_SUMMARY"].read_text(),
        outputs={name: value(each["value"]) for name, each in action["outputs"].items()},
        written=outputs,
    )


def _quiet(environment):
    """The environment without what a developer has set for the SDK, or for inspector."""
    return {k: v for k, v in environment.items() if not k.startswith(("ANTHROPIC_", "INSPECTOR_", "INPUT_"))}


def _outputs(text):
    """Read a file of outputs as GitHub documents it: `name=value`, or `name<<END` and lines up to END."""
    found, waiting = {}, iter(text.splitlines())
    for line in waiting:
        name, mark, end = line.partition("<<")
        if mark and "=" not in name:
            found[name] = "\n".join(iter(lambda end=end: next(waiting), end))
        else:
            name, _, value = line.partition("=")
            found[name] = value
    return found


def examples(page, *, having):
    """The YAML examples of a page of docs/ that have a key."""
    blocks = re.findall(r"```yaml\n(.*?)```", Path(ROOT / "docs" / page).read_text(), re.DOTALL)
    return [text for text in blocks if having in yaml.safe_load(text)]
