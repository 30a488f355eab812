"""The same small project as in the tests of the project cycle."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_spec = spec_from_file_location("small_project", Path(__file__).parent.parent / "project_cycle" / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_module = module_from_spec(_spec)
sys.modules[_spec.name] = _module
_spec.loader.exec_module(_module)

story, make_register, make_mapping = _module.story, _module.make_register, _module.make_mapping
make_plan, make_meter = _module.make_plan, _module.make_meter
