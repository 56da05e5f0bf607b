"""Google's own SDK."""

import httpx
from google import genai
from google.genai import errors as genai_errors
from google.genai import types

from sdks.base import Answer, Sdk, Seen, Told, parameters

FILTERED = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY")


class Gemini(Sdk):
    name, endpoint = "google-genai", "generateContent"
    kinds = ("ClientError", "ServerError", "ClientError")
    errors = (genai_errors.APIError, httpx.RemoteProtocolError)

    def __init__(self, url, key, retry=None):
        self.address = (url, key)
        options = types.HttpOptions(base_url=url, retry_options=retry)
        self.client = genai.Client(api_key=key, http_options=options)

    def question(self, question):
        contents = [types.Content(role="user", parts=[types.Part(text=question.prompt)])]
        if question.after:
            parts = [
                types.Part(function_response=types.FunctionResponse(id=call, name=name, response={"result": result}))
                for call, (name, _), result in zip(question.after.ids, question.after.seen.calls, question.results)
            ]
            contents += [question.after.turn, types.Content(role="user", parts=parts)]
        declarations = [
            types.FunctionDeclaration(name=name, description=f"Tells the {name}", parameters_json_schema=parameters(name))
            for name in question.tools
        ]
        config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=declarations)] if declarations else None)
        return {"contents": contents, "config": config}

    def recorded(self, exchange):
        request = dict(exchange.request)
        contents = [types.Content.model_validate(content) for content in request.pop("contents")]
        request.pop("model", None)
        settings = request.pop("generationConfig", None) or {}
        return {"contents": contents, "config": types.GenerateContentConfig.model_validate(settings | request)}

    def send(self, model, arguments, streamed):
        models = self.client.models
        if streamed:
            chunks = list(models.generate_content_stream(model=model, **arguments))
        else:
            chunks = [models.generate_content(model=model, **arguments)]
        parts, finish, usage = [], None, None
        for chunk in chunks:
            candidates = chunk.candidates or []
            for candidate in [candidate for candidate in candidates if not candidate.index]:
                parts += (candidate.content.parts if candidate.content else None) or []
                finish = candidate.finish_reason.value if candidate.finish_reason else finish
            if not candidates and chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
                finish = "SAFETY"
            usage = chunk.usage_metadata or usage
        calls = [part.function_call for part in parts if part.function_call]
        seen = Seen(
            "".join(part.text for part in parts if part.text and not part.thought),
            [(call.name, call.args or {}) for call in calls],
            "filter" if finish in FILTERED else {"STOP": "stop", "MAX_TOKENS": "length"}.get(finish, finish),
            gemini_usage(usage) if usage else None,
            "".join(part.text for part in parts if part.text and part.thought),
        )
        plain = [chunk.model_dump(exclude={"sdk_http_response"}, mode="json") for chunk in chunks]
        return Answer(seen, plain, types.Content(role="model", parts=parts), [call.id for call in calls])

    def told(self, error):
        if not isinstance(error, genai_errors.APIError):
            return Told(None, str(error), type(error).__name__)
        headers = getattr(error.response, "headers", None) or {}
        return Told(error.code, error.message or str(error), type(error).__name__, headers.get("retry-after"))

    def patient(self):
        return type(self)(*self.address, types.HttpRetryOptions(attempts=3, initial_delay=0.1, http_status_codes=[429]))


def gemini_usage(usage):
    read = (usage.prompt_token_count or 0) + (usage.tool_use_prompt_token_count or 0)
    return read, (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
