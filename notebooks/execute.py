"""Execute a notebook from a clean state and write it, outputs and all, somewhere else.

usage: python execute.py NOTEBOOK OUTPUT
"""

import sys
from pathlib import Path

import nbclient
import nbformat

notebook, output = map(Path, sys.argv[1:])
content = nbformat.read(notebook, as_version=4)
nbformat.validate(content)
# Relative paths in a notebook start at its own folder.
folder = {"metadata": {"path": str(notebook.resolve().parent)}}
nbclient.NotebookClient(content, timeout=300, resources=folder).execute()
nbformat.write(content, output)
