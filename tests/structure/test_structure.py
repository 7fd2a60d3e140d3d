#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_structure.py: each structure check complains about a bad sample and not about a good one.

A sample is a small tree, made in a temporary git repository: files by name. Output: TAP.
"""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n/* A sample. */\n"

TABLE = """mnsec_module(base SOURCES a.c USES LIBS x)
mnsec_module(crypto SOURCES a.c USES base)
mnsec_module(store SOURCES a.c USES base)
mnsec_module(token SOURCES a.c USES base crypto)
mnsec_module(api SOURCES a.c USES token base)
"""
LAYERS = {"lib/CMakeLists.txt": TABLE, "lib/base/base.h": "", "lib/token/card.h": "",
          "lib/token/p11.h": "#include <p11-kit/pkcs11.h>\n", "lib/api/guard.h": "",
          "include/mnsec/id.h": ""}

STATUS = """#if defined(__cplusplus)
#define MNSEC_API extern "C"
#else
#define MNSEC_API
#endif
typedef enum mnsec_status { MNSEC_OK = 0 } mnsec_status;
typedef struct mnsec_session mnsec_session;
/** Name of a status. */
MNSEC_API const char *mnsec_status_name(mnsec_status status);
"""
SHARED = {"lib/CMakeLists.txt": "add_library(mnsec SHARED x)\n"}
EXPORTS = {**SHARED,
           "include/mnsec/status.h": STATUS,
           "include/mnsec.h": '#include "mnsec/status.h"\n',
           "lib/libmnsec.map": "MNSEC_0 {\nglobal:\n    mnsec_status_name;\nlocal:\n    *;\n};\n"}
CALL = "MNSEC_API mnsec_status mnsec_do(mnsec_session *session);\n"
CALL_MAP = "MNSEC_0 { global: mnsec_status_name; mnsec_do; local: *; };\n"

MAP = {**SHARED, "lib/base/id.c": "", "lib/policy/action.def": 'X("record.show")\n',
       "docs/FORMATS.md": "`record.show`\n", "docs/MAP.md": "see lib/base/id.c and lib/base/\n"}

# What check_tidy wants of a build directory: how to compile.
BUILD = {"compile_flags.txt": "-std=gnu17\n", ".clang-tidy": (HERE / "../../.clang-tidy").read_text()}

PO_HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
PO = {"tools/a.c": HEAD + 'const char *s = _("hello");\n',
      "lib/x.h": HEAD + '#define MN_A_LIST(X) \\\n    X(A, "all is well")\n',
      "tools/po/ja.po": PO_HEAD + 'msgid "hello"\nmsgstr "こんにちは"\n\n'
                        'msgid "all is well"\nmsgstr "問題ありません"\n'}


def c(body):
    """A C file of lib/base with this body."""
    return {"lib/base/id.c": HEAD + body}


def with_(sample, **changes):
    """A sample with files changed; __ in a name stands for /, _DOT_ for a dot."""
    return {**sample, **{k.replace("__", "/").replace("_DOT_", "."): v for k, v in changes.items()}}


# check, what the sample shows, files, a part of the complaint (None: there must be none)
CASES = [
    ("layers", "accepts what the table allows",
     with_(LAYERS, lib__token__a_DOT_c='#include "base.h"\n#include "mnsec/id.h"\n'
                                       '#include <p11-kit/p11-kit.h>\n#include "token/p11.h"\n'), None),
    ("layers", "accepts the two doors of crypto",
     with_(LAYERS, lib__crypto__secret__a_DOT_c="#include <gcrypt.h>\n",
           lib__crypto__public__b_DOT_c="#include <openssl/x509.h>\n",
           lib__base__secret_DOT_c="#include <gcrypt.h>\n"), None),
    ("layers", "refuses a module that is not used",
     with_(LAYERS, lib__store__a_DOT_c='#include "token/card.h"\n'), "store does not use token"),
    ("layers", "refuses a header of a higher row",
     with_(LAYERS, lib__base__a_DOT_c='#include "../api/guard.h"\n'), "base does not use api"),
    ("layers", "refuses to use the same row",
     with_(LAYERS, lib__CMakeLists_DOT_txt=TABLE.replace("store SOURCES a.c USES base",
                                                         "store SOURCES a.c USES crypto")),
     "store uses crypto, which is not below it"),
    ("layers", "refuses to use a higher row",
     with_(LAYERS, lib__CMakeLists_DOT_txt=TABLE.replace("store SOURCES a.c USES base",
                                                         "store SOURCES a.c USES api")),
     "store uses api, which is not below it"),
    ("layers", "refuses a module without a row",
     with_(LAYERS, lib__CMakeLists_DOT_txt=TABLE + "mnsec_module(misc SOURCES a.c USES base)\n"),
     "misc has no row"),
    ("layers", "refuses code of a module that is not in the table",
     with_(LAYERS, lib__vault__a_DOT_c=""), "vault is not in the table"),
    ("layers", "refuses libgcrypt outside its door",
     with_(LAYERS, lib__token__a_DOT_c="#include <gcrypt.h>\n"), "<gcrypt.h> has its own door"),
    ("layers", "refuses libgcrypt in the public half of crypto",
     with_(LAYERS, lib__crypto__public__a_DOT_c="#include <gcrypt.h>\n"), "has its own door"),
    ("layers", "refuses OpenSSL in the secret half of crypto",
     with_(LAYERS, lib__crypto__secret__a_DOT_c="#include <openssl/evp.h>\n"), "has its own door"),
    ("layers", "refuses PKCS#11 outside token",
     with_(LAYERS, lib__api__a_DOT_c="#include <p11-kit/pkcs11.h>\n"), "has its own door"),
    ("layers", "refuses PC/SC outside reader",
     with_(LAYERS, lib__token__a_DOT_c="#include <winscard.h>\n"), "has its own door"),
    ("layers", "refuses SQLite outside its folder",
     with_(LAYERS, lib__store__a_DOT_c="#include <sqlite3.h>\n"), "has its own door"),
    ("layers", "refuses a header that carries PKCS#11 out of token",
     with_(LAYERS, lib__api__a_DOT_c='#include "token/p11.h"\n'), "must stay in token"),
    ("layers", "refuses an internal header in a tool",
     with_(LAYERS, tools__mncard_DOT_c='#include "../lib/base/base.h"\n'), "only public headers"),
    ("layers", "refuses the simulator in the library",
     with_(LAYERS, lib__base__a_DOT_c='#include "../../hsm-sim/x.h"\n', **{"hsm-sim__x_DOT_h": ""}),
     "is no part of lib"),
    ("layers", "reads no #include in a comment",
     with_(LAYERS, lib__base__a_DOT_c="/*\n#include <sqlite3.h>\n*/\n"), None),

    ("exports", "accepts map, prototypes and umbrella that agree", EXPORTS, None),
    ("exports", "refuses a map that exports too much",
     with_(EXPORTS, lib__libmnsec_DOT_map="V { global: mnsec_status_name; mnsec_more; local: *; };"),
     "exports mnsec_more, which no public header declares"),
    ("exports", "refuses a map that exports too little",
     with_(EXPORTS, lib__libmnsec_DOT_map="V { global: local: *; };"),
     "does not export mnsec_status_name"),
    ("exports", "refuses a public header that the umbrella leaves out",
     with_(EXPORTS, include__mnsec__more_DOT_h=""), "does not include mnsec/more.h"),
    ("exports", "refuses an umbrella over a header that is not there",
     with_(EXPORTS, include__mnsec_DOT_h='#include "mnsec/status.h"\n#include "mnsec/gone.h"\n'),
     "includes mnsec/gone.h, which is not there"),
    ("exports", "refuses a linked library without a map",
     {k: v for k, v in EXPORTS.items() if not k.endswith(".map")}, "libmnsec.map:1: is missing"),
    ("exports", "refuses a linked library without an umbrella",
     {k: v for k, v in EXPORTS.items() if k != "include/mnsec.h"}, "include/mnsec.h:1: is missing"),
    ("exports", "refuses a header that does not compile alone",
     with_(EXPORTS, include__mnsec__status_DOT_h=STATUS + "extern size_t mnsec_x;\n"),
     "does not compile alone as c:"),
    ("exports", "refuses a header that is no C++",
     with_(EXPORTS, include__mnsec__status_DOT_h=STATUS + "struct s { int class; };\n"),
     "does not compile alone as c++:"),
    ("exports", "refuses C++ linkage",
     with_(EXPORTS, include__mnsec__status_DOT_h=STATUS.replace(' extern "C"', "")),
     'MNSEC_API is not extern "C" in C++'),
    ("exports", "refuses a function without a doc block",
     with_(EXPORTS, include__mnsec__status_DOT_h=STATUS.replace("/**", "/*")),
     "mnsec_status_name has no doc block"),
    ("exports", "accepts a call that tells its right and its log event",
     with_(EXPORTS, lib__libmnsec_DOT_map=CALL_MAP,
           include__mnsec__status_DOT_h=STATUS + "/** Do.\n * Right: r  Audit: a */\n" + CALL), None),
    ("exports", "refuses a call that does not tell its right",
     with_(EXPORTS, lib__libmnsec_DOT_map=CALL_MAP,
           include__mnsec__status_DOT_h=STATUS + "/** Do. Audit: a */\n" + CALL),
     "mnsec_do: the doc block does not tell its right"),
    ("exports", "refuses a call that does not tell its log event",
     with_(EXPORTS, lib__libmnsec_DOT_map=CALL_MAP,
           include__mnsec__status_DOT_h=STATUS + "/** Do. Right: r */\n" + CALL),
     "mnsec_do: the doc block does not tell its audit"),

    ("map", "accepts a map that is whole", MAP, None),
    ("map", "accepts braces and stars",
     with_(MAP, docs__MAP_DOT_md="lib/base/{id}.c lib/base/*.c\n"), None),
    ("map", "refuses a path that does not exist",
     with_(MAP, docs__MAP_DOT_md="lib/base/id.c lib/base/gone.c\n"), "lib/base/gone.c does not exist"),
    ("map", "refuses a file of lib that the map does not name",
     with_(MAP, lib__base__buf_DOT_c=""), "lib/base/buf.c:1: is not named in docs/MAP.md"),
    ("map", "refuses a linked library without a map",
     {k: v for k, v in MAP.items() if k != "docs/MAP.md"}, "docs/MAP.md:1: is missing"),
    ("map", "accepts a reason and a word of an import that are documented",
     with_(MAP, lib__base__csv_DOT_h='    X(NUL, "a NUL")\n',
           lib__policy__subject__subject_word_DOT_def='WORD(KIND, "payee", "", 0)\n',
           docs__FORMATS_DOT_md="`record.show`\n| a NUL | | `payee` |\n"), None),
    ("map", "refuses a reason of an import that is not documented",
     with_(MAP, lib__base__csv_DOT_h='    X(NUL, "a NUL")\n'), "csv.h:1: \"a NUL\" is not in"),
    ("map", "refuses a word of an import that is not documented",
     with_(MAP, lib__policy__subject__subject_word_DOT_def='WORD(KIND, "payee", "", 0)\n'),
     "subject_word.def:1: \"payee\" is not in"),
    ("map", "accepts links that lead to files, and links that lead out",
     with_(MAP, docs__A_DOT_md="[m](MAP.md#x) [l](../lib/base/id.c) [w](https://x.y/z) [h](#here)\n"), None),
    ("map", "refuses a link that leads nowhere",
     with_(MAP, docs__A_DOT_md="see [m](MAPS.md)\n"), "docs/A.md:1: MAPS.md does not exist"),
    ("map", "refuses an action that is no documented event",
     with_(MAP, docs__FORMATS_DOT_md="`record.shown`\n"), "record.show is not in docs/FORMATS.md"),

    ("secrets", "accepts care",
     c("int f(const char *pin_kind, const uint8_t *hash)\n{\n"
       "    return strcmp(pin_kind, \"a\") | memcmp(hash, hash, PIN_BYTES);\n}\n"), None),
    ("secrets", "refuses goto", c("int f(void)\n{\n    goto out;\n}\n"), "id.c:5: goto"),
    ("secrets", "refuses // comments", c("// x\n"), "id.c:3: // comment"),
    ("secrets", "takes no address for a comment", c('static const char *a = "http://x";\n'), None),
    ("secrets", "refuses strcpy", c("void f(void)\n{\n    strcpy(a, b);\n}\n"), "strcpy() has no bound"),
    ("secrets", "refuses sprintf", c("void f(void)\n{\n    sprintf(a, b);\n}\n"), "sprintf() has no"),
    ("secrets", "refuses gets", c("void f(void)\n{\n    gets(a);\n}\n"), "gets() has no bound"),
    ("secrets", "refuses memcmp on a secret",
     c("int f(void)\n{\n    return memcmp(secret->bytes, other, 32);\n}\n"), "memcmp() on a secret"),
    ("secrets", "refuses strcmp on a PIN",
     c('int f(void)\n{\n    return strcmp("1234", pin);\n}\n'), "strcmp() on a secret"),
    ("secrets", "refuses memset for wiping",
     c("void f(void)\n{\n    memset(password, 0, sizeof(password));\n}\n"), "memset() on a secret"),
    ("secrets", "refuses to print a secret's bytes",
     c('void f(void)\n{\n    mn_buf_printf(b, "%s", password->bytes);\n}\n'), "of a secret's bytes"),
    ("secrets", "refuses to print from the library",
     c('void f(void)\n{\n    printf("x");\n}\n'), "printf() belongs to the host program"),
    ("secrets", "refuses to read the environment in the library",
     c('void f(void)\n{\n    (void)getenv("X");\n}\n'), "getenv() belongs to the host program"),
    ("secrets", "lets a tool print", {"tools/x.c": HEAD + 'void f(void)\n{\n    printf("x");\n}\n'}, None),
    ("secrets", "lets a test compare",
     {"tests/x.c": HEAD + 'int f(void)\n{\n    return strcmp(pin, "1");\n}\n'}, None),
    ("secrets", "refuses goto in a test too",
     {"tests/x.c": HEAD + "int f(void)\n{\n    goto out;\n}\n"}, "goto"),

    ("form", "accepts functions that are found by name",
     c("static int helper(void)\n{\n}\n\nint mnsec_id_parse(const char *t,\n                   int n)\n{\n}\n"),
     None),
    ("form", "lets api_ go from the stem",
     {"lib/api/api_record.c": HEAD + "int mnsec_record_show(void)\n{\n}\n"}, None),
    ("form", "refuses a function of another noun",
     c("int mn_clock_now(void)\n{\n}\n"), "mn_clock_now is not found by its name"),
    ("form", "refuses a function without prefix", c("int id_now(void)\n{\n}\n"), "id_now is not found"),
    ("form", "refuses two files of one name",
     {"lib/base/id.c": HEAD, "tools/id.c": HEAD}, "is called like"),
    ("form", "refuses a C file without the licence line",
     {"lib/base/id.c": "/* A sample. */\n"}, 'id.c:1: the line "SPDX'),
    ("form", "refuses a C file that does not say what it is",
     {"lib/base/id.c": "/* SPDX-License-Identifier: Apache-2.0 */\nint x;\n"},
     "the comment that says what is here is missing"),
    ("form", "refuses a script without the licence line",
     {"tests/x": "#!/bin/sh\necho\n"}, 'tests/x:2: the line "SPDX'),
    ("form", "refuses a static function declared ahead",
     c("static int helper(int a);\n"), "helper is declared ahead"),
    ("form", "refuses a unit test of nothing",
     {"tests/unit/test_gone.c": HEAD, "lib/base/id.c": HEAD}, "mirrors no file of lib"),

    ("po", "accepts a catalogue that is whole", PO, None),
    ("po", "refuses a text of a tool that is missing",
     with_(PO, tools__a_DOT_c=HEAD + 'const char *s = _("hello");\nconst char *t = N_("bye");\n'),
     "'bye' is missing"),
    ("po", "refuses a reason of the library that is missing",
     with_(PO, lib__x_DOT_h=HEAD + '#define MN_A_LIST(X) \\\n    X(A, "all is well") \\\n    X(B, "bad")\n'),
     "'bad' is missing"),
    ("po", "refuses a fuzzy entry",
     with_(PO, tools__po__ja_DOT_po=PO["tools/po/ja.po"].replace('msgid "hello"', '#, fuzzy\nmsgid "hello"')),
     "'hello' is fuzzy"),
    ("po", "refuses an empty entry",
     with_(PO, tools__po__ja_DOT_po=PO["tools/po/ja.po"].replace("こんにちは", "")),
     "'hello' is not translated"),
    ("po", "refuses an entry that nobody says",
     with_(PO, tools__a_DOT_c=HEAD), "'hello' is there for nothing"),
    ("po", "refuses a format that differs",
     with_(PO, tools__a_DOT_c=HEAD + 'const char *s = _("%d");\n',
           tools__po__ja_DOT_po=PO_HEAD + '#, c-format\nmsgid "%d"\nmsgstr "%s"\n', lib__x_DOT_h=HEAD),
     "format specifications"),
    ("po", "refuses tools without a catalogue",
     {k: v for k, v in PO.items() if not k.endswith(".po")}, "tools/po/ja.po:1: is missing"),

    ("format", "accepts what the tools write",
     {**c("int x;\n"), "tests/x": "#!/bin/sh\necho \"$1\"\n"}, None),
    ("format", "refuses another form of C", c("int  x;\n"), "code should be clang-formatted"),
    ("format", "refuses a careless script",
     {"tests/x": "#!/bin/sh\ncd $1\nrm -rf \"$2/\"*\n"}, "SC2164"),
    ("tidy", "accepts braces",
     {**c("int f(int a)\n{\n    if (a) {\n        return 1;\n    }\n    return 2;\n}\n"), **BUILD},
     None),
    ("tidy", "refuses a branch without braces",
     {**c("int f(int a)\n{\n    if (a)\n        return 1;\n    return 2;\n}\n"), **BUILD},
     "readability-braces-around-statements"),
]


def complaints(name, sample):
    """What a check prints about a sample; its exit status."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in sample.items():
            (pathlib.Path(root) / path).parent.mkdir(parents=True, exist_ok=True)
            (pathlib.Path(root) / path).write_text(text, encoding="utf-8")
        subprocess.run(["git", "init", "-q", root], check=True)
        script = HERE / f"check_{name}.py"
        command = [sys.executable, script] if script.exists() else [HERE / f"check_{name}"]
        # check_tidy wants a build directory too: the sample is its own.
        result = subprocess.run([*command, root, root], capture_output=True, text=True, check=False)
        return result.stdout + result.stderr, result.returncode


def main():
    failed = 0
    print(f"1..{len(CASES)}")
    for number, (name, what, sample, expected) in enumerate(CASES, 1):
        output, status = complaints(name, sample)
        good = (status == 0 and output == "") if expected is None else (
            status != 0 and expected in output and "Traceback" not in output)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name} {what}")
        if not good:
            print("".join(f"# {line}\n" for line in [f"expected: {expected}", *output.splitlines()]))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
