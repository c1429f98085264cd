// What the gateway and a codec worker say to each other: a stream of frames, and each body as a request and as an
// answer. Whatever the other end sends, what is read says the same again when it is written.
#include <algorithm>

#include "codec/frame.h"
#include "fuzz/fuzz.h"

namespace firegate::fuzz {
namespace {

using namespace firegate::codec;

std::string_view without_header(const std::string& frame) { return std::string_view(frame).substr(kHeaderBytes); }

void judge(std::string_view body) {
  if (const auto request = read_request(body)) {
    const std::string again = std::visit([](const auto& one) { return to_frame(one); }, *request);
    const Call* call = std::get_if<Call>(&*request);
    must((call && !call->arrived_ms) || without_header(again) == body, "a request is written as it was read");
    if (const Load* load = std::get_if<Load>(&*request))
      must(load->text.size() <= kMaxScriptBytes, "a script has its limit");
    must(!read_answer(body) && !is_hello(body), "a request is nothing else");
  }
  if (const auto answer = read_answer(body)) {
    must(without_header(to_frame(*answer)) == body, "an answer is written as it was read");
    must(answer->outcome <= CodecOutcome::memory, "a worker says nothing that is the gateway's to say");
  }
}

void read_stream(std::string_view rest) {
  while (rest.size() >= kHeaderBytes) {
    const auto size = body_size(rest.substr(0, kHeaderBytes));
    rest.remove_prefix(kHeaderBytes);
    if (!size) return;  // the connection ends here
    must(*size > 0 && *size <= kMaxBody, "a length has its limit");
    const Exact body(rest.substr(0, *size));
    if (rest.size() >= *size) judge(body.text());
    rest.remove_prefix(std::min(rest.size(), *size));
  }
}

}  // namespace
}  // namespace firegate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const firegate::fuzz::Exact input(firegate::fuzz::text_of(data, size));
  firegate::fuzz::judge(input.text());
  firegate::fuzz::read_stream(input.text());
  return 0;
}
