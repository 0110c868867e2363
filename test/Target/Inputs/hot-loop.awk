# Counts the instructions of a kernel's innermost loop with matrix products:
# a line "mnemonic count" for each mnemonic. Reads assembly.
{ text[NR] = $0 }
/^[.]L[A-Za-z0-9_]+:/ { label = $1; sub(/:.*/, "", label); at[label] = NR }
/s_cbranch|s_branch/ {
  target = $2
  if (target in at) {
    products = 0
    for (i = at[target]; i < NR; ++i)
      products += text[i] ~ /v_mfma/
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
    if (words[1] ~ /^[a-z]/)
      ++count[words[1]]
  }
  for (mnemonic in count)
    print mnemonic, count[mnemonic]
}
