"""An nginx in front of several instances of a server."""

import os
import socket
from contextlib import ExitStack, contextmanager

from processes import running


@contextmanager
def nginx(port, ports, folder):
    """Starts one nginx that passes requests on to several ports in turn; yields its process."""
    upstream = " ".join(f"server 127.0.0.1:{instance};" for instance in ports)
    # Its worker gives up root, as PostgreSQL does, and writes to the same folder.
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log; {user}
events {{ worker_connections 4096; }}
http {{
  access_log off; {temporary}
  client_max_body_size 0; client_body_buffer_size 2m; keepalive_requests 1000000;
  upstream crick {{ {upstream} keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://crick; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_max_temp_file_size 0;
    }}
  }}
}}
""")
    with running(["nginx", "-e", folder / "nginx.log", "-c", folder / "nginx.conf"]) as pid:
        yield pid


def free_ports(count):
    """Returns ports on which nothing listens."""
    with ExitStack() as stack:
        servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        return [stack.enter_context(server).getsockname()[1] for server in servers]
