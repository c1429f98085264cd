#include "api/tls_authority.h"

#include "api/openssl_pointers.h"
#include "unit/api/tls_files.h"

namespace firegate::api {
namespace {

using fakes::kMorning;

unsigned mode_of(const std::filesystem::path& path) {
  struct stat found {};
  EXPECT_EQ(::stat(path.c_str(), &found), 0);
  return found.st_mode & 07777;
}

X509Ptr certificate_in(const std::filesystem::path& path) {
  auto read = certificates_from_pem(TlsFiles::read(path), path);
  EXPECT_TRUE(read);
  return std::move(read->front());
}

TEST(TlsAuthority, NobodyElseReadsTheKeys) {
  const TlsFiles files;
  EXPECT_EQ(mode_of(files.key()), 0600u);
  EXPECT_EQ(mode_of(files.folder / "tls/ca.key"), 0600u);
  EXPECT_EQ(mode_of(files.folder / "tls"), 0700u);
}

TEST(TlsAuthority, IsMadeOnceAndThenSignsAnew) {
  const TlsFiles files;
  const auto authority = TlsFiles::read(files.authority()), key = TlsFiles::read(files.folder / "tls/ca.key");
  const auto certificate = TlsFiles::read(files.certificate());
  const auto again = issue_certificate(files.folder / "tls", {{"gate.local"}, {"192.168.1.8"}}, kMorning);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->authority_is_new);
  EXPECT_EQ(TlsFiles::read(files.authority()), authority);
  EXPECT_EQ(TlsFiles::read(files.folder / "tls/ca.key"), key);
  EXPECT_NE(TlsFiles::read(files.certificate()), certificate);
  EXPECT_EQ(again->fingerprint, fingerprint_of(*certificate_in(files.authority())));
}

TEST(TlsAuthority, TheCertificateLastsAtMostWhatPhonesTake) {
  const TlsFiles files;
  const X509Ptr leaf = certificate_in(files.certificate());
  const auto from = instant_of(X509_get0_notBefore(leaf.get())), to = instant_of(X509_get0_notAfter(leaf.get()));
  ASSERT_TRUE(from && to);
  EXPECT_LE(*to - *from, std::chrono::days{825});
  EXPECT_GT(*to, kMorning + std::chrono::days{800});
}

TEST(TlsAuthority, TheCertificateDoesNotOutliveItsAuthority) {
  const TlsFiles files;
  const Instant late = kMorning + std::chrono::days{3500};
  const auto issued = issue_certificate(files.folder / "tls", {{"gate.local"}, {}}, late);
  ASSERT_TRUE(issued) << issued.error().message;
  EXPECT_EQ(issued->ends_at, *instant_of(X509_get0_notAfter(certificate_in(files.authority()).get())));
  const auto over = issue_certificate(files.folder / "tls", {{"gate.local"}, {}}, kMorning + std::chrono::days{3700});
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::refused);
}

TEST(TlsAuthority, CannotVouchForWhatLiesOutsideThisSite) {
  const TlsFiles files;
  const auto before = TlsFiles::read(files.certificate());
  for (const ServerNames& names : {ServerNames{{"bank.example.com"}, {}}, ServerNames{{}, {"203.0.113.7"}}}) {
    const auto issued = issue_certificate(files.folder / "tls", names, kMorning);
    ASSERT_FALSE(issued);
    EXPECT_EQ(issued.error().code, ErrorCode::refused);
    EXPECT_NE(issued.error().message.find("permitted subtree violation"), std::string::npos) << issued.error().message;
  }
  EXPECT_EQ(TlsFiles::read(files.certificate()), before);
}

TEST(TlsAuthority, VouchesForWhatWasAskedWhenItWasMade) {
  const TlsFiles files;
  const auto issued = issue_certificate(files.folder / "other", {{"gate.example.com"}, {"203.0.113.7"}}, kMorning);
  ASSERT_TRUE(issued) << issued.error().message;
  EXPECT_TRUE(issue_certificate(files.folder / "other", {{"gate.example.com"}, {"203.0.113.7"}}, kMorning));
}

TEST(TlsAuthority, HalfAnAuthorityIsNotReplaced) {
  for (const char* lost : {"tls/ca.key", "tls/ca.pem"}) {
    const TlsFiles files;
    std::filesystem::remove(files.folder / lost);
    const auto issued = issue_certificate(files.folder / "tls", {{"gate.local"}, {}}, kMorning);
    ASSERT_FALSE(issued) << lost;
    EXPECT_EQ(issued.error().code, ErrorCode::refused);
    EXPECT_FALSE(std::filesystem::exists(files.folder / lost));
  }
}

TEST(TlsAuthority, AKeyOfAnotherAuthorityIsFound) {
  const TlsFiles files, others;
  TlsFiles::write(files.folder / "tls/ca.key", TlsFiles::read(others.folder / "tls/ca.key"));
  const auto issued = issue_certificate(files.folder / "tls", {{"gate.local"}, {}}, kMorning);
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error().code, ErrorCode::corrupt);
}

TEST(TlsAuthority, RefusesNamesThatAreNone) {
  const TlsFiles files;
  for (const char* name : {"", "a b", "a,IP:1.2.3.4", "*.local", ".local", "gate/", "门"}) {
    EXPECT_FALSE(issue_certificate(files.folder / "new", {{name}, {}}, kMorning)) << name;
  }
  for (const char* address : {"", "1.2.3", "1.2.3.4/8", "gate.local", "1.2.3.4,DNS:evil"}) {
    EXPECT_FALSE(issue_certificate(files.folder / "new", {{}, {address}}, kMorning)) << address;
  }
  EXPECT_FALSE(std::filesystem::exists(files.folder / "new"));
}

TEST(TlsAuthority, FindsTheNamesOfThisMachine) {
  const ServerNames found = names_of_this_machine();
  for (const std::string& address : found.addresses)
    EXPECT_FALSE(address.starts_with("127.") || address == "::1") << address;
}

}  // namespace
}  // namespace firegate::api
