"""Every lesson live in the browser: JupyterLite, with Pyodide and all that it needs beside it.

    build_live(Path("site"))       # makes site/live, a folder that any plain web server can serve
    link("03-publish-subscribe")   # "live/index.html?path=03-publish-subscribe.ipynb", seen from the site's root

Nothing is fetched from another host when the pages are used; while they are built, npm and pip fetch what
`parts.lock` names, and each part must have the hash that stands there.
"""

from tools.site.live.build import build_live, link

__all__ = ["build_live", "link"]
