"""Property tests here have no deadline: other work on the machine must not make them fail."""

from hypothesis import settings

settings.register_profile("forms", deadline=None)
settings.load_profile("forms")
