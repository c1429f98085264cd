// Codec: a vendor's script that reads the raw payload of its device (LoRaWAN TS013). A driver asks for it, the lane has
// it run, and the driver reads the same message once more with the answer. Pure for who looks from here: the same
// script and request give the same answer on every machine, unless it is stopped.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/labels.h"

namespace firegate {

struct CodecRequest {
  std::string address;                // of the device: its messages keep their order
  std::string script;                 // as the model names it: "codecs/smoke.js"
  std::string bytes;                  // the payload
  int f_port = 0;                     // 0-255
  std::optional<Instant> arrived_at;  // the script's recvTime and its only clock; none: it has the machine's clock
  std::string variables;              // a JSON object; empty: the script gets none
};

// How a call ended. Closed; the metric label `outcome`.
enum class CodecOutcome : std::uint8_t {
  data,         // the script read the payload
  errors,       // the script says that it cannot
  threw,        // it threw, is no JavaScript, or has no function that decodes
  deadline,     // it took more computing time than a call may
  memory,       // it took more memory than a call may
  killed,       // its worker did not answer, or died
  quarantined,  // it was not run: it did one of the three above too often
  overloaded,   // it was not run: too many requests wait
  unavailable,  // it was not run: there is no such script, or no worker
};
template <>
struct Labels<CodecOutcome> {
  static constexpr std::array<std::string_view, 9> list{"data",   "errors",      "threw",      "deadline",   "memory",
                                                        "killed", "quarantined", "overloaded", "unavailable"};
};

struct CodecAnswer {
  CodecOutcome outcome = CodecOutcome::unavailable;
  std::string data;      // outcome data: what the script returned as `data`, in JSON
  std::string errors;    // outcome errors: in JSON, what it returned as `errors`
  std::string warnings;  // in JSON, empty where it gave none
  std::string detail;    // every other outcome: what went wrong and where, for people
};

// Runs codecs. Any thread; never blocks.
class Codecs {
 public:
  virtual ~Codecs() = default;
  // Calls `done` once, on a thread of its own or on the caller's; `done` never blocks. Requests of one script are
  // answered in the order in which they were made.
  virtual void run(CodecRequest request, std::function<void(CodecAnswer)> done) noexcept = 0;
};

// Waits for the answer: for commands and replays, which do one thing at a time. Never on a strand.
CodecAnswer run_and_wait(Codecs& codecs, CodecRequest request);

}  // namespace firegate
