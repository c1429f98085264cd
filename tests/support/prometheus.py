"""A real Prometheus with our rules, on a free port of loopback, that asks one gateway each second."""
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from estate import ROOT, free_port, wait_until

RULES = os.path.join(ROOT, "config", "prometheus")


class Prometheus:
    def __init__(self, folder, target_port):
        self.folder = os.path.join(str(folder), "prometheus")
        os.makedirs(self.folder)
        self.port = free_port()
        config = os.path.join(self.folder, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as stream:
            stream.write(f"""global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{RULES}/recording.yml", "{RULES}/alerts.yml"]
scrape_configs: [{{job_name: firegate, static_configs: [{{targets: ["127.0.0.1:{target_port}"]}}]}}]
""")
        command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.folder}/data", "--log.level=warn",
                   f"--web.listen-address=127.0.0.1:{self.port}"]
        with open(os.path.join(self.folder, "prometheus.log"), "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_until(self.ready, 20, "Prometheus is ready")
        except AssertionError:
            self.stop()
            raise

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def ask(self, path, **parameters):
        body = urllib.parse.urlencode(parameters).encode() if parameters else None
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", data=body, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """The samples of an expression now: [(labels, value)]."""
        result = self.ask("query", query=expression)
        if result["resultType"] == "scalar":
            return [({}, float(result["result"][1]))]
        return [(sample["metric"], float(sample["value"][1])) for sample in result["result"]]

    def alerts(self):
        """{name: state} of what is pending or firing."""
        return {alert["labels"]["alertname"]: alert["state"] for alert in self.ask("alerts")["alerts"]}

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(os.path.join(self.folder, "data"), ignore_errors=True)
