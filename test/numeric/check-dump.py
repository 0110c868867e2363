#!/usr/bin/env python3
"""Checks a dump with no code of hipdex: reads docs/dump-format.md's files,
computes every logit in float64, or every byte of the other ops, and looks at
every cell.

usage: check-dump.py DIR
"""

import array
import bisect
import json
import math
import operator
import os
import struct
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


def offsets(m):
    """Where element d of a token is in a page, and its scale."""
    dim = m["head_dim"]

    def k_offset(t, d):
        if m["preshuffle"]:
            return t // 16 * 16 * dim + d // 16 * 256 + t % 16 * 16 + d % 16
        return t * dim + d

    return k_offset, lambda t: m["page_size"] * dim + 4 * t


def check_bytes(name, expected, got):
    """One array after the launch; how many bytes are as they must be."""
    expected, got = expected.tobytes(), got.tobytes()
    if expected != got:
        at = next(i for i in range(len(got)) if expected[i] != got[i])
        raise AssertionError(f"byte {at} of {name} is {got[at]:#04x}, must be "
                             f"{expected[at]:#04x}")
    return len(got)


def single(value):
    """The float32 that is nearest, ties to even."""
    return struct.unpack("f", struct.pack("f", value))[0]


HALF = {"bf16": lambda x: struct.unpack("f", struct.pack("I", x << 16))[0],
        "f16": lambda x: struct.unpack("e", struct.pack("H", x))[0],
        "f32": lambda x: x}


class Fp8Rows:
    """Rows to fp8, and K rows into a cache."""

    def __init__(self, m):
        self.fields = m["key"].split(".")
        self.fnuz, self.page = m["fp8"] == "e4m3fnuz", m["page_size"]
        self.top = (224.0 if "max224" in self.fields else
                    240.0 if self.fnuz else 448.0)
        # Codes of numbers from 0 on, in order: a number's place is its code.
        self.codes = [decode(code, self.fnuz)
                      for code in range(0x80 if self.fnuz else 0x7f)]
        self.pages, self.stride = m["num_pages"], m["page_stride"]
        self.k_offset, self.scale_offset = offsets(m)

    def encode(self, value):
        at = bisect.bisect_left(self.codes, abs(value))
        if self.codes[at] != abs(value):
            below = abs(value) - self.codes[at - 1]
            above = self.codes[at] - abs(value)
            if below < above or below == above and at % 2:
                at -= 1
        negative = math.copysign(1, value) < 0 and not (self.fnuz and at == 0)
        return at | (0x80 if negative else 0)

    def row_codes(self, row, scale):
        inverse = single(1 / scale)
        for x in row:
            if not math.isfinite(x) or abs(x * inverse) >= self.top:
                yield self.encode(math.copysign(self.top, x))
            else:
                yield self.encode(single(x * inverse))

    def key_scale(self, scale):
        if "ue8m0" in self.fields:
            mantissa, exponent = math.frexp(scale)
            scale = math.ldexp(1, exponent - (mantissa == 0.5))
        return scale

    def store(self, cache, slot, row):
        """What k_quant_store does with a row; its flags."""
        if slot >= self.pages * self.page:
            return 1
        if slot < 0:
            return 0
        scale = self.key_scale(single(
            max([single(1e-4)] + [abs(x) for x in row if math.isfinite(x)]) /
            self.top))
        base, place = slot // self.page * self.stride, slot % self.page
        for d, code in enumerate(self.row_codes(row, scale)):
            cache[base + self.k_offset(place, d)] = code
        at = base + self.scale_offset(place)
        cache[at:at + 4] = array.array("B", struct.pack("f", scale))
        return 0 if all(map(math.isfinite, row)) else 2


def check_cache_and_error(directory, m, cache, flags):
    after, _, _ = read(directory, m, "cache_after.bin", "B")
    checked = check_bytes("cache_after.bin", cache, after)
    if m["has_error"]:
        error, _, _ = read(directory, m, "error.bin", "I")
        error[0] |= flags
        checked += check_bytes("error_after.bin", error,
                               read(directory, m, "error_after.bin", "I")[0])
    return checked


