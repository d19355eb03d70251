"""The loss curve of a training run as a picture."""

from pathlib import Path


def plot_curve(log: list[dict[str, float]], path: Path) -> None:
    """Draw canvas and next-token loss (nats, log scale) over minutes. Writes nothing for an empty log."""
    if not log:
        return
    from matplotlib.figure import Figure  # heavy, and only the training has it

    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    minutes = [row["minutes"] for row in log]
    axes.plot(minutes, [row["canvas"] for row in log], label="canvas (block diffusion)", color="#0b6b4f")
    axes.plot(minutes, [row["next"] for row in log], label="next token (encoder)", color="#8a3b12")
    axes.set(xlabel="minutes of training", ylabel="loss (nats)", yscale="log")
    axes.grid(alpha=0.3, which="both")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)
