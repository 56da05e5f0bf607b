"""What every SDK is asked, and what its user sees of the answer."""

import inspect
from dataclasses import dataclass, field

HELLO = "What is it like in Oslo?"


# What every dialect can say; what only one can say, another puts into words of its own.
FINISHES = ("stop", "length", "tools", "filter")


@dataclass
class Seen:
    """What the user of an SDK sees, in the same words for all of them."""

    text: str = ""
    calls: list = field(default_factory=list)
    finish: str | None = None
    # Input tokens, cached ones among them, and output tokens, those of reasoning among them.
    usage: tuple | None = None
    # What the model thought before it spoke, where the SDK shows it.
    thoughts: str | None = None

    def differences(self, other):
        """In what it differs from what the provider's own SDK saw."""
        found = []
        if self.text != other.text:
            found.append(f"text {clip(self.text)} is not {clip(other.text)}")
        if self.calls != other.calls:
            found.append(f"calls {clip(self.calls)} are not {clip(other.calls)}")
        if other.reason in FINISHES and self.reason != other.reason:
            found.append(f"finish {self.finish} is not {other.finish}")
        if self.thoughts is not None and other.thoughts and self.thoughts != other.thoughts:
            found.append(f"thoughts {clip(self.thoughts)} are not {clip(other.thoughts)}")
        if other.usage and any(other.usage) and self.usage != other.usage:
            found.append(f"usage {self.usage} is not {other.usage}")
        return found

    @property
    def reason(self):
        """Some dialects have no word of their own for an answer that ends with calls."""
        return "tools" if self.calls and self.finish == "stop" else self.finish


@dataclass
class Answer:
    seen: Seen
    # The parsed answer as plain data: what must be the same with and without the gateway.
    plain: object = None
    # The assistant's turn, as the SDK takes it back.
    turn: object = None
    # The ids of the calls, where they have any.
    ids: list = field(default_factory=list)


@dataclass
class Question:
    prompt: str = HELLO
    tools: tuple = ()
    # An answer with calls, and what each of them came to.
    after: Answer | None = None
    results: tuple = ()


@dataclass
class Told:
    """What an SDK's own exception says."""

    status: int | None
    message: str
    kind: str
    retry_after: str | None = None


def parameters(name):
    return {
        "type": "object",
        "properties": {"city": {"type": "string", "description": f"Where, for {name}"}},
        "required": ["city"],
    }


def known(method, body):
    """A recorded body as arguments of a method; what the SDK has no argument for goes into `extra_body`."""
    names = inspect.signature(method).parameters
    body = {name: value for name, value in body.items() if name not in ("model", "stream")}
    extra = {name: value for name, value in body.items() if name not in names}
    arguments = {name: value for name, value in body.items() if name in names}
    return arguments | ({"extra_body": extra} if extra else {})


def clip(value):
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= 60 else f"{text[:28]}…{text[-28:]}")


class Sdk:
    """One SDK with its way of asking, at one address."""

    name = ""
    # The endpoint of its own provider.
    endpoint = ""
    # What its user catches.
    errors = ()
    # Whether its exception has the headers of the answer.
    shows_retry_after = True
    # Its exceptions for a limit, an overloaded provider, and a bad request.
    kinds = None
    # What its exception has for a status where the provider is overloaded.
    overloaded = (503, 529)
    # Whether it tries streams again by itself, as it does with whole answers.
    repeats_streams = True

    def shows(self, seen):
        """Whether its user can see an answer as it is."""
        return True

    def ask(self, model, question=None, streamed=False):
        return self.send(model, self.question(question or Question()), streamed)

    def ask_recorded(self, model, exchange):
        """Asks what was asked when the exchange was recorded."""
        return self.send(model, self.recorded(exchange), exchange.streamed)

    def fails(self, model, streamed=False):
        """What the SDK's exception says; that there is one is asserted."""
        try:
            answer = self.ask(model, streamed=streamed)
        except self.errors as error:
            return self.told(error)
        raise AssertionError(f"no error of {self.name}, but {answer.seen}")
