"""The tiny checkpoint of the engine's own tests."""

from tests.unit.engine.conftest import folder as folder
from tests.unit.engine.conftest import model as model
from tests.unit.engine.conftest import quiet as quiet
from tests.unit.engine.conftest import reference as reference
