// Writes JSON as devices do: keys in the given order, numbers in their shortest plain form (21.4, never 2.14E1, which
// is what Boost.JSON writes). Builds one text from left to right; the caller closes what it opens.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace firegate::simulate {

class JsonWriter {
 public:
  JsonWriter& open() { return begin('{'); }
  JsonWriter& close() { return end('}'); }
  JsonWriter& open_list() { return begin('['); }
  JsonWriter& close_list() { return end(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& text(std::string_view value);
  JsonWriter& null() { return raw("null"); }
  JsonWriter& raw(std::string_view json);  // a finished piece of JSON
  JsonWriter& value(std::same_as<bool> auto on) { return raw(on ? "true" : "false"); }
  JsonWriter& value(std::integral auto number) requires(!std::same_as<decltype(number), bool>) {
    return raw(std::to_string(number));
  }
  JsonWriter& value(double number);
  JsonWriter& value(std::string_view words) { return text(words); }
  JsonWriter& value(const char* words) { return text(words); }

  JsonWriter& member(std::string_view name, const auto& content) { return key(name).value(content); }

  std::string take() { return std::move(out_); }

 private:
  JsonWriter& begin(char bracket);
  JsonWriter& end(char bracket);
  void separate();

  std::string out_;
  bool first_ = true;  // nothing stands in the open bracket yet, or a key was just written
};

// The shortest text of a number that is a JSON number: "21.4", "100".
std::string number_text(double number);
// `number` with at most `digits` decimals, as a sensor's register would give it.
double rounded(double number, int digits);

}  // namespace firegate::simulate
