#include "api/openssl_pointers.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace firegate::api {
namespace {

constexpr std::size_t kMaxFileBytes = 1u << 20;  // our choice: a chain is some kilobytes

BioPtr memory(std::string_view text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

int no_password(char*, int, int, void*) { return 0; }

std::string address_text(const ASN1_OCTET_STRING& bytes) {
  const int length = ASN1_STRING_length(&bytes);
  const int family = length == 4 ? AF_INET : length == 16 ? AF_INET6 : AF_UNSPEC;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family == AF_UNSPEC || !::inet_ntop(family, ASN1_STRING_get0_data(&bytes), text.data(), text.size())) return {};
  return text.data();
}

}  // namespace

std::string openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : fmt::format("error {:x}", code);
}

Result<std::string> read_small_file(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, FreedBy<std::fclose>> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return fail(ErrorCode::io_failed, fmt::format("opening {}: {}", path.string(), std::strerror(errno)));
  std::string text(kMaxFileBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get())) {
    return fail(ErrorCode::io_failed, fmt::format("reading {}: {}", path.string(), std::strerror(errno)));
  }
  if (text.size() > kMaxFileBytes) {
    return fail(ErrorCode::bad_input, fmt::format("reading {}: found over 1 MiB, expected PEM", path.string()));
  }
  return text;
}

Result<std::vector<X509Ptr>> certificates_from_pem(std::string_view pem, const std::filesystem::path& file) {
  const BioPtr bio = memory(pem);
  std::vector<X509Ptr> certificates;
  while (X509* read = PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)) certificates.emplace_back(read);
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string why = openssl_error();
  if (certificates.empty() || !at_end) {
    return fail(ErrorCode::bad_input,
                fmt::format("reading {}: found no whole certificate ({}), expected PEM", file.string(), why));
  }
  return certificates;
}

Result<KeyPtr> key_from_pem(std::string_view pem, const std::filesystem::path& file) {
  KeyPtr key(PEM_read_bio_PrivateKey(memory(pem).get(), nullptr, no_password, nullptr));
  if (!key) {
    return fail(ErrorCode::bad_input, fmt::format("reading {}: found no key ({}), expected PEM without a password",
                                                  file.string(), openssl_error()));
  }
  return key;
}

std::string fingerprint_of(X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  X509_digest(&certificate, EVP_sha256(), digest.data(), &length);
  std::string text;
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
  return text;
}

std::string der_of(X509& certificate) {
  std::string der(static_cast<std::size_t>(std::max(i2d_X509(&certificate, nullptr), 0)), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  i2d_X509(&certificate, &at);
  return der;
}

std::vector<std::string> names_of(X509& certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, FreedBy<GENERAL_NAMES_free>> found(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; found && i < sk_GENERAL_NAME_num(found.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(found.get(), i);
    if (name->type == GEN_DNS) {
      names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      if (std::string address = address_text(*name->d.iPAddress); !address.empty()) names.push_back(std::move(address));
    }
  }
  return names;
}

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  std::tm fields{};
  if (!time || ASN1_TIME_to_tm(time, &fields) != 1) return std::nullopt;
  return Instant{std::chrono::seconds{::timegm(&fields)}};
}

}  // namespace firegate::api
