"""A browser opens the dashboard, adds a provider by its form, and asks nobody but the gateway for anything."""

import atexit
import json
import urllib.parse

from parts import Gateway, Llama, Process, call, eventually, free_port, run, status

llama = Llama()
gateway = Gateway()
port = free_port()
driver = Process("chromedriver", f"--port={port}", "--allowed-ips=127.0.0.1")
driver.wait_for("chromedriver listens", lambda: status(f"http://127.0.0.1:{port}/status") == 200)

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's own name for "this is an element".


class Browser:
    """As much of the WebDriver protocol as is needed here."""

    def __init__(self):
        # As root, and in a container without shared memory, Chromium's own sandbox cannot be set up.
        arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--window-size=1280,900"]
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        self.session = ""
        self.session = "/" + self("POST", "", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
        atexit.register(self, "DELETE", "")

    def __call__(self, method, path, body=None):
        code, answer = call(method, f"http://127.0.0.1:{port}/session{self.session}{path}", body)
        assert code == 200, answer
        return answer["value"]

    def open(self, url):
        self("POST", "/url", {"url": url})

    def all(self, selector):
        return [found[ELEMENT] for found in self("POST", "/elements", {"using": "css selector", "value": selector})]

    def one(self, selector):
        return eventually(f"{selector} is on the page", lambda: self.all(selector))[0]

    def click(self, selector):
        self("POST", f"/element/{self.one(selector)}/click", {})

    def fill(self, selector, text):
        element = self.one(selector)
        self("POST", f"/element/{element}/clear", {})
        self("POST", f"/element/{element}/value", {"text": text})

    def choose(self, selector, option):
        self.script(
            "const select = document.querySelector(arguments[0]); select.value = arguments[1];"
            "select.dispatchEvent(new Event('change', { bubbles: true }));", selector, option,
        )

    def script(self, text, *arguments):
        return self("POST", "/execute/sync", {"script": text, "args": list(arguments)})

    def text(self):
        return self.script("return document.body.innerText")

    def shows(self, words):
        eventually(f"the page shows {words!r}:\n{self.text()}", lambda: words in self.text())

    def log(self, kind):
        return self("POST", "/se/log", {"type": kind})


browser = Browser()
requested = []


def read_requests():
    """Every address that the browser has asked for so far."""
    for entry in browser.log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            requested.append(message["params"]["request"]["url"])
    return requested


def the_page_opens():
    browser.open(gateway.url + "/")
    browser.shows("Providers")
    assert "Gateway" in browser("GET", "/title")


def every_section_opens():
    for section in ("overview", "log", "providers", "keys"):
        browser.click(f"nav a[href='#{section}']")
        browser.one(f"main #{section} h1")


def a_provider_is_added_by_the_form():
    browser.click("nav a[href='#providers']")
    browser.click("#provider-add")
    browser.choose("#provider-kind", "openai")
    browser.fill("#provider-name", "vllm-local")
    browser.fill("#provider-base-url", llama.url)
    browser.fill("#provider-form input[name=value]", Llama.KEY)
    browser.click("#provider-save")
    browser.one("[data-provider='vllm-local']")
    provider = call("GET", gateway.url + "/api/providers/vllm-local")[1]
    assert provider["network_config"]["base_url"] == llama.url
    assert Llama.KEY not in browser.script("return document.documentElement.outerHTML")


def a_call_through_it_shows_in_the_log():
    body = {"model": "vllm-local/tiny", "messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 8}
    code, answer = call("POST", gateway.base_url + "/chat/completions", body)
    assert code == 200, answer
    browser.click("nav a[href='#log']")
    browser.shows("vllm-local")
    browser.click("nav a[href='#overview']")
    browser.one("main #overview h1")


def a_wrong_provider_is_told_at_the_form():
    browser.click("nav a[href='#providers']")
    browser.click("#provider-add")
    browser.fill("#provider-name", "nowhere")
    browser.fill("#provider-base-url", "ftp://nowhere")
    browser.click("#provider-save")
    browser.shows("base_url")
    browser.click("#provider-cancel")


def nothing_is_asked_of_another_host():
    hosts = {urllib.parse.urlsplit(url).netloc for url in read_requests() if not url.startswith("data:")}
    assert hosts == {urllib.parse.urlsplit(gateway.url).netloc}, hosts


def the_console_is_quiet():
    # The refusal that one of the checks provokes is the only thing a browser may complain about.
    told = [entry["message"] for entry in browser.log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert not [message for message in told if "/api/providers" not in message or " 400 " not in message], told


run(
    the_page_opens,
    every_section_opens,
    a_provider_is_added_by_the_form,
    a_call_through_it_shows_in_the_log,
    a_wrong_provider_is_told_at_the_form,
    nothing_is_asked_of_another_host,
    the_console_is_quiet,
)
