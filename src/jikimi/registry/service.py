"""The registry's use cases, all that other rooms call. It must never be gone around to reach the registry's tables."""

from jikimi.registry.importing import import_document

__all__ = ["import_document"]
