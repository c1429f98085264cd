#!/usr/bin/env python3
"""Turns openapi.yaml into a C++ unit that holds it as JSON: openapi_embed.py <openapi.yaml> <out.cpp>"""
import json
import pathlib
import sys

import yaml

CHUNK = 8000  # characters a literal; compilers need only accept 65,536


class Loader(yaml.SafeLoader):
    """Dates stay the text that they are in JSON."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def main(source: str, target: str) -> None:
    document = yaml.load(pathlib.Path(source).read_text(encoding="utf-8"), Loader)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    literals = "\n".join(f'    R"openapi({text[at:at + CHUNK]})openapi"' for at in range(0, len(text), CHUNK))
    pathlib.Path(target).write_text(
        '#include "api/openapi.h"\n\nnamespace firegate::api {\n\n'
        f"std::string_view openapi_json() noexcept {{\n  return std::string_view{{\n{literals}}};\n}}\n\n"
        "}  // namespace firegate::api\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
