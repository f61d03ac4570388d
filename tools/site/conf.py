"""Sphinx's settings for the site; `tools/site/builder.py` writes the sources and calls it."""

project = "eventlab"
html_title = "eventlab"
extensions = ["myst_nb"]
nb_execution_mode = "off"  # outputs are those in the repository, which tests hold equal to a run
nb_render_markdown_format = "gfm"  # else what a cell gives as Markdown loses its tables
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
myst_heading_slug_func = "tools.site.slugs.slug"
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"type": "module"})]
html_favicon = "_static/icon.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
# A module's page has no list of lessons: 250 times that would be a megabyte. It leads back to the reference.
html_sidebars = {
    "api/eventlab*": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/scroll-end.html",
    ]
}
html_use_index = False
html_domain_indices = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0A6CC0", "color-brand-content": "#0A6CC0", "color-brand-visited": "#741B6E",
        "color-foreground-muted": "#525B66", "color-foreground-border": "#8A939E",
    },
    "dark_css_variables": {
        "color-brand-primary": "#58A9FA", "color-brand-content": "#58A9FA", "color-brand-visited": "#F5BFEA",
        "color-foreground-muted": "#A7B0BB", "color-foreground-border": "#6B7580",
    },
}  # fmt: skip
