// PushDesk: what is pushed by HTTP, into the inbox. It judges the proof of the source (push_settings.h), and appends
// the body as a message on the source's topic, where it takes the way of every other message. It is taken when the
// inbox has it on disk.
//
// A signature counts for five minutes before and after its time, and once: its nonce is remembered for as long, in
// memory. After a restart of ours a signature of the last five minutes would be taken again; a sender that had no
// answer must be able to say it again. Owned by `app`; the web thread. The inbox outlives it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/push.h"
#include "ingest/inbox.h"
#include "ingest/push_settings.h"

namespace firegate::ingest {

constexpr std::chrono::seconds kSignatureHolds{300};  // our choice: clocks that NTP sets, and a platform's retries
constexpr std::size_t kMostNonces = 100'000;  // our choice, of a source: 160 pushes a second for ten minutes, 10 MB

class PushDesk final : public PushIntake {
 public:
  // Every source has a topic by now.
  PushDesk(PushSettings settings, Inbox& inbox, const Clock& clock);

  void take(const Push& push, std::function<void(std::optional<PushRefusal>)> done) override;

 private:
  struct Used {
    Instant forget_at{};
    InboxSeq seq = 0;  // of the message that it came with
  };
  struct Door {
    PushSource settings;
    boost::unordered_flat_map<std::string, Used> nonces;
  };

  Door* find(std::string_view source) noexcept;
  std::optional<PushRefusal> refuse(Door& door, const Push& push);
  std::optional<PushRefusal> refuse_signature(Door& door, const Push& push);

  std::vector<Door> doors_;
  Inbox& inbox_;
  const Clock& clock_;
};

}  // namespace firegate::ingest
