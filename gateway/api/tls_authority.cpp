#include "api/tls_authority.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "api/openssl_pointers.h"
#include "api/settings.h"

namespace firegate::api {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;

constexpr days kAuthorityLasts{3650};
constexpr days kCertificateLasts{825};
constexpr days kEarlier{1};  // our choice: for phones whose clock is behind

// What every such authority may vouch for: private and link-local addresses (RFC 1918, RFC 3927, RFC 4193, RFC 4291),
// and names that no public authority gives out (RFC 6762, RFC 8375).
constexpr std::string_view kLocalOnly =
    "permitted;IP:10.0.0.0/255.0.0.0,permitted;IP:172.16.0.0/255.240.0.0,permitted;IP:192.168.0.0/255.255.0.0,"
    "permitted;IP:100.64.0.0/255.192.0.0,permitted;IP:169.254.0.0/255.255.0.0,permitted;IP:127.0.0.0/255.0.0.0,"
    "permitted;IP:FC00:0:0:0:0:0:0:0/FE00:0:0:0:0:0:0:0,permitted;IP:FE80:0:0:0:0:0:0:0/FFC0:0:0:0:0:0:0:0,"
    "permitted;IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF,"
    "permitted;DNS:localhost,permitted;DNS:local,permitted;DNS:lan,permitted;DNS:home.arpa,permitted;DNS:internal";

struct Signed {
  X509Ptr certificate;
  KeyPtr key;
};

tl::unexpected<Error> openssl_failed(std::string_view what) {
  return fail(ErrorCode::io_failed, fmt::format("{}: {}", what, openssl_error()));
}

bool add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, FreedBy<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// 127 random bits: unique without a book of what was given out (CA/Browser Forum asks for 64).
bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7F) | 0x40);
  const std::unique_ptr<BIGNUM, FreedBy<BN_free>> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

bool set_time(ASN1_TIME* field, Instant at) {
  return ASN1_TIME_set(field, floor<seconds>(at).time_since_epoch().count()) != nullptr;
}

bool set_subject(X509* certificate, const std::string& name) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto add = [subject](const char* field, const std::string& text) {
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0) == 1;
  };
  return add("O", "firegate") && add("CN", name);
}

struct Wanted {
  std::string subject;
  Instant from{}, to{};
  std::vector<std::pair<int, std::string>> extensions;
};

// Signed by `issuer`, or by itself.
Result<Signed> sign(const Wanted& wanted, const Signed* issuer) {
  Signed made{X509Ptr(X509_new()), KeyPtr(EVP_EC_gen("P-256"))};
  X509* certificate = made.certificate.get();
  X509* parent = issuer ? issuer->certificate.get() : certificate;
  if (!certificate || !made.key || X509_set_version(certificate, X509_VERSION_3) != 1 || !set_serial(certificate) ||
      !set_time(X509_getm_notBefore(certificate), wanted.from) ||
      !set_time(X509_getm_notAfter(certificate), wanted.to) || !set_subject(certificate, wanted.subject) ||
      X509_set_issuer_name(certificate, X509_get_subject_name(parent)) != 1 ||
      X509_set_pubkey(certificate, made.key.get()) != 1) {
    return openssl_failed("making a certificate");
  }
  for (const auto& [kind, value] : wanted.extensions) {
    if (!add_extension(certificate, parent, kind, value)) {
      return openssl_failed(fmt::format("making a certificate with \"{}\"", value));
    }
  }
  if (X509_sign(certificate, issuer ? issuer->key.get() : made.key.get(), EVP_sha256()) == 0) {
    return openssl_failed("signing a certificate");
  }
  return made;
}

Result<Signed> make_authority(const ServerNames& names, Instant now) {
  std::string constraints(kLocalOnly);
  for (const std::string& name : names.names) constraints += ",permitted;DNS:" + name;
  for (const std::string& address : names.addresses) {
    const bool six = address.find(':') != std::string::npos;
    constraints += fmt::format(",permitted;IP:{}/{}", address,
                               six ? "FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF" : "255.255.255.255");
  }
  const std::string day = to_text(now).substr(0, 10);
  return sign({fmt::format("firegate {} {}", names.names.empty() ? "local" : names.names.front(), day),
               now - kEarlier,
               now - kEarlier + kAuthorityLasts,
               {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                {NID_key_usage, "critical,keyCertSign,cRLSign"},
                {NID_name_constraints, "critical," + constraints},
                {NID_subject_key_identifier, "hash"}}},
              nullptr);
}

