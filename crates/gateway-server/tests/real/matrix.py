"""Every SDK for Python through the gateway, to its own provider and to foreign ones, which replay recordings.

What the provider's own SDK sees without the gateway is what must be seen with it: the same answer to the letter where
the SDK speaks the provider's dialect, the same words, calls, reason and usage where it does not.
"""

import itertools
import sys
import warnings

import embeddings
from exchanges import mixed, recorded
from parts import Checks, Gateway
from replay import Replay
from sdks.amazon import Bedrock
from sdks.base import HELLO, Question
from sdks.claude import Anthropic
from sdks.google import Gemini
from sdks.openai_family import Azure, LangChain, LiteLlm, LiteLlmAnthropic, OpenAiChat, OpenAiResponses
from sdks.others import Cohere, Ollama
from sdks.wire import faults
from upstreams import CUSTOM, KEY, MOST, UPSTREAMS, belongs, provider_of, set_up
from written import INVALID, LIMITED, OVERLOADED, TEXT, all_written

warnings.filterwarnings("ignore", module="pydantic")

CLOUDS = ("anthropic", "gemini", "bedrock", "cohere")

# Each SDK, its address under the gateway's, and the upstreams that it is sent to.
SDKS = (
    (OpenAiChat, "/v1", ("openai", "vllm", *CLOUDS, *CUSTOM)),
    (OpenAiResponses, "/openai/v1", ("openai responses", "vllm", *CLOUDS)),
    (Azure, "", ("openai", "anthropic")),
    (Anthropic, "/anthropic", ("anthropic", "openai", "vllm", "gemini", "bedrock", "cohere")),
    (Gemini, "/genai", ("gemini", "openai", "anthropic", "bedrock", "cohere")),
    (Bedrock, "/bedrock", ("bedrock", "openai", "anthropic", "gemini", "cohere")),
    (Cohere, "/cohere", ("cohere", "openai", "anthropic", "gemini", "bedrock")),
    (Ollama, "/ollama", ("ollama", "openai", *CLOUDS)),
    (LangChain, "/langchain", ("openai", "anthropic", "gemini")),
    (LiteLlm, "/litellm", ("openai", "anthropic", "gemini")),
    (LiteLlmAnthropic, "/litellm", ("anthropic", "openai")),
)

# The SDK of each upstream's own provider, without the gateway: what it sees is the truth.
OWN = {
    "chat": (OpenAiChat, "/openai/v1"),
    "responses": (OpenAiResponses, "/openai/v1"),
    "messages": (Anthropic, "/anthropic"),
    "generateContent": (Gemini, "/gemini"),
    "converse": (Bedrock, "/bedrock"),
    "v2-chat": (Cohere, "/cohere"),
    "api-chat": (Ollama, "/ollama"),
}


class Upstream:
    """What an upstream has to answer with, and how its own SDK sees that."""

    def __init__(self, name, exchanges, replay):
        self.name, self.provider, (self.endpoint, _) = name, provider_of(name), UPSTREAMS[name]
        sdk, path = OWN[self.endpoint]
        self.own = sdk(replay.url + path, "direct")
        mine = mixed(exchange for exchange in exchanges if belongs(exchange, name))
        self.failing = [exchange for exchange in mine if exchange.status != 200 and not exchange.written][:MOST]
        good = [exchange for exchange in mine if exchange.good and not exchange.before]
        self.good = [exchange for exchange in good if not exchange.id.endswith(".broken")]
        self.seen = {}

    def see(self, exchange):
        """What its own SDK sees; nothing if that cannot read it: then nobody has to."""
        if exchange not in self.seen:
            self.seen[exchange] = view(self.own, exchange)
        return self.seen[exchange]

    def model(self, exchange):
        return f"{self.provider}/{getattr(exchange, 'id', exchange)}"

    def case(self, name, streamed=False):
        return f"written.{self.endpoint}.{'stream' if streamed else 'json'}.{name}"


def view(sdk, exchange):
    try:
        return sdk.ask(exchange.id, streamed=exchange.streamed).seen
    except Exception:
        return None


