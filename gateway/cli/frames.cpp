// firegate frames --hex FILE: what frames of GB/T 26875.3 say, one line of JSON for each line of hexadecimal text.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "cli/cli.h"
#include "cli/frames_json.h"

namespace firegate::cli {
namespace {

int frames_of(std::istream& input) {
  std::string text;
  for (std::uint64_t number = 1; std::getline(input, text); ++number) {
    boost::json::object out{{"line", number}};
    for (const auto& member : frame_line_json(text)) out.insert(member);
    fmt::print("{}\n", boost::json::serialize(out));
  }
  return kOk;
}

int frames(const std::string& name) {
  if (name == "-") return frames_of(std::cin);
  std::ifstream file(name, std::ios::binary);
  if (!file) {
    fmt::print(stderr, "frames: opening \"{}\" failed\n", name);
    return kNotFound;
  }
  return frames_of(file);
}

}  // namespace

void add_frames(CLI::App& app, int& exit_code) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("frames", "Say what frames of GB/T 26875.3 say");
  command->add_option("--hex", *file, "Lines of hexadecimal text, one frame each; - for standard input")->required();
  command->callback([file, &exit_code] { exit_code = frames(*file); });
}

}  // namespace firegate::cli
