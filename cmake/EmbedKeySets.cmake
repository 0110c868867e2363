# cmake -DKEYSETS=<files> -DOUTPUT=<file> -P EmbedKeySets.cmake
set(text "// Made from keysets/ by cmake/EmbedKeySets.cmake.\nstatic const struct {\n  llvm::StringLiteral name, text;\n} namedSets[] = {\n")
foreach(keyset ${KEYSETS})
  get_filename_component(name ${keyset} NAME_WLE)
  file(READ ${keyset} content)
  string(APPEND text "{\"${name}\", R\"keys(${content})keys\"},\n")
endforeach()
string(APPEND text "};\n")
file(WRITE ${OUTPUT} "${text}")
