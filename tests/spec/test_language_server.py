"""The schema in the real yaml-language-server: hover, completion and problems, as an editor shows them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


class Server:
    """Speaks LSP over stdio with one server and one document."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.uri = (folder / "s.yaml").as_uri()
        self.number = 0
        self.problems: list[dict] = []
        self.ask("initialize", {"processId": os.getpid(), "rootUri": folder.as_uri(), "capabilities": {"textDocument": {"hover": {}, "completion": {}}}})
        self.tell("initialized", {})
        settings = {"yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}}
        self.tell("workspace/didChangeConfiguration", {"settings": settings})

    def send(self, message: dict) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def tell(self, method: str, params: dict) -> None:
        self.send({"method": method, "params": params})

    def read(self) -> dict:
        length = 0
        while (line := self.process.stdout.readline().strip()) or not length:
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.problems = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:  # the server asks for its settings
            items = message.get("params", {}).get("items", [])
            self.send({"id": message["id"], "result": [None for _ in items]})
        return message

    def ask(self, method: str, params: dict) -> dict:
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            message = self.read()
            if message.get("id") == self.number and "method" not in message:
                return message.get("result") or {}

    def show(self, text: str, version: int) -> None:
        schema = (ROOT / "schemas" / "spec.schema.json").as_uri()
        text = f"# yaml-language-server: $schema={schema}\n{text}"
        self.problems = []
        if version == 1:
            self.tell("textDocument/didOpen", {"textDocument": {"uri": self.uri, "languageId": "yaml", "version": 1, "text": text}})
        else:
            self.tell("textDocument/didChange", {"textDocument": {"uri": self.uri, "version": version}, "contentChanges": [{"text": text}]})
        while self.read().get("method") != "textDocument/publishDiagnostics":
            pass

    def at(self, method: str, line: int, column: int) -> dict:
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": self.uri}, "position": {"line": line, "character": column}})

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("editor")
    program = shutil.which("yaml-language-server")
    if program is None:
        if shutil.which("npm") is None:
            pytest.skip("neither yaml-language-server nor npm is here")
        done = subprocess.run(["npm", "install", "--silent", "--prefix", str(folder), "yaml-language-server"], capture_output=True)
        program = str(folder / "node_modules" / ".bin" / "yaml-language-server")
        if done.returncode or not Path(program).exists():
            pytest.skip("npm cannot install yaml-language-server here")
    server = Server([program, "--stdio"], folder)
    yield server
    server.close()


GOOD = "data: a.csv\ntask:\n  type: classification\n  target: y\nconstraints:\n  time: 10m\n  gpu: off\n"


def test_a_good_spec_has_no_problem_and_its_keys_explain_themselves(server):
    server.show(GOOD, 1)
    assert server.problems == []
    hover = json.dumps(server.at("hover", 6, 4))
    assert "Wall-clock time" in hover and "**Default:** `10m`" in hover
    assert "one class per row" in json.dumps(server.at("hover", 3, 5))
    assert "where one is seen" in json.dumps(server.at("hover", 7, 4))


def test_completion_offers_keys_and_values(server):
    server.show("data: a.csv\ntask:\n  type: \n  target: y\nconstraints:\n  \n", 2)
    values = {item["label"] for item in server.at("completion", 3, 8)["items"]}
    assert "classification" in values
    keys = {item["label"] for item in server.at("completion", 6, 2)["items"]}
    assert {"time", "gpu", "cpus", "trials", "memory", "latency", "fairness"} <= keys and "refit" not in keys


def test_wrong_keys_and_values_are_underlined(server):
    server.show(GOOD.replace("target: y", "tagret: y").replace("gpu: off", "gpu: of"), 3)
    lines = {p["range"]["start"]["line"] for p in server.problems}
    assert {4, 7} <= lines, server.problems
