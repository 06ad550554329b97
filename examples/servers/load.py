"""A load generator: so many requests for card tables over so many connections, every response looked at."""

import collections
import http.client
import json
import random
import threading
import time


class Load:
    """Adds up what its run()s did: `asked`, how often each number of players was asked for; `wrong`, what came instead
    of the right response."""

    def __init__(self, port, path, most, connections):
        self.port = port
        self.path = path
        self.most = most
        self.connections = connections
        self.choose = random.Random(1)
        self.asked = collections.Counter()
        self.wrong = []

    def run(self, requests):
        """The seconds that it took."""
        counts = [self.choose.randint(1, self.most) for _ in range(requests)]
        self.asked.update(counts)
        threads = [
            threading.Thread(target=self._connection, args=(counts[number :: self.connections],))
            for number in range(self.connections)
        ]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - started

    def _connection(self, counts):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for count in counts:
            try:
                connection.request("GET", self.path.format(count))
                response = connection.getresponse()
                body = response.read()
                expected = {"players": [f"user {number}" for number in range(count)]}
                if response.status != 200 or json.loads(body) != expected:
                    self.wrong.append((count, response.status, body))
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append((count, repr(error)))
                connection.close()
        connection.close()