def check_k_quant_store(directory, m):
    rows, dim = Fp8Rows(m), m["head_dim"]
    source = next(f for f in rows.fields if f in HALF)
    k, (tokens, _), (k_stride, _) = read(directory, m, "k.bin",
                                         "f" if source == "f32" else "H")
    slots, _, _ = read(directory, m, "slots.bin",
                       "i" if "i32" in rows.fields else "q")
    cache, _, _ = read(directory, m, "cache.bin", "B")
    flags = 0
    for t in range(tokens):
        flags |= rows.store(cache, slots[t],
                            [HALF[source](x)
                             for x in k[t * k_stride:t * k_stride + dim]])
    return check_cache_and_error(directory, m, cache, flags)


def check_qk_prep(directory, m):
    rows, dim, heads = Fp8Rows(m), m["head_dim"], m["heads"]
    source = next(f for f in rows.fields if f in HALF)
    index = "i" if "i32" in rows.fields else "q"

    def f32(value):
        try:
            return single(value)
        except OverflowError:
            return math.copysign(math.inf, value)

    def rounded(value):
        """To nearest even in the source type."""
        if not math.isfinite(value):
            return value
        if source == "f16":
            try:
                return struct.unpack("e", struct.pack("e", value))[0]
            except OverflowError:
                return math.copysign(math.inf, value)
        bits = struct.unpack("I", struct.pack("f", value))[0]
        bits += 0x7fff + (bits >> 16 & 1)
        return HALF["bf16"](bits >> 16)

    def halves(array, first, count):
        return [HALF[source](x) for x in array[first:first + count]]

    def total(row):
        sums = [f32(f32(f32(row[c] + row[c + 32]) + row[c + 64]) + row[c + 96])
                for c in range(32)]
        for distance in 4, 2, 1, 8, 16:
            sums = [f32(sums[c] + sums[c ^ distance]) for c in range(32)]
        return sums[0]

    def layer_norm(row, weight, bias, eps):
        mean = f32(total(row) / 128)
        row = [f32(x - mean) for x in row]
        variance = f32(total([f32(x * x) for x in row]) / 128)
        inverse = f32(1 / f32(math.sqrt(f32(variance + eps))))
        return [rounded(f32(f32(f32(x * inverse) * w) + b))
                for x, w, b in zip(row, weight, bias)]

    def rotate(row, cos, sin):
        first = 64 if "last" in rows.fields else 0
        for i in range(32):
            a, b = (i, i + 32) if "neox" in rows.fields else (2 * i, 2 * i + 1)
            x, y = row[first + a], row[first + b]
            row[first + a] = rounded(f32(f32(x * cos[i]) - f32(y * sin[i])))
            row[first + b] = rounded(f32(f32(y * cos[i]) + f32(x * sin[i])))
        if "hadamard" in rows.fields:
            for distance in 1, 2, 4, 8, 16, 32, 64:
                row = [f32(row[c - distance] - row[c]) if c & distance else
                       f32(row[c] + row[c + distance]) for c in range(128)]
            norm = single(math.sqrt(1 / 128))
            row = [rounded(f32(x * norm)) for x in row]
        # No NaN has a sign.
        return [math.nan if math.isnan(x) else x for x in row]

    q, (tokens, _, _), (q_t, q_h, _) = read(directory, m, "q.bin", "H")
    weights, _, (w_stride, _) = read(directory, m, "weights.bin", "H")
    positions, _, _ = read(directory, m, "positions.bin", index)
    cos, (max_positions, _), (c_stride, _) = read(directory, m, "cos.bin", "H")
    sin, _, (s_stride, _) = read(directory, m, "sin.bin", "H")
    norm_weight, _, _ = read(directory, m, "norm_weight.bin", "f")
    norm_bias, _, _ = read(directory, m, "norm_bias.bin", "f")
    k, _, (k_stride, _) = read(directory, m, "k.bin", "H")
    slots, _, _ = read(directory, m, "slots.bin", index)
    q_out, _, (o_t, o_h, _) = read(directory, m, "q_out.bin", "B")
    gates, _, (g_stride, _) = read(directory, m, "weights_out.bin", "I")
    cache, _, _ = read(directory, m, "cache.bin", "B")
    eps, weights_scale = (
        struct.unpack("f", struct.pack("I", m[name]))[0]
        for name in ("norm_eps_bits", "weights_scale_bits"))
    flags = 0
    for t in range(tokens):
        has_q = slots[t] >= 0 or "prep_q" in rows.fields
        if not 0 <= positions[t] < max_positions:
            flags |= 4 if has_q else 0
            flags |= 1 if slots[t] >= rows.pages * rows.page else 0
            continue
        angles = (halves(cos, positions[t] * c_stride, 32),
                  halves(sin, positions[t] * s_stride, 32))
        row = layer_norm(halves(k, t * k_stride, dim), norm_weight, norm_bias,
                         eps)
        flags |= rows.store(cache, slots[t], rotate(row, *angles))
        for h in range(heads if has_q else 0):
            row = rotate(halves(q, t * q_t + h * q_h, dim), *angles)
            amax = max([single(1e-10)] + [abs(x) for x in row
                                          if math.isfinite(x)])
            scale = rows.key_scale(f32(amax * single(1 / rows.top)))
            at = t * o_t + h * o_h
            q_out[at:at + dim] = array.array("B", rows.row_codes(row, scale))
            gate, = halves(weights, t * w_stride + h, 1)
            gate = f32(f32(gate * scale) * weights_scale)
            gates[t * g_stride + h] = 0x7fc00000 if math.isnan(gate) else \
                struct.unpack("I", struct.pack("f", gate))[0]
    return (check_bytes("q_out_after.bin", q_out,
                        read(directory, m, "q_out_after.bin", "B")[0]) +
            check_bytes("weights_out_after.bin", gates,
                        read(directory, m, "weights_out_after.bin", "I")[0]) +
            check_cache_and_error(directory, m, cache, flags))


