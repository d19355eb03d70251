"""Engines on many machines, as replicas of a Ray Serve deployment, and a Model for the service that asks them.

url.py         what --engine ray://... names
replica.py     an engine in a process of its own, as Serve runs it
deploy.py      starts or joins Ray and keeps replicas of it running: `silverprint engine --ray`
stream.py      one page: its frames, and what becomes of it when its replica is lost. Knows nothing of Ray
model.py       RayModel: the replicas as the service's Model
calls.py       the one place that turns Ray's errors into ours
"""
