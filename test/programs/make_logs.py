"""Writes logs.json: what each program beside this file returns in PyTorch."""

import importlib
import json
from pathlib import Path

import torch

here = Path(__file__).parent
torch.set_num_threads(1)
programs = sorted(p.stem for p in here.glob("*.py") if "def run()" in p.read_text() and p != Path(__file__))
logs = {name: importlib.import_module(name).run() for name in programs}
(here / "logs.json").write_text(json.dumps(logs, indent=1) + "\n")
