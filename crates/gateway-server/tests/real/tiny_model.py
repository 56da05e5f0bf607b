"""Makes language models of random weights, small enough to be made on the spot: FOLDER/tiny.gguf and FOLDER/tools.gguf.

What they say is noise, but the server that runs them is a real one, with its own templates, grammars, streams and
counts. The second one calls a tool whenever the request offers any: a few dimensions of its embeddings are written by
no layer, so that the output layer can lean on them towards the marks of a tool call; from there on the server's grammar
does the rest.
"""

import sys
from pathlib import Path

import gguf
import numpy as np

WIDTH, HEADS, LAYERS, CONTEXT = 64, 4, 2, 4096

# Dimensions that no layer writes: one that is the same for every token, and one each for the tokens of a call.
KEPT = ALWAYS, AFTER_OPENING, AFTER_CLOSING = 0, 1, 2

TEMPLATE = """\
{%- if tools -%}
<|im_start|>system
You may call these tools:
{% for tool in tools %}{{ tool | tojson }}
{% endfor -%}
Call one with <tool_call>
{"name": NAME, "arguments": OBJECT}
</tool_call><|im_end|>
{% endif -%}
{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% if message.content %}{{ message.content }}{% endif -%}
{%- for call in message.tool_calls or [] -%}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>
{%- endfor -%}
<|im_end|>
{% endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{% endif -%}
"""


def byte_characters():
    """The printable character that stands for each byte in byte-level vocabularies, in the order of the bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def vocabulary():
    """Tokens, their types, the merges that make the longer ones, and the ids of the marks."""
    tokens = byte_characters()
    merges = [f"{first} {second}" for first, second in ("th", "he", "in", "er", "an")]
    tokens += [merge.replace(" ", "") for merge in merges]
    types = [gguf.TokenType.NORMAL] * len(tokens)
    marks = {}
    for mark in ("<|endoftext|>", "<|im_start|>", "<|im_end|>"):
        marks[mark] = len(tokens)
        tokens.append(mark)
        types.append(gguf.TokenType.CONTROL)
    for mark in ("<tool_call>", "</tool_call>"):
        marks[mark] = len(tokens)
        tokens.append(mark)
        types.append(gguf.TokenType.USER_DEFINED)
    return tokens, types, merges, marks


def embeddings(noise, size, marks, leans):
    weights = noise(size, WIDTH)
    weights[:, list(KEPT)] = 0
    if leans:
        weights[:, ALWAYS] = 30
        weights[marks["<tool_call>"], AFTER_OPENING] = 300
        weights[marks["</tool_call>"], AFTER_CLOSING] = 300
    return weights


def output_layer(noise, size, marks, leans):
    """Noise that is mostly ASCII, or a pull towards what comes next in a tool call."""
    weights = noise(size, WIDTH)
    weights[:32] *= 0.02
    weights[128:256] *= 0.02
    weights[:, list(KEPT)] = 0
    opening, closing, end = (marks[mark] for mark in ("<tool_call>", "</tool_call>", "<|im_end|>"))
    weights[[opening, closing]] *= 0.02
    if leans:
        # The strongest that the grammar allows at a place wins.
        weights[opening, ALWAYS] = 20
        weights[closing, ALWAYS] = 15
        weights[end, ALWAYS] = 10
        weights[ord("\n"), AFTER_OPENING] = 20
        weights[end, AFTER_CLOSING] = 20
    return weights


def write(path, leans):
    random = np.random.default_rng(11)
    tokens, types, merges, marks = vocabulary()

    def noise(*shape):
        return (random.standard_normal(shape) * 0.3).astype(np.float32)

    model = gguf.GGUFWriter(path, "llama")
    model.add_name("tiny")
    model.add_context_length(CONTEXT)
    model.add_embedding_length(WIDTH)
    model.add_block_count(LAYERS)
    model.add_feed_forward_length(2 * WIDTH)
    model.add_head_count(HEADS)
    model.add_head_count_kv(HEADS)
    model.add_rope_dimension_count(WIDTH // HEADS)
    model.add_layer_norm_rms_eps(1e-5)
    model.add_vocab_size(len(tokens))
    model.add_file_type(gguf.LlamaFileType.ALL_F32)
    model.add_tokenizer_model("gpt2")
    model.add_tokenizer_pre("gpt-2")
    model.add_token_list(tokens)
    model.add_token_types(types)
    model.add_token_merges(merges)
    model.add_bos_token_id(marks["<|endoftext|>"])
    model.add_eos_token_id(marks["<|im_end|>"])
    model.add_add_bos_token(False)
    model.add_chat_template(TEMPLATE)

    ones = np.ones(WIDTH, np.float32)
    model.add_tensor("token_embd.weight", embeddings(noise, len(tokens), marks, leans))
    model.add_tensor("output_norm.weight", ones)
    model.add_tensor("output.weight", output_layer(noise, len(tokens), marks, leans))
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        model.add_tensor(block + "attn_norm.weight", ones)
        model.add_tensor(block + "ffn_norm.weight", ones)
        for name in ("attn_q", "attn_k", "attn_v"):
            model.add_tensor(f"{block}{name}.weight", noise(WIDTH, WIDTH))
        for name in ("ffn_gate", "ffn_up"):
            model.add_tensor(f"{block}{name}.weight", noise(2 * WIDTH, WIDTH))
        for name, columns in (("attn_output", WIDTH), ("ffn_down", 2 * WIDTH)):
            weights = noise(WIDTH, columns)
            weights[list(KEPT)] = 0
            model.add_tensor(f"{block}{name}.weight", weights)
    model.write_header_to_file()
    model.write_kv_data_to_file()
    model.write_tensors_to_file()
    model.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]) / "tiny.gguf", leans=False)
    write(Path(sys.argv[1]) / "tools.gguf", leans=True)
