#include "api/tls.h"

#include <openssl/pem.h>
#include <sys/resource.h>

#include <functional>

#include "api/openssl_pointers.h"
#include "api/reach.h"
#include "unit/api/tls_files.h"

namespace firegate::api {
namespace {

using fakes::kMorning;

Result<TlsPairPtr> load(const TlsFiles& files, Instant now = kMorning, TlsPair::Ended ended = TlsPair::Ended::refused) {
  return TlsPair::load(files.certificate(), files.key(), now, ended);
}

TEST(Tls, ReadsWhatTheAuthorityMade) {
  const TlsFiles files;
  const auto pair = load(files);
  ASSERT_TRUE(pair) << pair.error().message;
  EXPECT_EQ((*pair)->names(), (std::vector<std::string>{"gate.local", "localhost", "192.168.1.7", "127.0.0.1", "::1"}));
  EXPECT_EQ((*pair)->ends_at(), kMorning - std::chrono::days{1} + std::chrono::days{825});
  ASSERT_TRUE((*pair)->authority());
  EXPECT_EQ((*pair)->authority()->fingerprint.size(), 32u * 3 - 1);
}

TEST(Tls, AnotherSitesAuthorityIsNotHandedOut) {
  const TlsFiles files, others;
  std::filesystem::copy_file(others.authority(), files.authority(), std::filesystem::copy_options::overwrite_existing);
  const auto pair = load(files);
  ASSERT_TRUE(pair);
  EXPECT_FALSE((*pair)->authority());
}

struct Damage {
  const char* name;
  std::function<void(const TlsFiles&)> make;
  const char* said;
};
class BrokenPair : public testing::TestWithParam<Damage> {};

TEST_P(BrokenPair, IsRefusedWithWhatIsWrong) {
  const TlsFiles files;
  GetParam().make(files);
  const auto pair = load(files);
  ASSERT_FALSE(pair);
  EXPECT_NE(pair.error().message.find(GetParam().said), std::string::npos) << pair.error().message;
  EXPECT_NE(pair.error().message.find(files.folder.string()), std::string::npos) << pair.error().message;
}

void seal(const std::filesystem::path& file) {
  const auto key = key_from_pem(TlsFiles::read(file), file);
  ASSERT_TRUE(key);
  const BioPtr out(BIO_new_file(file.c_str(), "w"));
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(out.get(), key->get(), EVP_aes_256_cbc(), "secret", 6, nullptr, nullptr), 1);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BrokenPair,
    testing::Values(
        Damage{"absent", [](const TlsFiles& f) { std::filesystem::remove(f.certificate()); }, "opening"},
        Damage{"empty", [](const TlsFiles& f) { TlsFiles::write(f.certificate(), ""); }, "no whole certificate"},
        Damage{"comments", [](const TlsFiles& f) { TlsFiles::write(f.certificate(), "# later\n"); },
               "no whole certificate"},
        Damage{
            "truncated",
            [](const TlsFiles& f) { TlsFiles::write(f.certificate(), TlsFiles::read(f.certificate()).substr(0, 400)); },
            "no whole certificate"},
        Damage{"folder",
               [](const TlsFiles& f) {
                 std::filesystem::remove(f.certificate());
                 std::filesystem::create_directory(f.certificate());
               },
               "reading"},
        Damage{"key_absent", [](const TlsFiles& f) { std::filesystem::remove(f.key()); }, "opening"},
        Damage{"key_is_a_certificate",
               [](const TlsFiles& f) { TlsFiles::write(f.key(), TlsFiles::read(f.certificate())); }, "no key"},
        Damage{"key_of_another",
               [](const TlsFiles& f) {
                 const TlsFiles other;
                 TlsFiles::write(f.key(), TlsFiles::read(other.key()));
               },
               "another certificate"},
        Damage{"key_with_password", [](const TlsFiles& f) { seal(f.key()); }, "without a password"},
        Damage{"key_for_everybody", [](const TlsFiles& f) { ::chmod(f.key().c_str(), 0644); }, "chmod 600"},
        Damage{"ended",
               [](const TlsFiles& f) {
                 std::filesystem::remove_all(f.folder / "tls");
                 const auto old =
                     issue_certificate(f.folder / "tls", {{"gate.local"}, {}}, kMorning - std::chrono::days{900});
                 ASSERT_TRUE(old);
               },
               "expected one for 2026-11-22"},
        Damage{"not_yet",
               [](const TlsFiles& f) {
                 std::filesystem::remove_all(f.folder / "tls");
                 const auto early =
                     issue_certificate(f.folder / "tls", {{"gate.local"}, {}}, kMorning + std::chrono::days{3});
                 ASSERT_TRUE(early);
               },
               "expected one for 2026-11-22"}),
    [](const auto& each) { return each.param.name; });

TEST(Tls, AnEndedPairServesAGatewayThatStarts) {
  const TlsFiles files;
  const auto pair = load(files, kMorning + std::chrono::days{900}, TlsPair::Ended::taken);
  ASSERT_TRUE(pair);
  EXPECT_LT((*pair)->ends_at(), kMorning + std::chrono::days{900});
}

TEST(Tls, WithoutADescriptorItSaysSo) {
  const TlsFiles files;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto pair = load(files);
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(pair);
  EXPECT_EQ(pair.error().code, ErrorCode::io_failed);
  EXPECT_TRUE(load(files));
}

TEST(Reach, SendsAPhoneToAnAddressItCanReach) {
  const TlsFiles files;
  const auto pair = load(files);
  ASSERT_TRUE(pair);
  const Reach reach = reach_of({"gate.example.org"}, pair->get(), 8443);
  EXPECT_EQ(reach.phone_page, "https://192.168.1.7:8443/ca");
  EXPECT_TRUE(is_own_host("gate.example.org:8443", reach.names));
  EXPECT_TRUE(is_own_host("gate.local:8443", reach.names));
  EXPECT_TRUE(reach_of({}, nullptr, 0).phone_page.empty());
}

}  // namespace
}  // namespace firegate::api
