// TlsPair: a certificate with its key, read, checked and ready for handshakes. Immutable: a reload makes a new one, and
// connections keep the one with which they began. Any thread.
//
// Versions and ciphers: "intermediate" of Mozilla's Server Side TLS guidelines 5.7 (TLS 1.2 and 1.3), without the DHE
// suites, which need parameters of their own. No session tickets and no session cache: a stolen ticket key opens
// nothing.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace boost::asio::ssl {
class context;
}

namespace firegate::api {

// A local authority that has signed the certificate (`firegate tls init`), for people to install.
struct Authority {
  std::string der;
  std::string fingerprint;  // SHA-256, "AB:CD:..."
};

class TlsPair {
 public:
  enum class Ended : bool { refused, taken };

  // Reads PEM: the certificate with its chain, and the key. ca.pem beside the certificate, when it has
  // signed it, is handed out to people. bad_input says which file and what is wrong with it: unreadable, not PEM, of
  // different pairs, not yet or no longer valid (a gateway that starts takes an ended one: a board that warns is
  // better than none); io_failed: the file cannot be opened.
  static Result<std::shared_ptr<const TlsPair>> load(const std::filesystem::path& certificate,
                                                     const std::filesystem::path& key, Instant now, Ended ended);
  ~TlsPair();
  TlsPair(const TlsPair&) = delete;
  TlsPair& operator=(const TlsPair&) = delete;

  boost::asio::ssl::context& context() const noexcept { return *context_; }
  Instant ends_at() const noexcept { return ends_at_; }
  const std::vector<std::string>& names() const noexcept { return names_; }  // subjectAltName: DNS names and addresses
  const std::optional<Authority>& authority() const noexcept { return authority_; }

 private:
  TlsPair();

  std::unique_ptr<boost::asio::ssl::context> context_;
  Instant ends_at_{};
  std::vector<std::string> names_;
  std::optional<Authority> authority_;
};
using TlsPairPtr = std::shared_ptr<const TlsPair>;

}  // namespace firegate::api
