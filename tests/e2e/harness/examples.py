# SPDX-License-Identifier: ISC
"""The examples of config/examples, with the places and ports of a test in
them and nothing else changed."""
from . import env
from .proxies import Caddy, Haproxy, Nginx

EXAMPLES = env.SOURCE / "config" / "examples"


def example(name, changes):
    """Its text with each of these replaced; what isn't there is a mistake."""
    text = (EXAMPLES / name).read_text()
    for old, new in changes.items():
        assert old in text, f"{name} has no {old!r}"
        text = text.replace(old, str(new))
    return text


class Shipped:
    """In front of `to`, with TLS on `port` and, if `redirects`, without on
    `plain`."""
    redirects = True

    def __init__(self, to, certificate, key):
        super().__init__(to)
        self.plain = env.free_port()
        self.certificate, self.key = certificate, key

    def __exit__(self, *_):
        """Keeps what it wrote, to whatever file."""
        self.process.terminate()
        self.process.wait(env.PATIENCE)
        self.written = "\n".join(p.read_text(errors="replace") for p in
                                 sorted(self.folder.path.rglob("*")) if p.is_file())
        super().__exit__()


class ShippedNginx(Shipped, Nginx):
    def text(self):
        folder = self.folder.path
        shipped = example("nginx.conf", {
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
            "\tlisten [::]:80;\n": "", "\tlisten [::]:443 ssl http2;\n": "",
            "/etc/letsencrypt/live/news.example.org/fullchain.pem": self.certificate,
            "/etc/letsencrypt/live/news.example.org/privkey.pem": self.key,
            "/var/log/nginx": folder, "127.0.0.1:8080": self.values["to"]})
        temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return (f"daemon off;\npid {folder}/pid;\nerror_log {folder}/main.log;\n"
                f"events {{ }}\nhttp {{\n{temporary}{shipped}}}\n")


class ShippedHaproxy(Shipped, Haproxy):
    def text(self):
        both = self.folder.path / "both.pem"
        both.write_text(self.certificate.read_text() + self.key.read_text())
        return example("haproxy.cfg", {
            "log /dev/log local0": "log stdout format raw local0",
            "\tuser haproxy\n\tgroup haproxy\n": "",
            "bind :80\n": f"bind 127.0.0.1:{self.plain}\n",
            "bind :443 ssl crt /etc/haproxy/news.example.org.pem":
                f"bind 127.0.0.1:{self.port} ssl crt {both}",
            "127.0.0.1:8080": self.values["to"]})


class ShippedCaddy(Shipped, Caddy):
    redirects = False       # its way there needs the real port 80

    def text(self):
        folder = self.folder.path
        return example("Caddyfile", {
            "{\n\t# It would": "{\n\tadmin off\n\tauto_https disable_redirects\n"
                f"\tstorage file_system {folder}/storage\n\t# It would",
            "news.example.org {": f"https://localhost:{self.port} {{\n\tbind 127.0.0.1\n"
                f"\ttls {self.certificate} {self.key}",
            "/var/log/caddy": folder, "127.0.0.1:8080": self.values["to"]})
