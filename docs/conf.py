"""How Sphinx builds the manual: `pip install -e ".[docs]" && python -m sphinx -W docs build/manual`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from inspector import __version__
from inspector.manual import MANUAL

project = "inspector"
author = "The inspector developers"
copyright = author  # noqa: A001 - Sphinx's name for it
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton", "_extension"]
exclude_patterns = ["_extension"]
highlight_language = "none"
smartquotes = False  # `--` and quotes are parts of commands

myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline", "colon_fence"]
myst_links_external_new_tab = False

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"inspector {version}"
html_static_path = ["_static"]
html_favicon = "_static/favicon.svg"
html_css_files = ["manual.css"]
html_copy_source = False
html_show_sourcelink = False
html_search_scorer = str(Path(__file__).parent / "_extension/search_ranking.js")
html_baseurl = MANUAL
pygments_style = "friendly"
pygments_dark_style = "github-dark"

# A prompt and what a command printed are not copied, only what is typed.
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True
copybutton_here_doc_delimiter = "EOF"

# Other people's pages are asked in `-b linkcheck` only, which a schedule runs.
linkcheck_timeout = 20
linkcheck_retries = 2
linkcheck_rate_limit_timeout = 60
linkcheck_ignore = [r"http://(127\.0\.0\.1|localhost)", r"https://sse-inspector\.readthedocs\.io/"]
linkcheck_anchors_ignore_for_url = [r"https://github\.com/.*"]
