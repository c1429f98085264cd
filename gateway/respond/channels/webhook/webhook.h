// Webhook: a notice as a signed HTTP POST. Ten seconds, no redirects, no proxies, at most 64 KiB of reply read.
// 2xx: sent. 408, 429 (Retry-After honoured), 5xx and every failure of the network: again later. Everything else,
// redirects included: rejected, the receiver or the configuration is wrong. https only; http to a loopback host. A host
// that resolves to an address that is not of the open Internet is not connected to unless `allow_private` (reliability
// T19).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/config_node.h"
#include "core/result.h"
#include "core/sender.h"
#include "respond/channels/webhook/address_policy.h"

namespace firegate::respond {

constexpr std::size_t kReplyLimit = 64 * 1024;

struct WebhookSettings {
  std::string name;
  std::string url;
  std::string secret_file;  // its content without white space at the ends is the secret; at least 16 bytes
  bool allow_private = false;
  Millis timeout{10'000};

  // The members of one channel; the caller has read `type` and calls `finish`.
  static WebhookSettings parse(MapReader& reader);
};

// Scheme and host are acceptable: https, or http to 127.0.0.0/8, ::1 or localhost; no user name; else why not.
Result<void> check_url(const std::string& url);

class Webhook final : public Notifier {
 public:
  // `clock` dates the signatures and outlives the webhook. `policy`: that of the settings; only tests give another.
  static Result<std::unique_ptr<Notifier>> open(const WebhookSettings& settings, const Clock& clock,
                                                std::optional<AddressPolicy> policy = std::nullopt);
  ~Webhook() override;

  DeliveryOutcome deliver(const Notice& notice) noexcept override;

 private:
  struct Handle;
  Webhook(WebhookSettings settings, const Clock& clock, AddressPolicy policy, std::string secret,
          std::unique_ptr<Handle> handle);

  const WebhookSettings settings_;
  const Clock& clock_;
  const AddressPolicy policy_;
  const std::string secret_;
  const std::unique_ptr<Handle> handle_;
};

}  // namespace firegate::respond
