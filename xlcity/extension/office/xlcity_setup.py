"""Adds the extension to the profile that LibreOffice was started with, or removes it, and ends.

A copy of this stands in the profile's folder of scripts while `xlcity udf install` runs, because
`unopkg` refuses to work for the administrator. Standard library only.
"""

from __future__ import annotations

from typing import Any

import uno
import unohelper
from com.sun.star.task import XInteractionHandler
from com.sun.star.ucb import XCommandEnvironment

IDENTIFIER = "org.xlcity.buttons"


class _Agrees(unohelper.Base, XCommandEnvironment, XInteractionHandler):
    """Answers every question with its first choice: yes, replace another version."""

    def getInteractionHandler(self) -> Any:
        return self

    def getProgressHandler(self) -> None:
        return None

    def handle(self, request: Any) -> None:
        request.getContinuations()[0].select()


def install(*_: Any) -> None:
    """Add `xlcity.oxt` of the profile's folder."""
    manager = uno.getComponentContext().ServiceManager
    places = manager.createInstance("com.sun.star.util.PathSubstitution")
    url = places.substituteVariables("$(user)/xlcity.oxt", True)
    _change(
        lambda manager, channel, asks: manager.addExtension(
            url, (), "user", channel, asks
        )
    )


def remove(*_: Any) -> None:
    """Remove the extension."""
    own = IDENTIFIER, "xlcity.oxt", "user"
    _change(lambda manager, channel, asks: manager.removeExtension(*own, channel, asks))


def _change(what: Any) -> None:
    context = uno.getComponentContext()
    try:
        manager = context.getValueByName(
            "/singletons/com.sun.star.deployment.ExtensionManager"
        )
        what(manager, manager.createAbortChannel(), _Agrees())
    finally:
        context.ServiceManager.createInstance("com.sun.star.frame.Desktop").terminate()


g_exportedScripts = (install, remove)  # noqa: N816
