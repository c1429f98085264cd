// FileCodecs: scripts for a command that works on files. None is quarantined, so each line is answered for itself.
#pragma once

#include <vector>

#include "codec/codec_host.h"

namespace firegate::cli {

class FileCodecs final : public Codecs {
 public:
  explicit FileCodecs(std::vector<codec::ScriptFile> scripts = {});

  void put(codec::ScriptFile script) { host_.put(std::move(script)); }
  void run(CodecRequest request, std::function<void(CodecAnswer)> done) noexcept override {
    host_.run(std::move(request), std::move(done));
  }

 private:
  class NoFaults final : public SelfFault {
   public:
    void raise(SelfFaultCode, std::string_view, std::string) noexcept override {}
    void clear(SelfFaultCode, std::string_view) noexcept override {}
  };

  NoFaults faults_;
  metrics::Metrics metrics_;
  codec::CodecHost host_;
};

}  // namespace firegate::cli
