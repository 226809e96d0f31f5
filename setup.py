"""Compiles the translation catalogues whenever the project is installed."""

from pathlib import Path

from babel.messages.frontend import CompileCatalog
from setuptools import setup
from setuptools.command.build_py import build_py

CATALOGUES = Path("bot/locale")


class BuildWithCatalogues(build_py):  # type: ignore[misc]  # setuptools ships no types
    """Compile every catalogue of the bot before its files are collected."""

    def run(self) -> None:
        """Compile, then build."""
        compile_catalogues = CompileCatalog(self.distribution)
        compile_catalogues.directory = str(CATALOGUES)
        compile_catalogues.domain = sorted({path.stem for path in CATALOGUES.glob("*/LC_MESSAGES/*.po")})
        compile_catalogues.finalize_options()
        compile_catalogues.run()
        super().run()


setup(cmdclass={"build_py": BuildWithCatalogues})
