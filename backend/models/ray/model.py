"""The replicas of a Ray cluster as the service's Model."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2s
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import StartupError
from backend.models.model_card import read_card
from backend.models.ray.calls import RayStream, join, ray_module
from backend.models.ray.replica import PROTOCOL, About
from backend.models.ray.stream import RayWriting, Shape, StreamOrder
from backend.models.ray.url import ClusterUrl

if TYPE_CHECKING:
    from backend.models.base import Prompt
    from engine.core.errors import DeviceLost
    from engine.core.params import Params

ANSWER_SECONDS = 60.0
"""How long a replica may take for its first answer, because it may still be starting."""


class RayModel:
    """A Model whose pages are made by the replicas of one application.

    Its Writings belong to the event loop that submits them. A function that the caller may pass as `leave` is called by
    `close`.
    """

    def __init__(self, handle: Any, about: About, leave: Callable[[], None] = lambda: None) -> None:
        self._handle, self._about, self._leave = handle, about, leave
        self._shape = Shape(about.canvas, frozenset(about.eos_ids), about.pad_id)

    @classmethod
    def connect(cls, where: ClusterUrl, model: Path, leave: Callable[[], None] | None = None) -> "RayModel":
        """Connect to replicas that are already running.

        Args:
            where: The cluster and the application.
            model: The folder that the service reads its model card from.
            leave: Ends what the caller has begun for this model. By default this process leaves the cluster.

        Raises:
            StartupError: There is no such cluster or application, no replica answers, or it serves another release or
                model.
        """
        leave = leave or join(where.address)
        try:
            handle = app_handle(where)
            return cls(handle, agreed(ask(handle, where), model, where), leave)
        except BaseException:
            leave()
            raise

    @property
    def defaults(self) -> "Params":
        """The checkpoint's default parameters."""
        return self._about.defaults

    @property
    def eos_ids(self) -> tuple[int, ...]:
        """The tokens that end a page."""
        return self._about.eos_ids

    @property
    def canvas_length(self) -> int:
        """How many tokens a canvas has."""
        return self._about.canvas

    @property
    def pad_id(self) -> int:
        """The token that shows nothing."""
        return self._about.pad_id

    def piece(self, token: int) -> bytes:
        """Return one token's bytes, or b"" for a special token."""
        return self._about.pieces[token]

    def submit(self, prompt: "Prompt", params: "Params | None" = None, *, session: str = "") -> RayWriting:
        """Start a page, from within an event loop; the Writing raises what a replica has against it."""
        params = params or self.defaults
        if params.seed is None:
            params = replace(params, seed=secrets.randbits(63))
        return RayWriting(StreamOrder(prompt, params, session), self._open, self._shape)

    def when_lost(self, call: "Callable[[DeviceLost], None]") -> None:
        """Do nothing: the call never comes.

        Ray Serve replaces a replica that has lost its GPU, and another one goes on with its pages.
        """

    def close(self) -> None:
        """Leave the cluster, or end what was started for this model."""
        self._leave()

    def _open(self, order: StreamOrder) -> RayStream:
        handle = self._handle.options(method_name="write", stream=True, session_id=affinity(order.session))
        return RayStream(handle.remote(order.prompt, order.params, order.committed))


def affinity(session: str) -> str:
    """Return a hash by which the cluster knows a session.

    The session's own key opens the session, so no other process is told it.
    """
    return blake2s(session.encode(), digest_size=8).hexdigest() if session else ""


def app_handle(where: ClusterUrl) -> Any:
    """Return Ray Serve's handle of an application.

    Raises:
        StartupError: The cluster has no such application.
    """
    from ray.serve.exceptions import RayServeException

    try:
        return ray_module().serve.get_app_handle(where.app)
    except RayServeException as error:
        raise StartupError(
            f"expected an engine called {where.app} in the Ray cluster at {where.address}, got none; "
            "silverprint engine --ray starts one"
        ) from error


def ask(handle: Any, where: ClusterUrl) -> About | int:
    """Ask some replica what it serves.

    Returns:
        Its description, or the number of its protocol if that is another than ours.

    Raises:
        StartupError: No replica answers.
    """
    try:
        return handle.about.remote(PROTOCOL).result(timeout_s=ANSWER_SECONDS)  # type: ignore[no-any-return]
    except TimeoutError as error:
        raise StartupError(
            f"expected a replica of {where.app} to answer within {ANSWER_SECONDS:.0f} seconds, got nothing"
        ) from error
    except Exception as error:
        found = str(error).strip().splitlines()[0]
        raise StartupError(f"expected a replica of {where.app} to tell what it serves, got: {found}") from error


def agreed(about: About | int, model: Path, where: ClusterUrl) -> About:
    """Return a replica's description if service and replicas are of one release and one model.

    Raises:
        StartupError: They differ.
    """
    if not isinstance(about, About):
        raise StartupError(
            f"expected replicas of {where.app} that speak protocol {PROTOCOL}, got {about}; "
            "run the same release of silverprint on both sides"
        )
    card = read_card(model)
    if about.card != card:
        raise StartupError(
            f"expected replicas of {where.app} to serve {card.name} as it is in {model}, got {about.card.name}; "
            "give both sides the same --model"
        )
    return about