def check_k_gather(directory, m):
    dim, page, block = m["head_dim"], m["page_size"], m["kv_block_size"]
    cache, (pages, stride), _ = read(directory, m, "cache.bin", "B")
    table, (batch, width), (t_stride, _) = read(directory, m,
                                                "block_table.bin", "i")
    starts, _, _ = read(directory, m, "cu_seq_lens.bin", "i")
    k, _, (k_stride, _) = read(directory, m, "k.bin", "B")
    scales, _, (s_stride,) = read(directory, m, "scales.bin", "I")
    k_offset, scale_offset = offsets(m)
    for b in range(batch):
        for i in range(starts[b], starts[b + 1]):
            column, place = divmod(i - starts[b], block)
            entry = table[b * t_stride + column] if column < width else -1
            for d in range(dim):
                k[i * k_stride + d] = 0
            scales[i * s_stride] = 0
            if not 0 <= entry < pages * page // block:
                continue
            at, t = divmod(entry * block + place, page)
            at *= stride
            for d in range(dim):
                k[i * k_stride + d] = cache[at + k_offset(t, d)]
            at += scale_offset(t)
            scales[i * s_stride] = struct.unpack(
                "I", cache[at:at + 4].tobytes())[0]
    return (check_bytes("k_after.bin", k,
                        read(directory, m, "k_after.bin", "B")[0]) +
            check_bytes("scales_after.bin", scales,
                        read(directory, m, "scales_after.bin", "I")[0]))


