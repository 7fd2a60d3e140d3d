# SPDX-License-Identifier: Apache-2.0
#
# cmake -D HEADER=h -D ARRAY=name -D OUTPUT=file.c -D FILES=name|path,… -P embed.cmake
#
# Text files as a C array, so that long texts are written as text and read as such. An element is
# {name, bytes, length}; the last one is all zero.
set(arrays "")
set(elements "")
set(number 0)
string(REPLACE "," ";" FILES "${FILES}")
foreach(pair IN LISTS FILES)
    string(REGEX MATCH "^([^|]*)\\|(.*)$" matched "${pair}")
    set(name ${CMAKE_MATCH_1})
    file(READ ${CMAKE_MATCH_2} hex HEX)
    string(LENGTH "${hex}" digits)
    math(EXPR length "${digits} / 2")
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    string(APPEND arrays "static const unsigned char file_${number}[] = {${bytes}};\n")
    string(APPEND elements "    {\"${name}\", file_${number}, ${length}},\n")
    math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT}
    "/* Made by embed.cmake. */\n#include \"${HEADER}\"\n\n${arrays}\n"
    "const mn_embedded ${ARRAY}[] = {\n${elements}    {0}};\n")
