"""The curves of a training run as a picture."""

from pathlib import Path


def plot_curve(log: list[dict[str, float]], path: Path) -> None:
    """Draw the losses over minutes, and how similar written pages are to the true ones if the log has that.

    Losses are those of the canvas and of the next token (nats, log scale). Nothing is written for an empty log.
    """
    if not log:
        return
    from matplotlib.figure import Figure  # slow to import, and installed only for training

    losses, probes = ([row for row in log if name in row] for name in ("canvas", "likeness"))
    figure = Figure(figsize=(7, 3.6 if not probes else 5.4), layout="constrained")
    axes, *below = figure.subplots(1 + bool(probes), squeeze=False)[:, 0]
    minutes = [row["minutes"] for row in losses]
    axes.plot(minutes, [row["canvas"] for row in losses], label="canvas (block diffusion)", color="#0b6b4f")
    axes.plot(minutes, [row["next"] for row in losses], label="next token (encoder)", color="#8a3b12")
    axes.set(xlabel="minutes of training", ylabel="loss (nats)", yscale="log")
    axes.legend(frameon=False)
    for under in below:
        at = [row["minutes"] for row in probes]
        under.plot(
            at, [row["likeness"] for row in probes], marker="o", label="likeness to the true page", color="#1d5bb8"
        )
        under.plot(at, [row["steps"] / 48 for row in probes], marker="o", label="steps, of 48", color="#76505c")
        under.set(xlabel="minutes of training", ylabel="held-out requests", ylim=(0, 1))
        under.legend(frameon=False)
    for each in (axes, *below):
        each.grid(alpha=0.3, which="both")
    figure.savefig(path, dpi=120)
