import os

from metaflow import FlowSpec, step


class Large(FlowSpec):
    @step
    def start(self):
        self.data = bytearray(os.urandom(64 * 1024 * 1024))
        self.next(self.read)

    @step
    def read(self):
        self.first = self.data[0]
        self.next(self.change)

    @step
    def change(self):
        self.data[1] ^= 1
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Large()
