#include "codec/frame.h"

#include <utility>

namespace firegate::codec {
namespace {

enum class Kind : std::uint8_t { load = 1, call = 2, answer = 3, hello = 4 };

class Writer {
 public:
  explicit Writer(Kind kind) : frame_(kHeaderBytes, '\0') { byte(static_cast<std::uint8_t>(kind)); }

  Writer& byte(std::uint8_t value) {
    frame_ += static_cast<char>(value);
    return *this;
  }
  Writer& number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) byte(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
  }
  Writer& text(std::string_view text) {
    number(text.size(), 4);
    frame_ += text;
    return *this;
  }
  std::string frame() {
    const std::size_t size = frame_.size() - kHeaderBytes;
    for (std::size_t i = 0; i < kHeaderBytes; ++i) frame_[i] = static_cast<char>(size >> (8 * i) & 0xFF);
    return std::move(frame_);
  }

 private:
  std::string frame_;
};

class Reader {
 public:
  explicit Reader(std::string_view body) : rest_(body) {}

  std::uint64_t number(std::size_t bytes) {
    if (rest_.size() < bytes) return fail();
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    }
    rest_.remove_prefix(bytes);
    return value;
  }
  std::string text() {
    const std::uint64_t size = number(4);
    if (size > rest_.size()) {
      fail();
      return {};
    }
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }
  bool begins(Kind kind) { return number(1) == static_cast<std::uint64_t>(kind); }
  bool whole() const noexcept { return !failed_ && rest_.empty(); }

 private:
  std::uint64_t fail() noexcept {
    failed_ = true;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool failed_ = false;
};

std::optional<Request> read_load(Reader reader) {
  if (!reader.begins(Kind::load)) return std::nullopt;
  Load load;
  load.script = static_cast<std::uint32_t>(reader.number(4));
  load.name = reader.text();
  load.text = reader.text();
  if (!reader.whole() || load.text.size() > kMaxScriptBytes) return std::nullopt;
  return load;
}

std::optional<Request> read_call(Reader reader) {
  if (!reader.begins(Kind::call)) return std::nullopt;
  Call call;
  call.script = static_cast<std::uint32_t>(reader.number(4));
  call.f_port = static_cast<std::uint8_t>(reader.number(1));
  const std::uint64_t has_time = reader.number(1);
  const auto time = static_cast<std::int64_t>(reader.number(8));
  if (has_time == 1) call.arrived_ms = time;
  call.bytes = reader.text();
  call.variables = reader.text();
  if (!reader.whole() || has_time > 1) return std::nullopt;
  return call;
}

}  // namespace

std::string to_frame(const Load& load) {
  return Writer(Kind::load).number(load.script, 4).text(load.name).text(load.text).frame();
}

std::string to_frame(const Call& call) {
  return Writer(Kind::call)
      .number(call.script, 4)
      .byte(call.f_port)
      .byte(call.arrived_ms ? 1 : 0)
      .number(static_cast<std::uint64_t>(call.arrived_ms.value_or(0)), 8)
      .text(call.bytes)
      .text(call.variables)
      .frame();
}

std::string to_frame(const CodecAnswer& answer) {
  return Writer(Kind::answer)
      .byte(static_cast<std::uint8_t>(answer.outcome))
      .text(answer.data)
      .text(answer.errors)
      .text(answer.warnings)
      .text(answer.detail)
      .frame();
}

std::string hello_frame() { return Writer(Kind::hello).frame(); }

std::optional<std::size_t> body_size(std::string_view header) noexcept {
  if (header.size() != kHeaderBytes) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < kHeaderBytes; ++i) {
    size |= static_cast<std::size_t>(static_cast<unsigned char>(header[i])) << (8 * i);
  }
  if (size == 0 || size > kMaxBody) return std::nullopt;
  return size;
}

std::optional<Request> read_request(std::string_view body) {
  if (auto load = read_load(Reader(body))) return load;
  return read_call(Reader(body));
}

std::optional<CodecAnswer> read_answer(std::string_view body) {
  Reader reader(body);
  if (!reader.begins(Kind::answer)) return std::nullopt;
  const std::uint64_t outcome = reader.number(1);
  CodecAnswer answer;
  answer.data = reader.text();
  answer.errors = reader.text();
  answer.warnings = reader.text();
  answer.detail = reader.text();
  // A worker judges its own call only; what it was not given it cannot answer.
  if (!reader.whole() || outcome > static_cast<std::uint64_t>(CodecOutcome::memory)) return std::nullopt;
  answer.outcome = static_cast<CodecOutcome>(outcome);
  return answer;
}

bool is_hello(std::string_view body) noexcept {
  return body.size() == 1 && body.front() == static_cast<char>(Kind::hello);
}

}  // namespace firegate::codec