class Row:
    """One SDK on one upstream: its checks, and how they went."""

    def __init__(self, sdk, upstream, replay):
        self.sdk, self.upstream, self.replay = sdk, upstream, replay
        self.own = sdk.endpoint == upstream.endpoint
        # The same SDK without the gateway, where it speaks the provider's dialect.
        self.direct = type(sdk)(replay.url + OWN[sdk.endpoint][1], "direct") if self.own else None

    def plain(self):
        return self.compared(lambda exchange, calls: not exchange.streamed and not calls)

    def stream(self):
        return self.compared(lambda exchange, calls: exchange.streamed and not calls)

    def compared(self, fits):
        for exchange, truth in (exchanges := self.some(fits)):
            answer = self.sdk.ask(self.upstream.model(exchange), streamed=exchange.streamed)
            self.well_put(exchange)
            self.agree(exchange, answer.seen.differences(truth))
            if self.own and answer.plain is not None and not exchange.written:
                self.same_to_the_letter(exchange)
        return len(exchanges)

    def some(self, fits):
        """So many exchanges, each with what is to be seen of it."""
        pairs = ((exchange, self.truth(exchange)) for exchange in self.upstream.good)
        fitting = (pair for pair in pairs if pair[1] and self.sdk.shows(pair[1]) and fits(pair[0], pair[1].calls))
        return list(itertools.islice(fitting, MOST))

    def truth(self, exchange):
        """What the provider's own SDK sees, or this one where it speaks the provider's dialect too."""
        if self.own:
            return view(self.direct, exchange)
        # Whoever asks for one answer gets one, and whoever asks for words no sound.
        asked = exchange.request.get("n") in (None, 1) and not exchange.request.get("audio")
        return self.upstream.see(exchange) if asked else None

    def same_to_the_letter(self, exchange):
        """Neither the SDK nor the provider can tell that the gateway stands between them."""
        if exchange.request.get("previous_response_id"):
            return  # The gateway knows whose answers are whose, and this one nobody's.
        try:
            direct = self.direct.ask_recorded(exchange.id, exchange)
        except Exception:  # The SDK is too new, or too old, for what was once asked.
            return
        put_directly = request_of(self.replay)
        through = self.sdk.ask_recorded(self.upstream.model(exchange), exchange)
        self.agree(exchange, unlike("answer", through.plain, direct.plain))
        self.agree(exchange, unlike("request", request_of(self.replay), put_directly))

    def tools(self):
        for exchange, truth in (exchanges := self.some(lambda exchange, calls: calls)):
            names = tuple(dict.fromkeys(name for name, _ in truth.calls))
            answer = self.sdk.ask(self.upstream.model(exchange), Question(tools=names), exchange.streamed)
            self.well_put(exchange, names)
            self.agree(exchange, answer.seen.differences(truth))
            results = tuple(f"what {name} said, {index}" for index, (name, _) in enumerate(truth.calls))
            after = Question(tools=names, after=answer, results=results)
            end = self.sdk.ask(self.upstream.model(self.upstream.case("text", exchange.streamed)), after, exchange.streamed)
            self.agree(exchange, [] if end.seen.text == TEXT else [f"after the tools: {end.seen.text!r}"])
            self.well_put(exchange, results)
        return len(exchanges)

    def well_put(self, exchange, words=(HELLO,)):
        """What reached the provider holds those words, and is valid there where the gateway made it."""
        _, _, body = self.replay.last()
        self.agree(exchange, faults(None if self.own else self.upstream.endpoint, body, words))

    def error(self):
        """Status, words and time to come back are those of the provider, in the SDK's own exception."""
        cases = (("limited", LIMITED, (429,)), ("overloaded", OVERLOADED, self.sdk.overloaded), ("invalid", INVALID, (400,)))
        for streamed in (False, True):
            for index, (case, words, statuses) in enumerate(cases):
                model = self.upstream.case(case, streamed)
                told = self.sdk.fails(self.upstream.model(model), streamed)
                assert told.status in statuses and words in told.message, (model, told)
                assert not self.sdk.kinds or told.kind in self.sdk.kinds[index], (model, told)
                if case == "limited" and self.sdk.shows_retry_after:
                    assert told.retry_after == "7", (model, told)
                if self.own:
                    self.same_failure(model, told, streamed)
        for exchange in self.upstream.failing:
            told = self.sdk.fails(self.upstream.model(exchange))
            status = self.upstream.own.fails(exchange.id).status
            assert told.status == status, (exchange.id, told, status)
            if self.own:
                self.same_failure(exchange.id, told, False)
        return 2 * len(cases) + len(self.upstream.failing)

    def same_failure(self, model, told, streamed):
        direct = self.direct.fails(model, streamed)
        if told.status == 429 and not direct.retry_after:
            told.retry_after = None  # The gateway says when to come back even where the provider does not.
        if direct.kind == str(direct.status):
            told.kind = direct.kind  # And names an error that came without a name.
        assert told == direct, (model, told, direct)

    def broken(self):
        """A stream that ends early is an error of the SDK, never an answer, and never mere silence."""
        cases = [("cut", ""), ("broken", OVERLOADED)]
        if self.upstream.case("broken", True) not in self.replay.exchanges:
            cases.pop()
        for case, words in cases:
            told = self.sdk.fails(self.upstream.model(self.upstream.case(case, True)), streamed=True)
            assert words in told.message and told.status in IN_A_STREAM, (case, told)
        return len(cases)

    def patience(self):
        """The SDK comes back by itself when the provider says when."""
        patient = self.sdk.patient()
        for streamed in (False, True)[: 1 + self.sdk.repeats_streams]:
            model = self.upstream.case("patience", streamed)
            self.replay.forget(model)
            answer = patient.ask(self.upstream.model(model), streamed=streamed)
            assert answer.seen.text == TEXT, answer.seen
            assert self.replay.times(model) == 2, f"asked {self.replay.times(model)} times for {model}"
        return 1 + self.sdk.repeats_streams

    def agree(self, exchange, differences):
        if differences:
            raise AssertionError(f"{exchange.id}: {'; '.join(differences)}")

    def checks(self):
        yield from (self.plain, self.stream, self.tools, self.error, self.broken)
        if self.own and self.sdk.patient:
            yield self.patience


