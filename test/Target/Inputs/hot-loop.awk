# Counts the instructions of a kernel's innermost loop with matrix products, or
# with sums of three: a line "mnemonic count" for each mnemonic; with -v order=1
# the mnemonics in order. Reads assembly.
{ text[NR] = $0 }
/^[.]L[A-Za-z0-9_]+:/ { label = $1; sub(/:.*/, "", label); at[label] = NR }
/s_cbranch|s_branch/ {
  target = $2
  if (target in at) {
    products = 0
    for (i = at[target]; i < NR; ++i)
      products += text[i] ~ /v_mfma|v_add3_u32/
    if (products && (!size || NR - at[target] < size)) {
      size = NR - at[target]
      first = at[target]
      last = NR
    }
  }
}
END {
  for (i = first; size && i <= last; ++i) {
    split(text[i], words)
    if (words[1] !~ /^[a-z]/)
      continue
    if (order)
      print words[1]
    ++count[words[1]]
  }
  for (mnemonic in count)
    if (!order)
      print mnemonic, count[mnemonic]
}