Result<Signed> make_server_certificate(const ServerNames& names, const Signed& authority, Instant now) {
  std::string alternatives;
  for (const std::string& name : names.names) alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& address : names.addresses) alternatives += ",IP:" + address;
  const auto authority_ends = instant_of(X509_get0_notAfter(authority.certificate.get()));
  const Instant ends = std::min<Instant>(now - kEarlier + kCertificateLasts, authority_ends.value_or(now));
  return sign({names.names.front().substr(0, 64),  // a common name has at most 64 characters (RFC 5280, A.1)
               now - kEarlier,
               ends,
               {{NID_basic_constraints, "critical,CA:FALSE"},
                {NID_key_usage, "critical,digitalSignature"},
                {NID_ext_key_usage, "serverAuth"},
                {NID_subject_alt_name, alternatives},
                {NID_subject_key_identifier, "hash"},
                {NID_authority_key_identifier, "keyid:always"}}},
              &authority);
}

// As a browser that has installed the authority will look at it: dates, signature, name constraints.
Result<void> check(X509* certificate, X509* authority, Instant now) {
  const std::unique_ptr<X509_STORE, FreedBy<X509_STORE_free>> trusted(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, FreedBy<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  if (!trusted || !context || X509_STORE_add_cert(trusted.get(), authority) != 1 ||
      X509_STORE_CTX_init(context.get(), trusted.get(), certificate, nullptr) != 1) {
    return openssl_failed("checking a certificate");
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, floor<seconds>(now).time_since_epoch().count());
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
  if (X509_verify_cert(context.get()) == 1) return {};
  return fail(
      ErrorCode::refused,
      fmt::format("signing a certificate: the authority cannot vouch for it ({}); for other names, or after its "
                  "end, put ca.pem and ca.key aside and run this again: phones then have to install the new one",
                  X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))));
}

Result<Signed> read_authority(const std::filesystem::path& certificate_file, const std::filesystem::path& key_file) {
  const auto certificate_text = read_small_file(certificate_file), key_text = read_small_file(key_file);
  if (!certificate_text) return tl::unexpected(certificate_text.error());
  if (!key_text) return tl::unexpected(key_text.error());
  auto certificates = certificates_from_pem(*certificate_text, certificate_file);
  if (!certificates) return tl::unexpected(certificates.error());
  auto key = key_from_pem(*key_text, key_file);
  if (!key) return tl::unexpected(key.error());
  if (X509_check_private_key(certificates->front().get(), key->get()) != 1) {
    openssl_error();
    return fail(ErrorCode::corrupt, fmt::format("reading {} and {}: found a key of another certificate",
                                                certificate_file.string(), key_file.string()));
  }
  return Signed{std::move(certificates->front()), std::move(*key)};
}

std::string text_of(const BioPtr& bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}
std::string pem_of(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio);
}
std::string pem_of(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio);
}

// Whole or not at all: written beside, then renamed. When root makes it, it belongs to whom the folder belongs.
Result<void> write_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const std::string beside = path.string() + ".new";
  const auto failed = [&path](std::string_view what) {
    return fail(ErrorCode::io_failed, fmt::format("{} {}: {}", what, path.string(), std::strerror(errno)));
  };
  ::unlink(beside.c_str());
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (file < 0) return failed("creating");
  struct stat folder {};
  bool written = ::stat(path.parent_path().c_str(), &folder) == 0 && ::fchmod(file, mode) == 0;
  if (written && ::geteuid() == 0) written = ::fchown(file, folder.st_uid, folder.st_gid) == 0;
  written =
      written && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  written = ::close(file) == 0 && written;
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0) return failed("writing");
  return {};
}

Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code said_by_mkdir;
  std::filesystem::create_directories(folder.parent_path(), said_by_mkdir);
  if (::mkdir(folder.c_str(), 0700) == 0) {
    struct stat above {};
    if (::geteuid() == 0 && ::stat(folder.parent_path().c_str(), &above) == 0 &&
        ::chown(folder.c_str(), above.st_uid, above.st_gid) != 0) {
      return fail(ErrorCode::io_failed, fmt::format("handing over {}: {}", folder.string(), std::strerror(errno)));
    }
    return {};
  }
  if (errno == EEXIST) return {};
  return fail(ErrorCode::io_failed, fmt::format("creating {}: {}", folder.string(), std::strerror(errno)));
}

