# cmake -DTEMPLATES=<files> -DOUTPUT=<file> -P EmbedTemplates.cmake
set(text "// Made from templates/ by cmake/EmbedTemplates.cmake.\nstatic const hipdex::TemplateFile files[] = {\n")
foreach(template ${TEMPLATES})
  get_filename_component(name ${template} NAME_WE)
  file(READ ${template} content)
  string(APPEND text "{\"${name}\", R\"mlir(${content})mlir\"},\n")
endforeach()
string(APPEND text "};\n")
file(WRITE ${OUTPUT} "${text}")