def check_k_move(directory, m):
    dim, run = m["head_dim"], m["run_tokens"]
    source, _, _ = read(directory, m, "source.bin", "B")
    given, name = source, "source_after.bin"
    if not m["in_place"]:
        given, name = read(directory, m, "target.bin", "B")[0], "target_after.bin"
    moved = given[:]
    letter = "i" if "i32" in m["key"].split(".") else "q"
    froms, _, _ = read(directory, m, "source_slots.bin", letter)
    tos, _, _ = read(directory, m, "target_slots.bin", letter)
    # Pages and order of the target are in the same words as the source's.
    target = {"head_dim": dim, "page_size": m["target_page_size"],
              "preshuffle": "preshuffle" in m["target_layout"]}
    caches = []
    for cache, pages, stride in ((m, "source_pages", "source_page_stride"),
                                 (target, "target_pages", "target_page_stride")):
        size = cache["page_size"]
        caches.append((m[pages] * size // run, size, m[stride], *offsets(cache)))

    def places(cache, slot):
        _, size, stride, k_offset, scale_offset = cache
        base, t = slot // size * stride, slot % size
        return ([base + k_offset(t, d) for d in range(dim)] +
                [base + scale_offset(t) + byte for byte in range(4)])

    flags = 0
    for a, b in zip(froms, tos):
        if a < 0 or b < 0:
            continue
        bad = (a >= caches[0][0]) | (b >= caches[1][0]) << 1
        flags |= bad
        for t in range(0 if bad else run):
            for byte_from, byte_to in zip(places(caches[0], a * run + t),
                                          places(caches[1], b * run + t)):
                moved[byte_to] = source[byte_from]
    checked = check_bytes(name, moved, read(directory, m, name, "B")[0])
    if m["has_error"]:
        error, _, _ = read(directory, m, "error.bin", "I")
        error[0] |= flags
        checked += check_bytes("error_after.bin", error,
                               read(directory, m, "error_after.bin", "I")[0])
    return checked


def check_topk(directory, m):
    logits, _, (stride, _) = read(directory, m, "logits.bin", "f")
    rows, k, width, n = m["rows"], m["k"], m["width"], m["next_n"]
    prefill, slots = ".prefill." in m["key"], ".slot." in m["key"]
    if prefill:
        starts, _, _ = read(directory, m, "starts.bin", "i")
        ends, _, _ = read(directory, m, "ends.bin", "i")
    else:
        lens, _, _ = read(directory, m, "context_lens.bin", "i")
    if slots:
        entries, _, (t_stride, _) = read(directory, m, "block_table.bin", "i")
        if prefill:
            requests, _, _ = read(directory, m, "requests.bin", "i")
    block = m["kv_block_size"]
    expected, _, (i_stride, _) = read(directory, m, "indices.bin", "i")

    def cell(row, column):
        if not slots:
            return column
        request = requests[row] if prefill else row // n
        if not 0 <= request < m["batch"] or column // block >= m["table_width"]:
            return -1
        entry = entries[request * t_stride + column // block]
        if not 0 <= entry < m["num_blocks"]:
            return -1
        return entry * block + column % block

    for row in range(rows):
        if prefill:
            first, end = max(starts[row], 0), ends[row]
        else:
            first, end = 0, max(lens[row // n], 0) - n + row % n + 1
        # Stable: of equal keys the first columns. NaN is behind -inf.
        columns = sorted(range(first, min(end, width)), key=lambda column: (
            (True, 0) if math.isnan(logits[row * stride + column])
            else (False, -logits[row * stride + column])))[:k]
        cells = [cell(row, column) for column in sorted(columns)]
        cells += [-1] * (k - len(cells))
        for i in range(k):
            expected[row * i_stride + i] = cells[i]
    workspace, _, _ = read(directory, m, "workspace.bin", "i")
    assert not any(workspace), "the workspace must be zero"
    return (check_bytes("indices_after.bin", expected,
                        read(directory, m, "indices_after.bin", "i")[0]) +
            check_bytes("workspace_after.bin", workspace,
                        read(directory, m, "workspace_after.bin", "i")[0]))


def check_score(where, got, q, k, gates, scale):
    """A logit; its error in parts of the magnitude."""
    value = magnitude = terms = 0.0
    for row, gate in zip(q, gates):
        products = list(map(operator.mul, row, k))
        factor = gate * scale
        term = factor * max(sum(products), 0.0)
        value += term
        magnitude += abs(term)
        terms += abs(factor) * sum(map(abs, products))
    error = abs(got - value)
    assert error <= 1e-5 * magnitude + 2**-22 * terms, \
        f"{where}, must be {value!r}"
    return error / magnitude if magnitude else 0.0


def check_prefill(directory, m):
    table = [decode(code, m["fp8"] == "e4m3fnuz") for code in range(256)]
    dim = m["head_dim"]
    q, (rows, heads, _), (q_row, q_head, _) = read(directory, m, "q.bin", "B")
    weights, _, (w_stride, _) = read(directory, m, "weights.bin", "f")
    starts, _, _ = read(directory, m, "starts.bin", "i")
    ends, _, _ = read(directory, m, "ends.bin", "i")
    before, (_, width), (stride, _) = read(directory, m, "logits.bin", "I")
    after, _, _ = read(directory, m, "logits_after.bin", "I")
    logits = array.array("f", after.tobytes())
    if m["op"] == "mqa_logits":
        keys, (tokens, _), (k_stride, _) = read(directory, m, "k.bin", "B")
        scales, _, _ = read(directory, m, "k_scales.bin", "f")

        def token(_, p):
            return keys[p * k_stride:p * k_stride + dim], scales[p]
    else:
        cache, (pages, p_stride), _ = read(directory, m, "cache.bin", "B")
        requests, _, _ = read(directory, m, "requests.bin", "i")
        entries, (batch, _), (t_stride, _) = read(directory, m,
                                                  "block_table.bin", "i")
        page, block = m["page_size"], m["kv_block_size"]
        k_offset, scale_offset = offsets(m)
        tokens = width

        def token(row, p):
            entry = entries[requests[row] * t_stride + p // block]
            if not 0 <= entry < pages * page // block:
                return None, -math.inf
            slot = entry * block + p % block
            base, t = slot // page * p_stride, slot % page
            at = base + scale_offset(t)
            return ([cache[base + k_offset(t, d)] for d in range(dim)],
                    array.array("f", cache[at:at + 4].tobytes())[0])

    written = untouched = 0
    worst = 0.0
    for row in range(rows):
        first, end = max(starts[row], 0), min(ends[row], tokens, width)
        if m["op"] != "mqa_logits" and not 0 <= requests[row] < batch:
            end = first
        q_rows = [[table[c] for c in q[at:at + dim]] for at in
                  range(row * q_row, row * q_row + heads * q_head, q_head)]
        gates = weights[row * w_stride:row * w_stride + heads]
        for p in range(stride):
            cell = row * stride + p
            where = f"row {row}, column {p}: {logits[cell]!r}"
            if not first <= p < end and (".neginf" not in m["key"] or
                                         p >= width):
                assert after[cell] == before[cell], where + " must be untouched"
                untouched += 1
                continue
            written += 1
            codes = None
            if first <= p < end:
                codes, scale = token(row, p)
            if codes is None:
                assert logits[cell] == -math.inf, where + " must be -inf"
                continue
            worst = max(worst, check_score(
                where, logits[cell], q_rows, [table[c] for c in codes], gates,
                scale))
    print(f"{written} cells written, {untouched} untouched, worst error "
          f"{worst:.2e} of the magnitude")


def main(directory):
    with open(os.path.join(directory, "manifest.json")) as file:
        m = json.load(file)
    assert (m["format"], m["version"]) == ("hipdex dump", 2)
    rows = {"k_quant_store": check_k_quant_store, "k_gather": check_k_gather,
            "k_move": check_k_move, "topk": check_topk,
            "qk_prep": check_qk_prep}
    if m["op"] in ("mqa_logits", "paged_mqa_prefill"):
        check_prefill(directory, m)
    elif m["op"] in rows:
        print(f"{rows[m['op']](directory, m)} bytes as they must be")
    else:
        check_logits(directory, m)


def check_logits(directory, m):
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

    k_offset, scale_offset = offsets(m)
    written = untouched = 0
    worst = 0.0
    for b in range(batch):
        length = min(max(lens[b], 0), width)
        q_rows = [[[table[c] for c in q[o:o + dim]]
                   for h in range(heads)
                   for o in [b * q_b + j * q_j + h * q_h]]
                  for j in range(next_n)]
        for p in range(l_stride):
            k = scale = checksum = None
            if p < length:
                entry = entries[b * t_stride + p // block]
                if 0 <= entry < pages * page // block:
                    slot = entry * block + p % block
                    base, t = slot // page * page_stride, slot % page
                    k = [table[kv[base + k_offset(t, d)]] for d in range(dim)]
                    at = base + scale_offset(t)
                    scale = array.array("f", kv[at:at + 4].tobytes())[0]
                    codes = bytes(kv[base + k_offset(t, d)] for d in range(dim))
                    words = array.array("I", codes + kv[at:at + 4].tobytes())
                    checksum = sum(words) % 2**32
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
                if m["op"] == "stream_pages":
                    assert bits[cell] == checksum, f"{where}, bits " \
                        f"{bits[cell]:#x}, must be {checksum:#x}"
                    continue
                gates = weights[row * w_stride:row * w_stride + heads]
                worst = max(worst, check_score(where, logits[cell], q_rows[j],
                                               k, gates, scale))
    print(f"{written} cells written, {untouched} untouched, worst error "
          f"{worst:.2e} of the magnitude")


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(sys.argv[1])
