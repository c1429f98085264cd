// CodecHost: runs vendors' scripts in worker processes, and is the one who ends what they cannot end themselves: a
// worker that does not answer within its deadline is killed. Each script has a queue of its own and one call at a time,
// so its devices keep their order and a script that hangs holds up no other. A script that breaks its limits again and
// again is not run any more: that is a fault of the installation, on every board. Owned by `app` or a command. `run`,
// `put` and `use` are for any thread; everything else happens on its own.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/codec.h"
#include "core/self_fault.h"
#include "metrics/metrics.h"

namespace firegate::codec {

struct ScriptFile {
  std::string name;  // as models name it: "codecs/smoke.js"
  std::string text;
};

struct HostSettings {
  std::filesystem::path worker;  // the program firegate-codec-worker
  std::size_t workers = 2;       // our choice: one that hangs leaves another; 24 MB each, started when needed
  std::chrono::milliseconds deadline{250};  // design of the codecs: a worker that has not answered by then is killed
  std::chrono::milliseconds start_within{10'000};  // our choice: a start takes 20 ms
  std::size_t breaches = 3;  // our choice: so many within `breaches_within` and a script is quarantined;
  std::chrono::minutes breaches_within{10};  // 0: never
  std::size_t most_waiting = 2048;           // our choice: a script's queue, a quarter of what lanes have in hand
};

class CodecHost final : public Codecs {
 public:
  CodecHost(HostSettings settings, SelfFault& faults, metrics::Metrics& metrics);
  ~CodecHost() override;  // stops
  CodecHost(const CodecHost&) = delete;
  CodecHost& operator=(const CodecHost&) = delete;

  // Adds a script, or replaces it. Its record is clean then.
  void put(ScriptFile script);
  // These scripts and no others, each with a clean record: what people do after they have mended one.
  void use(std::vector<ScriptFile> scripts);

  void run(CodecRequest request, std::function<void(CodecAnswer)> done) noexcept override;

  // Kills the workers. What still waits is never answered.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace firegate::codec
