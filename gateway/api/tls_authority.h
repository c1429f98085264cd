// TlsAuthority: the local authority of `firegate tls init` and the server certificate that it signs, for sites without
// a certificate of a public authority. Files: ca.pem, ca.key, server.pem, server.key in one folder, the keys 0600.
//
// The authority is made once, lasts ten years and can vouch for nothing beyond this site: private addresses, local
// names and what was asked for when it was made (name constraints, RFC 5280, section 4.2.1.10), so that whoever steals
// its key cannot pretend to be a bank to the phones that trust it. The server's certificate lasts 825 days, the most
// that iOS takes (support.apple.com/103769), and is made anew at each call.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace firegate::api {

struct ServerNames {
  std::vector<std::string> names;      // DNS
  std::vector<std::string> addresses;  // IP
};

// Host name, with ".local" beside it when it has no domain, and the addresses of every interface but loopback and
// link-local.
ServerNames names_of_this_machine();

struct Issued {
  std::filesystem::path authority, authority_key, certificate, key;
  bool authority_is_new = false;
  std::string fingerprint;  // SHA-256 of the authority, "AB:CD:..."
  std::vector<std::string> names;
  Instant ends_at{};  // of the server's certificate
};

// Makes the authority if there is none, and a certificate for localhost and the names given. Everything is made before
// anything is written. bad_input: a name that is none; refused: one of the authority's files without the other, an
// authority that has ended or cannot vouch for a name; corrupt: its files do not belong together; io_failed.
Result<Issued> issue_certificate(const std::filesystem::path& folder, ServerNames names, Instant now);

}  // namespace firegate::api
