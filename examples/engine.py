"""The engine without a server: watch a page develop in the terminal, then make it again with a sampler of one's own.

python examples/engine.py ["a page about tea"]
"""

import sys
from dataclasses import replace
from pathlib import Path

from torch import Tensor

# Python looks for modules beside a script first, where this file has the name of the package.
sys.path = [path for path in sys.path if Path(path).resolve() != Path(__file__).resolve().parent]

from engine import Engine, EntropyBound  # noqa: E402

MODEL = Path(__file__).resolve().parent.parent / "models" / "silverprint-s"


class Cautious(EntropyBound):
    """A sampler that keeps half of the uncertainty that the model's own would keep, and so takes more steps."""

    def accept(self, entropy: Tensor, bound: Tensor) -> Tensor:
        """Accept within half of the bound."""
        return super().accept(entropy, bound / 2)


def main(words: str) -> None:
    """Show a page develop, then make it with each sampler."""
    # The bundled checkpoint is asked in a dialect of its own, which the service writes from a visitor's words.
    prompt = f"web\nask: {words}\nstyle: paper mint\n"
    with Engine.load(MODEL) as engine:
        params = replace(engine.defaults, seed=7)
        for frame in engine.stream(prompt, params):
            settled = "".join("#" if one else "." for one in frame.settled[::4])
            if not frame.reading:
                print(f"canvas {frame.block + 1} step {frame.step:2} {frame.entropy:5.2f} nats {settled}")
            elif frame.final:
                print(f"canvas {frame.block + 1} read {frame.reading} times: committed")
        page = engine.generate(prompt, params)
        print(f"{page.stats.tokens} tokens, {page.stats.tokens_per_second:.0f} a second\n{page.text[:400]}")
    with Engine.load(MODEL, sampler=Cautious()) as engine:
        again = engine.generate(prompt, params)
        print(f"steps a canvas: {page.stats.steps}; with the cautious sampler: {again.stats.steps}")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "a page about tea")