bool is_certificate_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 253 && name.front() != '.' && name.back() != '.' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

void add_once(std::vector<std::string>& list, std::string word) {
  if (std::ranges::find(list, word) == list.end()) list.push_back(std::move(word));
}

Result<ServerNames> with_localhost(ServerNames given) {
  ServerNames names;
  for (std::string& name : given.names) {
    if (!is_certificate_name(name)) {
      return fail(ErrorCode::bad_input, fmt::format("reading names: found \"{}\", expected a host name", name));
    }
    add_once(names.names, std::move(name));
  }
  for (std::string& address : given.addresses) {
    if (!is_ip_address(address)) {
      return fail(ErrorCode::bad_input,
                  fmt::format("reading addresses: found \"{}\", expected an IP address", address));
    }
    add_once(names.addresses, std::move(address));
  }
  add_once(names.names, "localhost");
  add_once(names.addresses, "127.0.0.1");
  add_once(names.addresses, "::1");
  return names;
}

bool is_here_only(const sockaddr& address) noexcept {
  if (address.sa_family == AF_INET) {
    const auto four = ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr);
    return (four >> 24) == 127 || (four >> 16) == 0xA9FE;
  }
  const in6_addr& six = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_LINKLOCAL(&six);
}

std::string text_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = address.sa_family == AF_INET
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr)
                          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  return ::inet_ntop(address.sa_family, bytes, text.data(), text.size()) ? text.data() : "";
}

}  // namespace

ServerNames names_of_this_machine() {
  ServerNames found;
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0 && is_certificate_name(host.data())) {
    found.names.emplace_back(host.data());
    if (found.names.front().find('.') == std::string::npos) found.names.push_back(found.names.front() + ".local");
  }
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  const std::unique_ptr<ifaddrs, FreedBy<::freeifaddrs>> owner(list);
  for (const ifaddrs* at = list; at; at = at->ifa_next) {
    if (!at->ifa_addr || (at->ifa_addr->sa_family != AF_INET && at->ifa_addr->sa_family != AF_INET6)) continue;
    if (!is_here_only(*at->ifa_addr)) add_once(found.addresses, text_of(*at->ifa_addr));
  }
  return found;
}

Result<Issued> issue_certificate(const std::filesystem::path& folder, ServerNames given, Instant now) {
  const auto names = with_localhost(std::move(given));
  if (!names) return tl::unexpected(names.error());
  Issued issued{folder / "ca.pem", folder / "ca.key", folder / "server.pem", folder / "server.key", false, {}, {}, {}};
  std::error_code absent;
  const bool has_certificate = std::filesystem::exists(issued.authority, absent);
  const bool has_key = std::filesystem::exists(issued.authority_key, absent);
  if (has_certificate != has_key) {
    return fail(
        ErrorCode::refused,
        fmt::format("looking at {}: found only one of ca.pem and ca.key, expected both or none", folder.string()));
  }
  issued.authority_is_new = !has_certificate;
  const auto authority =
      has_certificate ? read_authority(issued.authority, issued.authority_key) : make_authority(*names, now);
  if (!authority) return tl::unexpected(authority.error());
  const auto server = make_server_certificate(*names, *authority, now);
  if (!server) return tl::unexpected(server.error());
  if (auto good = check(server->certificate.get(), authority->certificate.get(), now); !good) {
    return tl::unexpected(good.error());
  }

  Result<void> done = make_folder(folder);
  if (issued.authority_is_new) {
    if (done) done = write_file(issued.authority_key, pem_of(authority->key.get()), 0600);
    if (done) done = write_file(issued.authority, pem_of(authority->certificate.get()), 0644);
  }
  if (done) done = write_file(issued.key, pem_of(server->key.get()), 0600);
  if (done) done = write_file(issued.certificate, pem_of(server->certificate.get()), 0644);
  if (!done) return tl::unexpected(done.error());
  issued.fingerprint = fingerprint_of(*authority->certificate);
  issued.names = names_of(*server->certificate);
  issued.ends_at = instant_of(X509_get0_notAfter(server->certificate.get())).value_or(now);
  return issued;
}

}  // namespace firegate::api
