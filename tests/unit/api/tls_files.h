// A folder with a certificate made by issue_certificate, and clients that trust its authority; gone with the test.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "api/tls_authority.h"
#include "support/fakes_api.h"

namespace firegate::api {

class TlsFiles {
 public:
  explicit TlsFiles(Instant now = fakes::kMorning) {
    std::string pattern = (std::filesystem::temp_directory_path() / "firegate-tls-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    issue(now);
  }
  ~TlsFiles() { std::filesystem::remove_all(folder); }
  TlsFiles(const TlsFiles&) = delete;
  TlsFiles& operator=(const TlsFiles&) = delete;

  void issue(Instant now) {
    const auto issued = issue_certificate(folder / "tls", {{"gate.local"}, {"192.168.1.7"}}, now);
    ASSERT_TRUE(issued) << issued.error().message;
  }
  std::filesystem::path certificate() const { return folder / "tls/server.pem"; }
  std::filesystem::path key() const { return folder / "tls/server.key"; }
  std::filesystem::path authority() const { return folder / "tls/ca.pem"; }

  static std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void write(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  std::filesystem::path folder;
};

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;

// Trusts that authority, and the name as if it were that day; an empty path: whatever Debian trusts, that is not ours.
inline ContextPtr client_context(const std::filesystem::path& authority, const char* name = "gate.local") {
  ContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!authority.empty()) SSL_CTX_load_verify_locations(context.get(), authority.c_str(), nullptr);
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set1_host(parameters, name, 0);
  X509_VERIFY_PARAM_set_time(parameters,
                             std::chrono::floor<std::chrono::seconds>(fakes::kMorning).time_since_epoch().count());
  return context;
}

}  // namespace firegate::api
