#include "api/tls.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <boost/asio/ssl/context.hpp>
#include <string_view>

#include "api/openssl_pointers.h"

namespace firegate::api {
namespace {

namespace ssl = boost::asio::ssl;

// Mozilla Server Side TLS 5.7, "intermediate": https://wiki.mozilla.org/Security/Server_Side_TLS
constexpr const char* kCiphers12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kCiphers13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr unsigned char kProtocol[] = "\x08http/1.1";  // RFC 7301: length, name

// Whoever offers protocols must offer ours: a certificate shared with another protocol's server then leads nowhere.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(&found, length, kProtocol, sizeof kProtocol - 1, offered, offered_length);
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

Result<std::unique_ptr<ssl::context>> make_context() {
  std::unique_ptr<SSL_CTX, FreedBy<SSL_CTX_free>> made(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made.get();
  if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context, kCiphers12) != 1 || SSL_CTX_set_ciphersuites(context, kCiphers13) != 1 ||
      SSL_CTX_set1_groups_list(context, kGroups) != 1 || SSL_CTX_set_num_tickets(context, 0) != 1) {
    return fail(ErrorCode::io_failed, "preparing TLS: " + openssl_error());
  }
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return std::make_unique<ssl::context>(made.release());
}

Result<void> check_dates(X509& certificate, const std::filesystem::path& file, Instant now, TlsPair::Ended ended) {
  const auto from = instant_of(X509_get0_notBefore(&certificate)), to = instant_of(X509_get0_notAfter(&certificate));
  if (!from || !to) return fail(ErrorCode::bad_input, fmt::format("reading {}: found no dates", file.string()));
  if (ended == TlsPair::Ended::taken || (*from <= now && now < *to)) return {};
  return fail(ErrorCode::bad_input, fmt::format("reading {}: found a certificate from {} to {}, expected one for {}",
                                                file.string(), to_text(*from), to_text(*to), to_text(now)));
}

Result<std::string> read_key_file(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) == 0 && (found.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return fail(ErrorCode::bad_input, fmt::format("reading {}: found mode {:o}, expected a key that not everybody can "
                                                  "read: chmod 600",
                                                  file.string(), static_cast<unsigned>(found.st_mode & 07777)));
  }
  return read_small_file(file);
}

// ca.pem beside the certificate, when it has signed it.
std::optional<Authority> authority_of(X509& certificate, const std::filesystem::path& beside) {
  const std::filesystem::path file = beside.parent_path() / "ca.pem";
  std::error_code absent;
  if (!std::filesystem::exists(file, absent)) return std::nullopt;
  const auto text = read_small_file(file);
  if (!text) return std::nullopt;
  const auto read = certificates_from_pem(*text, file);
  if (!read || X509_verify(&certificate, X509_get0_pubkey(read->front().get())) != 1) {
    openssl_error();
    return std::nullopt;
  }
  return Authority{der_of(*read->front()), fingerprint_of(*read->front())};
}

Result<void> install(SSL_CTX* context, const std::vector<X509Ptr>& chain, EVP_PKEY* key,
                     const std::filesystem::path& certificate_file, const std::filesystem::path& key_file) {
  if (X509_check_private_key(chain.front().get(), key) != 1) {
    openssl_error();
    return fail(ErrorCode::bad_input, fmt::format("reading {} and {}: found a key of another certificate",
                                                  certificate_file.string(), key_file.string()));
  }
  bool installed =
      SSL_CTX_use_certificate(context, chain.front().get()) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
  for (std::size_t i = 1; i < chain.size(); ++i)
    installed = installed && SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
  if (!installed) {
    return fail(ErrorCode::bad_input, fmt::format("using {}: {}", certificate_file.string(), openssl_error()));
  }
  return {};
}

}  // namespace

TlsPair::TlsPair() = default;
TlsPair::~TlsPair() = default;

Result<std::shared_ptr<const TlsPair>> TlsPair::load(const std::filesystem::path& certificate,
                                                     const std::filesystem::path& key, Instant now, Ended ended) {
  const auto certificate_text = read_small_file(certificate);
  if (!certificate_text) return tl::unexpected(certificate_text.error());
  const auto chain = certificates_from_pem(*certificate_text, certificate);
  if (!chain) return tl::unexpected(chain.error());
  X509& leaf = *chain->front();
  if (auto right = check_dates(leaf, certificate, now, ended); !right) return tl::unexpected(right.error());
  const auto key_text = read_key_file(key);
  if (!key_text) return tl::unexpected(key_text.error());
  const auto read_key = key_from_pem(*key_text, key);
  if (!read_key) return tl::unexpected(read_key.error());

  auto context = make_context();
  if (!context) return tl::unexpected(context.error());
  if (auto installed = install((*context)->native_handle(), *chain, read_key->get(), certificate, key); !installed) {
    return tl::unexpected(installed.error());
  }
  std::shared_ptr<TlsPair> pair(new TlsPair);
  pair->context_ = std::move(*context);
  pair->ends_at_ = *instant_of(X509_get0_notAfter(&leaf));
  pair->names_ = names_of(leaf);
  pair->authority_ = authority_of(leaf, certificate);
  return pair;
}

}  // namespace firegate::api
