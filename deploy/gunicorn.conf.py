"""gunicorn, the same for `make run` and for a deployment; the address is given on the command line."""

from pathlib import Path

workers = 2
worker_class = "gthread"
threads = 4
preload_app = True  # the code is loaded once and shared
timeout = 60
graceful_timeout = 4
errorlog = "-"
accesslog = None  # the portal logs its own requests, without query strings
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a heartbeat file, never on a slow disk
