"""What all tests share: property tests have no deadline, which a busy machine would make them miss."""

from hypothesis import settings

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
