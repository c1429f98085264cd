// firegate-codec-worker: runs vendors' scripts for the gateway, in a cage. Started by the gateway alone, with a socket
// as standard input and nothing else; ends when the socket does. Requests and answers: codec/frame.h.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cage/cage.h"
#include "codec/frame.h"
#include "codec_worker/engine.h"

namespace firegate::codec {
namespace {

constexpr int kChannel = STDIN_FILENO;
constexpr cage::Limits kLimits{128u << 20, 120};  // the engine needs 64 MiB

bool read_exactly(char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(kChannel, to, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_whole(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(kChannel, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::optional<Request> next_request() {
  std::array<char, kHeaderBytes> header{};
  if (!read_exactly(header.data(), header.size())) return std::nullopt;
  const auto size = body_size({header.data(), header.size()});
  if (!size) return std::nullopt;
  std::string body(*size, '\0');
  if (!read_exactly(body.data(), body.size())) return std::nullopt;
  return read_request(body);
}

// Until the gateway closes its end, or says what is no request.
void serve(Engine& engine) {
  while (auto request = next_request()) {
    if (auto* load = std::get_if<Load>(&*request)) {
      engine.keep(std::move(*load));
    } else {
      if (!write_whole(to_frame(engine.call(std::get<Call>(*request))))) return;
      engine.collect_when_due();
    }
  }
}

int run() {
  ::setenv("TZ", "UTC", 1);  // a script sees one time zone everywhere, and no file is opened for it
  if (!cage::give_up_rights(kChannel, kLimits)) return 71;
  const auto engine = Engine::start();
  if (!engine || !cage::allow_only_computing()) return 71;  // EX_OSERR
  if (write_whole(hello_frame())) serve(*engine);
  return 0;
}

}  // namespace
}  // namespace firegate::codec

// Straight out: nothing is to be saved, and the engine's end would need calls that the cage forbids.
int main() { ::_exit(firegate::codec::run()); }
