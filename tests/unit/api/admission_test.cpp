#include "api/admission.h"

#include <gtest/gtest.h>

namespace firegate::api {
namespace {

const HostNames kNames{"firegate.local", "192.168.1.7", "fd00::7", "*.example.org"};
const std::vector<std::string> kProxies{"127.0.0.1", "10.0.0.1"};

Request request(std::string method, Headers headers, bool secure = false) {
  Request request;
  request.method = std::move(method);
  request.headers = std::move(headers);
  request.secure = secure;
  return request;
}

TEST(Admission, KnowsItsOwnHosts) {
  for (const char* host :
       {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8443", "firegate.local",
        "Firegate.Local:8443", "192.168.1.7:8443", "[fd00::7]:8443", "a.example.org"}) {
    EXPECT_TRUE(is_own_host(host, kNames)) << host;
  }
}

TEST(Admission, KnowsNoOthers) {
  for (const char* host : {"",
                           "evil.example",
                           "localhost.evil.example",
                           "127.0.0.1.evil.example",
                           "localhost:",
                           "localhost:123456",
                           "localhost:8o",
                           "::1",
                           "[::1",
                           "[::1]x",
                           "firegate.local.evil.example",
                           "xfiregate.local",
                           "192.168.1.70",
                           "a.b.example.org",
                           "example.org",
                           ".example.org",
                           "127.0.0.1@evil.example",
                           "localhost evil",
                           "127.0.0.1:80:80",
                           "0",
                           "127.1",
                           "*.example.org:x"}) {
    EXPECT_FALSE(is_own_host(host, kNames)) << host;
  }
}

TEST(Admission, RefusesAForeignHostWhateverTheMethod) {
  for (const char* method : {"GET", "HEAD", "POST", "DELETE"}) {
    const auto refusal = refuse_stranger(request(method, {{"Host", "evil.example"}}), false, kNames);
    ASSERT_TRUE(refusal) << method;
    EXPECT_EQ(refusal->status, 403);
  }
}

struct OriginCase {
  const char* method;
  const char* host;
  const char* origin;
  bool secure, upgrade, admitted;
};
class Origins : public testing::TestWithParam<OriginCase> {};

TEST_P(Origins, AreOursForWhatChangesSomething) {
  const auto& given = GetParam();
  Headers headers{{"Host", given.host}};
  if (*given.origin) headers.push_back({"Origin", given.origin});
  EXPECT_EQ(!refuse_stranger(request(given.method, headers, given.secure), given.upgrade, kNames), given.admitted)
      << given.method << " " << given.host << " " << given.origin;
}
INSTANTIATE_TEST_SUITE_P(
    Table, Origins,
    testing::Values(OriginCase{"POST", "firegate.local:8443", "https://firegate.local:8443", true, false, true},
                    OriginCase{"POST", "127.0.0.1:8080", "http://127.0.0.1:8080", false, false, true},
                    OriginCase{"POST", "127.0.0.1:8080", "", false, false, true},
                    OriginCase{"GET", "127.0.0.1:8080", "http://evil.example", false, false, true},
                    OriginCase{"GET", "127.0.0.1:8080", "http://evil.example", false, true, false},
                    OriginCase{"GET", "127.0.0.1:8080", "http://127.0.0.1:8080", false, true, true},
                    OriginCase{"POST", "firegate.local:8443", "http://firegate.local:8443", true, false, false},
                    OriginCase{"POST", "127.0.0.1:8080", "https://127.0.0.1:8080", false, false, false},
                    OriginCase{"POST", "127.0.0.1:8080", "http://127.0.0.1:8081", false, false, false},
                    OriginCase{"POST", "127.0.0.1:8080", "http://127.0.0.1:8080.evil.example", false, false, false},
                    OriginCase{"POST", "127.0.0.1:8080", "http://localhost:8080", false, false, false},
                    OriginCase{"POST", "127.0.0.1:8080", "null", false, false, false},
                    OriginCase{"PUT", "127.0.0.1:8080", "http://evil.example", false, false, false},
                    OriginCase{"PATCH", "127.0.0.1:8080", "http://evil.example", false, false, false},
                    OriginCase{"DELETE", "127.0.0.1:8080", "http://evil.example", false, false, false},
                    OriginCase{"FOO", "127.0.0.1:8080", "http://evil.example", false, false, false}));

TEST(Admission, TheUnixSocketNeedsNeither) {
  Request local = request("POST", {{"Host", "whatever"}, {"Origin", "http://evil.example"}});
  local.local_uid = 0;
  EXPECT_FALSE(refuse_stranger(local, true, {}));
}

struct ForwardedCase {
  const char* peer;
  const char* forwarded_for;
  const char* proto;
  const char* address;
  bool secure;
};
class Forwarded : public testing::TestWithParam<ForwardedCase> {};

TEST_P(Forwarded, IsBelievedOfTrustedProxiesOnly) {
  const auto& given = GetParam();
  Request asked = request("GET", {{"X-Forwarded-For", given.forwarded_for}, {"X-Forwarded-Proto", given.proto}});
  set_origin(asked, {given.peer, true, false, std::nullopt}, kProxies);
  EXPECT_EQ(asked.address, given.address);
  EXPECT_EQ(asked.secure, given.secure);
}
INSTANTIATE_TEST_SUITE_P(Table, Forwarded,
                         testing::Values(ForwardedCase{"127.0.0.1", "192.0.2.9", "https", "192.0.2.9", true},
                                         ForwardedCase{"127.0.0.1", "6.6.6.6, 192.0.2.9", "https", "192.0.2.9", true},
                                         ForwardedCase{"127.0.0.1", "6.6.6.6,192.0.2.9,10.0.0.1", "http", "192.0.2.9",
                                                       false},
                                         ForwardedCase{"127.0.0.1", "192.0.2.9, nonsense", "https", "unknown", true},
                                         ForwardedCase{"127.0.0.1", "local", "", "unknown", false},
                                         ForwardedCase{"127.0.0.1", "", "", "unknown", false},
                                         ForwardedCase{"127.0.0.1", "2001:db8::9", "HTTPS", "2001:db8::9", true},
                                         ForwardedCase{"127.0.0.1", "127.0.0.1", "https", "unknown", true},
                                         ForwardedCase{"10.0.0.1", "127.0.0.1", "https", "unknown", true},
                                         ForwardedCase{"10.0.0.1", "127.0.0.9", "https", "unknown", true},
                                         ForwardedCase{"10.0.0.1", "0:0:0:0:0:0:0:1", "https", "unknown", true},
                                         ForwardedCase{"10.0.0.1", "::ffff:127.0.0.1", "https", "unknown", true},
                                         ForwardedCase{"10.0.0.1", "::ffff:192.0.2.9", "https", "192.0.2.9", true},
                                         ForwardedCase{"10.0.0.1", "2001:DB8:0::9", "https", "2001:db8::9", true},
                                         ForwardedCase{"192.0.2.1", "127.0.0.1", "https", "192.0.2.1", false}));

TEST(Admission, AddsUpEveryForwardedHeader) {
  Request asked = request("GET", {{"X-Forwarded-For", "6.6.6.6"}, {"x-forwarded-for", "192.0.2.9"}});
  set_origin(asked, {"127.0.0.1", true, false, std::nullopt}, kProxies);
  EXPECT_EQ(asked.address, "192.0.2.9");
}

TEST(Admission, AProxyOnThisMachineThatNobodyListedIsRefused) {
  const Request asked = request("GET", {{"X-Forwarded-For", "192.0.2.9"}});
  const Peer here{"127.0.0.1", true, false, std::nullopt};
  EXPECT_TRUE(refuse_unknown_proxy(asked, here, {}));
  EXPECT_FALSE(refuse_unknown_proxy(asked, here, kProxies));
  EXPECT_FALSE(refuse_unknown_proxy(request("GET", {}), here, {}));
}

TEST(Admission, APeerOfTheUnixSocketIsWhoTheKernelSays) {
  Request asked = request("GET", {{"X-Forwarded-For", "192.0.2.9"}});
  set_origin(asked, {"local", true, false, 1000u}, kProxies);
  EXPECT_EQ(asked.address, "local");
  EXPECT_EQ(asked.local_uid, 1000u);
}

}  // namespace
}  // namespace firegate::api