# What an exception in the middle of a stream has for a status: none, that of the head, or one made of the error.
IN_A_STREAM = (None, 200, 500, 502, 503, 529)


def request_of(replay):
    """What reached the provider, without the name of the model and what the gateway may put in to see the usage."""
    _, headers, body = replay.last()
    body = {name: value for name, value in body.items() if name not in ("model", "stream_options")}
    return body | {name: headers.get(name) for name in ("anthropic-version", "anthropic-beta")}


def unlike(what, got, wanted, at=""):
    """Where two values differ first."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        for name in [*wanted, *(name for name in got if name not in wanted)]:
            if found := unlike(what, got.get(name), wanted.get(name), f"{at}.{name}"):
                return found
        return []
    if isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        for index, pair in enumerate(zip(got, wanted)):
            if found := unlike(what, *pair, f"{at}[{index}]"):
                return found
        return []
    return [] if got == wanted else [f"{what}{at} is {str(got)[:90]} and not {str(wanted)[:90]}"]


def main(words):
    exchanges = [*recorded(), *all_written(), *embeddings.written()]
    replay, gateway, checks = Replay(exchanges), Gateway(), Checks()
    pairs = [(sdk_type(gateway.url + path, KEY), name) for sdk_type, path, names in SDKS for name in names]
    pairs = [(sdk, name) for sdk, name in pairs if not words or any(word in f"{sdk.name} on {name}" for word in words)]
    upstreams = {name: Upstream(name, exchanges, replay) for name in dict.fromkeys(name for _, name in pairs)}
    set_up(gateway, replay, UPSTREAMS)
    for sdk, name in pairs:
        for check in Row(sdk, upstreams[name], replay).checks():
            checks.row(f"{sdk.name} on {name}", check.__name__, check)
    embeddings.rows(gateway, exchanges, words, checks)
    checks.end()


if __name__ == "__main__":
    main(sys.argv[1:])
