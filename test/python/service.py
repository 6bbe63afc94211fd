"""The service under test: the real binary, over HTTP and HTTPS, on free ports."""

import json
import os
import re
import subprocess
import tempfile

BINARY = os.environ["EASEL_BIN"]
# pubsub is the service alone, serve the one embedded in the whiteboard.
COMMAND = os.environ.get("EASEL_COMMAND", "pubsub")


class Service:
    """A running `easel pubsub` or `easel serve`; a context manager."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="easel-data-")
        self._data = ["--data", self._folder.name]
        self._process = subprocess.Popen(
            [BINARY, COMMAND, "--addr", "127.0.0.1:0", "--https", "--https-addr", "localhost:0", *self._data],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        urls = []
        while not urls:
            line = self._process.stdout.readline()
            if line == "":
                raise RuntimeError(f"easel {COMMAND} ended with {self._process.wait()}")
            urls = re.findall(r"https?://[\w.]+:\d+", line)
        self.endpoints = {url.partition(":")[0]: url for url in urls}
        self.key = self._manage("key", "show")["primaryKey"]
        self.environment = self._manage("env", "--json")
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()

    def _manage(self, *words):
        return json.loads(subprocess.run([BINARY, *words, *self._data], check=True, capture_output=True).stdout)

    def connection_string(self, scheme):
        return f"Endpoint={self.endpoints[scheme]};AccessKey={self.key};Version=1.0;"
