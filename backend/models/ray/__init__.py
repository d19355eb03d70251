"""Engines on many machines as replicas of a Ray Serve deployment, and a Model that asks them for pages.

It may use the engine and the rooms below `models`. Start reading in `model.py`.

    url.py         what --engine ray://... names
    replica.py     an engine in a process of its own, as Ray Serve runs it
    deploy.py      starts or joins Ray and keeps replicas running: `silverprint engine --ray`
    stream.py      one page: its frames, and what happens when its replica is lost; knows nothing of Ray
    model.py       RayModel: the replicas as the service's Model
    calls.py       the one place that turns Ray's errors into ours
"""
