"""Block-diffusion inference as a library: a checkpoint folder in, frames of a developing text out.

    from engine import Engine, Params

    with Engine.load("models/silverprint-s") as engine:
        print(engine.generate("a page about tea", Params(seed=7)).text)

docs/engine.md is its guide. What stands in `__all__` is public; all else may change.
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

# OpenMP threads that spin while they wait occupy the core that the loop's last worker needs. On two cores shared with
# one busy process, a denoising step took 900 to 1,500 ms with spinning threads and 110 ms with sleeping ones.
# OpenMP reads the variable once, when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if TYPE_CHECKING:
    from engine.core.errors import EngineError as EngineError
    from engine.core.params import Params as Params
    from engine.core.results import Frame as Frame
    from engine.core.results import Result as Result
    from engine.core.results import Stats as Stats
    from engine.core.results import TextResult as TextResult
    from engine.engine import Engine as Engine
    from engine.model.sampler import EntropyBound as EntropyBound
    from engine.model.sampler import Sampler as Sampler
    from engine.requests.generation import Generation as Generation

PUBLIC = {
    "Engine": "engine.engine",
    "EngineError": "engine.core.errors",
    "EntropyBound": "engine.model.sampler",
    "Frame": "engine.core.results",
    "Generation": "engine.requests.generation",
    "Params": "engine.core.params",
    "Result": "engine.core.results",
    "Sampler": "engine.model.sampler",
    "Stats": "engine.core.results",
    "TextResult": "engine.core.results",
}
__all__ = list(PUBLIC)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import engine` alone does not load torch.

    Raises:
        AttributeError: The name is not public.
    """
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(PUBLIC[name]), name)
