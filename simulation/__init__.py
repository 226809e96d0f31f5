"""A simulated community that plays tasks through what it sees."""

from pathlib import Path

__all__ = ["EXAMPLES"]

EXAMPLES = Path(__file__).parent / "examples" / "trees.jsonl"
"""A dozen small trees in several languages, in the dataset's format."""
