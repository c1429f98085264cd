// A wire format's driver (FIREGATE_FUZZ_FORMAT): messages one after the other at one source, so that what a message
// taught meets the next one. A message is its topic, a line end and its payload. "!key", a line end and bytes is link
// state as a store may give it back; "@base" another base topic. With FIREGATE_FUZZ_FORMAT "json_path" an input begins
// with the name of a format that a file describes. At the end every command is put into the words of the format.
#include "app/builtin.h"
#include "core/driver.h"
#include "fuzz/fuzz.h"

namespace firegate::fuzz {
namespace {

constexpr std::string_view kFormat = FIREGATE_FUZZ_FORMAT;
constexpr bool kOfFiles = kFormat == "json_path";

// For a name that no format has, one of the files' formats.
const Driver& driver_of(std::string_view name) {
  static const auto drivers = app::builtin_drivers();
  for (const auto& one : drivers) {
    if (one->format() == name) return *one;
  }
  must(kOfFiles, "the driver of this format exists");
  return *drivers.back();
}

const Models& models() {
  static const Models loaded = app::load_builtin_models();
  return loaded;
}

void must_be_whole(const Decoded& decoded) {
  must(decoded.ignored.has_value() == decoded.messages.empty(), "messages, or a reason to ignore");
  for (const DeviceMessage& message : decoded.messages) {
    must(!message.address.empty(), "a message has an address");
    for (const Reading& reading : message.readings) must(fits(reading.point, reading.value), "a value fits its point");
  }
  for (const Learned& learned : decoded.learned) must(!learned.key.empty(), "what is learned has a key");
  for (const Outgoing& reply : decoded.replies) must(!reply.topic.empty(), "an answer has a topic");
}

void encode(const Driver& driver, const std::string& base, LinkState& link) {
  for (std::size_t kind = 0; kind < Labels<CommandKind>::list.size(); ++kind) {
    const Command command{.id = "c-1", .kind = static_cast<CommandKind>(kind), .port = 1, .until = Instant{}};
    const EncodeResult result = driver.encode(command, "861197062934387", {base, link, Instant{}});
    if (!result) {
      must(!result.error().detail.empty(), "a refusal says why");
      continue;
    }
    for (const Outgoing& sent : result->messages) must(!sent.topic.empty() && !sent.retain, "a command has a topic");
    for (const Learned& learned : result->learned) link.learn(learned);
  }
}

void decode(const Driver& driver, std::string_view topic, std::string_view payload, const std::string& base,
            LinkState& link) {
  RawMessage message;
  message.topic = topic;
  message.payload = payload;
  if (const auto found = driver.recognise(topic, payload)) {
    must(topic.find(*found) != std::string_view::npos, "a base stands in its topic");
  }
  static_cast<void>(driver.limits(base, topic));
  const DecodeResult result = driver.decode(message, DecodeContext{base, link, models()});
  if (!result) return must(!result.error().detail.empty(), "a rejection says what was found");
  must_be_whole(*result);
  for (const Learned& learned : result->learned) link.learn(learned);
}

}  // namespace
}  // namespace firegate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firegate::fuzz;
  std::string_view rest = text_of(data, size);
  const auto& driver = driver_of(kOfFiles ? take(rest, kNext) : kFormat);
  std::string base(driver.default_base());
  firegate::LinkState link;
  while (!rest.empty()) {
    std::string_view payload = take(rest, kNext);
    const Exact topic(take(payload, '\n')), body(payload);
    if (topic.text().starts_with('!')) {
      link.learn({std::string(topic.text().substr(1)), std::string(body.text())});
    } else if (topic.text().starts_with('@')) {
      base = topic.text().substr(1);
    } else {
      decode(driver, topic.text(), body.text(), base, link);
    }
  }
  encode(driver, base, link);
  return 0;
}
