// Owners of OpenSSL's objects, what its error queue says, and PEM. Private to the TLS units of this folder.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace firegate::api {

template <auto free_function>
struct FreedBy {
  template <typename T>
  void operator()(T* object) const noexcept {
    free_function(object);
  }
};
using BioPtr = std::unique_ptr<BIO, FreedBy<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, FreedBy<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;

// The first error in OpenSSL's queue, in its words; empties the queue.
std::string openssl_error();

// A small file as it is. io_failed: cannot be opened or read; bad_input: over 1 MiB.
Result<std::string> read_small_file(const std::filesystem::path& path);

// bad_input names the file. A key with a password is refused: there is nobody to ask.
Result<std::vector<X509Ptr>> certificates_from_pem(std::string_view pem, const std::filesystem::path& file);
Result<KeyPtr> key_from_pem(std::string_view pem, const std::filesystem::path& file);

std::string fingerprint_of(X509& certificate);  // SHA-256, "AB:CD:..."
std::string der_of(X509& certificate);
std::vector<std::string> names_of(X509& certificate);  // subjectAltName: DNS names and addresses
std::optional<Instant> instant_of(const ASN1_TIME* time);

}  // namespace firegate::api
