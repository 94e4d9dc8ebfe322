"""Runs the cells of a notebook in a folder, with the tslab kernel, and prints it with its outputs.

A cell that prints "waiting to be interrupted" is interrupted, as by Jupyter's stop button.
"""

import asyncio
import sys
import time

import nbformat
from jupyter_client.utils import ensure_async
from nbclient import NotebookClient


class Client(NotebookClient):
    def process_message(self, msg, cell, cell_index):
        if "waiting to be interrupted\n" in msg["content"].get("text", ""):
            asyncio.ensure_future(ensure_async(self.km.interrupt_kernel()))
        return super().process_message(msg, cell, cell_index)


def let_kernel_pass_on(cell, execute_reply, **_):
    # After a cell that failed, tslab refuses all cells for 200 ms.
    if execute_reply["content"]["status"] != "ok":
        time.sleep(0.5)


path, folder = sys.argv[1:]
notebook = nbformat.read(path, as_version=4)
client = Client(
    notebook,
    kernel_name="tslab",
    timeout=120,
    allow_errors=True,
    on_cell_executed=let_kernel_pass_on,
    resources={"metadata": {"path": folder}},
)
client.execute()
print(nbformat.writes(notebook))
