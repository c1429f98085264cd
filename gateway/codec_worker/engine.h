// Engine: SpiderMonkey without its compiler, for scripts that decode payloads (LoRaWAN TS013). The one place that knows
// its headers. Each call runs in a realm of its own that no other call has seen: nothing that a script does to the
// language outlives the call. One thread (SpiderMonkey's, the one of `start`), and a watchdog of its own.
#pragma once

#include <memory>

#include "codec/frame.h"

namespace firegate::codec {

class Engine {
 public:
  // Starts the engine and uses once what opens files or makes threads at its first use. Null where it cannot start.
  static std::unique_ptr<Engine> start();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Keeps a script under its number; it is compiled when it is called first.
  void keep(Load load);
  // Runs the script's decodeUplink, or Decode or Decoder where it has only those. Always answers.
  CodecAnswer call(const Call& call);
  // Collects garbage now and then. Between calls: it takes milliseconds that no script should be charged for.
  void collect_when_due();

 private:
  struct Parts;
  explicit Engine(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace firegate::codec
