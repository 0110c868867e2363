#!/usr/bin/env python3
"""Checks a dump with no code of hipdex: reads docs/dump-format.md's files,
computes every logit in float64 and looks at every cell.

usage: check-dump.py DIR
"""

import array
import json
import math
import operator
import os
import sys


def decode(code, fnuz):
    """An fp8 code as a float: OCP e4m3fn, or e4m3fnuz."""
    if (code == 0x80) if fnuz else (code & 0x7f) == 0x7f:
        return math.nan
    exponent, mantissa = code >> 3 & 15, code & 7
    value = math.ldexp(mantissa + (8 if exponent else 0),
                       max(exponent, 1) - (8 if fnuz else 7) - 3)
    return -value if code & 0x80 else value


def read(directory, manifest, name, typecode):
    values = array.array(typecode)
    with open(os.path.join(directory, name), "rb") as file:
        values.frombytes(file.read())
    entry = manifest["files"][name]
    assert len(values) == entry["shape"][0] * entry["strides"][0], name
    return values, entry["shape"], entry["strides"]


def main(directory):
    with open(os.path.join(directory, "manifest.json")) as file:
        m = json.load(file)
    assert (m["format"], m["version"]) == ("hipdex dump", 1)
    fnuz = m["fp8"] == "e4m3fnuz"
    table = [decode(code, fnuz) for code in range(256)]
    q, (batch, next_n, heads, dim), (q_b, q_j, q_h, _) = read(
        directory, m, "q.bin", "B")
    kv, (pages, page_stride), _ = read(directory, m, "kv.bin", "B")
    weights, _, (w_stride, _) = read(directory, m, "weights.bin", "f")
    lens, _, _ = read(directory, m, "context_lens.bin", "i")
    entries, _, (t_stride, _) = read(directory, m, "block_table.bin", "i")
    logits, (rows, width), (l_stride, _) = read(directory, m, "logits.bin", "f")
    assert rows == batch * next_n
    bits = array.array("I", logits.tobytes())
    poison = int(m["poison"], 16)
    page, block = m["page_size"], m["kv_block_size"]

    def k_offset(t, d):
        if m["preshuffle"]:
            return t // 16 * 16 * dim + d // 16 * 256 + t % 16 * 16 + d % 16
        return t * dim + d

    written = untouched = 0
    worst = 0.0
    for b in range(batch):
        length = min(max(lens[b], 0), width)
        q_rows = [[[table[c] for c in q[o:o + dim]]
                   for h in range(heads)
                   for o in [b * q_b + j * q_j + h * q_h]]
                  for j in range(next_n)]
        for p in range(l_stride):
            k = scale = None
            if p < length:
                entry = entries[b * t_stride + p // block]
                if 0 <= entry < pages * page // block:
                    slot = entry * block + p % block
                    base, t = slot // page * page_stride, slot % page
                    k = [table[kv[base + k_offset(t, d)]] for d in range(dim)]
                    at = base + page * dim + 4 * t
                    scale = array.array("f", kv[at:at + 4].tobytes())[0]
            for j in range(next_n):
                row = b * next_n + j
                cell = row * l_stride + p
                where = f"row {row}, column {p}: {logits[cell]!r}"
                if p > length - next_n + j:
                    if ".neginf" in m["key"] and p < width:
                        assert logits[cell] == -math.inf, where + " must be -inf"
                        written += 1
                        continue
                    assert bits[cell] == poison, where + " must be untouched"
                    untouched += 1
                    continue
                written += 1
                if k is None:
                    assert logits[cell] == -math.inf, where + " must be -inf"
                    continue
                value = magnitude = terms = 0.0
                for h in range(heads):
                    products = list(map(operator.mul, q_rows[j][h], k))
                    factor = weights[row * w_stride + h] * scale
                    term = factor * max(sum(products), 0.0)
                    value += term
                    magnitude += abs(term)
                    terms += abs(factor) * sum(map(abs, products))
                error = abs(logits[cell] - value)
                allowed = 1e-5 * magnitude + 2**-22 * terms
                assert error <= allowed, f"{where}, must be {value!r}"
                if magnitude:
                    worst = max(worst, error / magnitude)
    print(f"{written} cells written, {untouched} untouched, worst error "
          f"{worst:.2e} of the magnitude")


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(sys.argv[1])
