"""A real broker, a real gateway and what talks to them, for tests: each on a free port of loopback, stopped by its own id."""
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("FIREGATE_PROGRAM", os.path.join(ROOT, "build", "firegate"))
BROKER = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(check, seconds, what):
    """Polls `check` until it gives something true; fails with `what` after the window."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        pause.wait(0.05)  # the gateway lets a person ask 20 times a second for ever


class Broker:
    def __init__(self, folder, port=None, extra=""):
        self.port = port or free_port()
        self.folder = os.path.join(str(folder), "mosquitto")
        os.makedirs(self.folder, exist_ok=True)
        with open(os.path.join(ROOT, "config", "mosquitto", "firegate.conf"), encoding="utf-8") as stream:
            lines = [f"listener {self.port} 127.0.0.1" if line.startswith("listener ") else line.rstrip("\n")
                     for line in stream]
        lines += [f"persistence_location {self.folder}/", extra]
        if os.geteuid() == 0:
            lines.append("user root")
        self.config = os.path.join(self.folder, "mosquitto.conf")
        with open(self.config, "w", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + "\n")
        self.process = None
        self.start()

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen([BROKER, "-c", self.config], stdout=log, stderr=log)
        try:
            wait_until(self.answers, 10, "the broker answers")
        except AssertionError:
            self.stop(signal.SIGKILL)
            raise

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.5).close()
            return True
        except OSError:
            return False

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.send_signal(signal.SIGCONT)
            self.process.wait(10)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def saved_since(self, moment):
        """Whether the broker has written its state to disk since then (it does so each second)."""
        return any(entry.stat().st_mtime > moment for entry in os.scandir(self.folder) if entry.name.endswith(".db"))

    def forget(self):
        """What the broker has stored is gone, as after the loss of its disk; only while it is stopped."""
        for name in os.listdir(self.folder):
            if name.endswith(".db"):
                os.remove(os.path.join(self.folder, name))

    def publish(self, topic, payload, retain=False, qos=1):
        text = payload if isinstance(payload, (str, bytes)) else json.dumps(payload, ensure_ascii=False)
        data = text if isinstance(text, bytes) else text.encode()
        command = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-q", str(qos), "-t", topic, "-s"]
        subprocess.run(command + (["-r"] if retain else []), input=data, check=True, timeout=20)


PERSON = {"user": "wangfang", "name": "王芳", "password": "蓝色自行车停在楼下"}


class Gateway:
    """`firegate serve` on its own data folder. `start` again after `kill` is a restart on the same data.

    Requests are those of its first user, 王芳, who has every role: she is made with the code that the first start prints,
    and her session outlives restarts."""

    def __init__(self, folder, broker, config=None, settings=(), environment=None):
        self.data = os.path.join(str(folder), "data")
        self.config = config or os.path.join(ROOT, "config")
        self.broker = broker
        self.settings = list(settings)
        self.environment = {**os.environ, **(environment or {})}
        self.port = free_port()
        self.log = os.path.join(str(folder), "firegate.log")
        self.process = None
        self.session = {}  # the headers that prove who asks
        self.start()

    def start(self, wait=True):
        command = [PROGRAM, "serve", "--config", self.config, "--data", self.data,
                   "--set", f"broker.port={self.broker.port}", "--set", f"api.port={self.port}"]
        for setting in self.settings:
            command += ["--set", setting]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment)
        try:
            if wait:
                wait_until(self.ready, 20, "the gateway is ready")
                if not self.session:
                    self.enter()
        except AssertionError:
            self.kill()
            raise

    def setup_code(self):
        """The one that counts: each start without a user prints a new one."""
        found = re.findall(r"event=setup_code code=\"?([0-9A-Z-]+)", self.logged())
        return found[-1] if found else None

    def enter(self):
        """Makes the first user and signs her in."""
        code = wait_until(self.setup_code, 5, "the code of the first start")
        self.session = self.signed_in("/api/v1/setup", {"code": code, **PERSON})

    def signed_in(self, path, body):
        """The headers of the session that a request opens."""
        status, headers, data = self.exchange(path, body)
        assert status == 200, data
        cookie = headers["Set-Cookie"].split(";")[0]
        return {"Cookie": cookie, "X-Firegate-Token": json.loads(data)["csrf"]}

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the gateway ended with {self.process.returncode}:\n" + self.logged()[-3000:])
        try:
            return self.get("/readyz", raw=True) is not None
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def kill(self, how=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.send_signal(signal.SIGCONT)
            self.process.wait(20)
        return self.process.returncode if self.process else None

    def alive(self):
        return self.process.poll() is None

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def logged(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def memory_kib(self):
        """Resident memory."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def database(self):
        """The record, read only."""
        return sqlite3.connect(f"file:{self.data}/firegate.db?mode=ro", uri=True)

    def exchange(self, path, body=None, method=None, headers=None):
        """Status, headers and bytes of the answer."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        made = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, method=method,
                                      headers={"Content-Type": "application/json", **self.session, **(headers or {})})
        try:
            with urllib.request.urlopen(made, timeout=10) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def request(self, path, body=None, method=None, headers=None):
        status, _, data = self.exchange(path, body, method, headers)
        return status, data

    def get(self, path, raw=False):
        status, headers, data = self.exchange(path)
        while status == 429:  # as a good client does
            threading.Event().wait(int(headers["Retry-After"]))
            status, headers, data = self.exchange(path)
        if status != 200:
            raise urllib.error.HTTPError(path, status, data.decode(), None, None)
        return data.decode() if raw else json.loads(data)

    def post(self, path, body):
        status, data = self.request(path, body, "POST")
        return status, json.loads(data) if data else None

    def alarms(self, **wanted):
        """Live alarms whose fields equal what is wanted; `alarm_class` stands for class."""
        if "alarm_class" in wanted:
            wanted["class"] = wanted.pop("alarm_class")
        return [a for a in self.get("/api/v1/alarms")["alarms"] if all(a[k] == v for k, v in wanted.items())]

    def wait_alarm(self, within, **wanted):
        """The first live alarm whose fields equal what is wanted."""
        return wait_until(lambda: self.alarms(**wanted), within, f"an alarm with {wanted}")[0]

    def wait_no_alarm(self, within, **wanted):
        wait_until(lambda: not self.alarms(**wanted), within, f"no alarm with {wanted}")

    def act(self, alarm, kind, **body):
        return self.post(f"/api/v1/alarms/{alarm['id']}/{kind}", {"post": "desk", **body})

    def metric(self, name):
        """The sum of a metric over its labels."""
        total = 0.0
        for line in self.get("/metrics", raw=True).splitlines():
            if line.startswith(name + " ") or line.startswith(name + "{"):
                total += float(line.rsplit(" ", 1)[1])
        return total


def native(estate, device, seq=None, boot="test", **readings):
    """Topic and payload of a native message; numbered where a `seq` is given."""
    number = {} if seq is None else {"seq": seq, "boot": boot}
    return f"fg/v1/{estate}/{device}/up", {**number, "readings": readings}


def run_firegate(*arguments, within=60, **options):
    """A command of the program that ends by itself."""
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=within, check=False, **options)


def copy_config(folder, **files):
    """A copy of config/ with some files replaced or added: `rules__x` stands for rules/x, `_yaml` and `_csv` for the ending."""
    made = os.path.join(str(folder), "config")
    shutil.copytree(os.path.join(ROOT, "config"), made)
    for name, text in files.items():
        path = name.replace("__", "/").replace("_yaml", ".yaml").replace("_csv", ".csv")
        with open(os.path.join(made, path), "w", encoding="utf-8") as stream:
            stream.write(text)
    return made
