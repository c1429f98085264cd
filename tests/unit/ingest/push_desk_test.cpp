#include "ingest/push_desk.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/mount.h>

#include <fstream>

#include "ingest/push_signature.h"
#include "unit/ingest/fixtures.h"

namespace firegate::ingest {
namespace {

constexpr std::string_view kSecret = "correct horse battery";
constexpr std::string_view kBody = R"({"readings":{"smoke":true}})";

std::string hex_hmac(std::string_view secret, std::string_view text) {
  std::array<unsigned char, 32> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string signed_with(std::string_view secret, std::int64_t seconds, std::string_view nonce, std::string_view body) {
  return fmt::format("t={},n={},v1={}", seconds, nonce,
                     hex_hmac(secret, fmt::format("{}.{}.{}", seconds, nonce, body)));
}

TEST(PushSignature, IsTheOneOfTheDescription) {
  // printf '1700000000.abcdefgh.{}' | openssl dgst -sha256 -hmac 'correct horse battery'
  const auto signature = PushSignature::parse(
      "t=1700000000,n=abcdefgh,v1=4ae5841fbc9923926a2978a6f23a37eec0dede46319865cf445db8b71795d375");
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->seconds, 1'700'000'000);
  EXPECT_EQ(signature->nonce, "abcdefgh");
  EXPECT_TRUE(signature->proves(kSecret, "{}"));
  EXPECT_FALSE(signature->proves(kSecret, "{ }"));
  EXPECT_FALSE(signature->proves("correct horse batterz", "{}"));
}

TEST(PushSignature, RefusesEveryOtherForm) {
  const std::string digest(64, 'a');
  ASSERT_TRUE(PushSignature::parse("t=1,n=abcdefgh,v1=" + digest));
  for (const std::string& text :
       {std::string(), "t=1,n=abcdefgh,v1=" + digest + ",", "t=1,n=abcdefg,v1=" + digest,
        "t=1,n=abcdefgh,v1=" + digest + "a", "t=,n=abcdefgh,v1=" + digest, "t=1x,n=abcdefgh,v1=" + digest,
        "t=99999999999999999999,n=abcdefgh,v1=" + digest, "n=abcdefgh,t=1,v1=" + digest, "t=1,n=abc efgh,v1=" + digest,
        "t=1,n=abcdefgh,v1=" + digest + ",v1=" + digest, "t=1,n=" + std::string(65, 'n') + ",v1=" + digest,
        "t=1,v1=" + digest}) {
    EXPECT_FALSE(PushSignature::parse(text)) << text;
  }
}

class PushDeskTest : public testing::Test {
 protected:
  PushDeskTest() {
    settings_.folder = folder_.path() / "inbox";
    settings_.segment_bytes = 256 * 1024;
  }

  void open() {
    auto opened = Inbox::open(settings_, 0, clock_, metrics_, faults_);
    ASSERT_TRUE(opened) << opened.error().message;
    inbox_ = std::move(*opened);
    PushSettings push;
    for (const PushProof proof : {PushProof::signature, PushProof::bearer, PushProof::address}) {
      PushSource source;
      source.source = label(proof);
      source.topic = std::string(label(proof)) + "/push";
      source.secret = kSecret;
      source.proof = proof;
      push.sources.push_back(source);
    }
    desk_ = std::make_unique<PushDesk>(push, *inbox_, clock_);
  }

  std::int64_t seconds() const {
    return std::chrono::floor<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
  }

  // What was said at last; "taken", or the reason.
  std::string answer_to(const Push& push) {
    const auto answer = std::make_shared<std::atomic<int>>(-2);
    desk_->take(push, [answer](std::optional<PushRefusal> why) { *answer = why ? static_cast<int>(*why) : -1; });
    EXPECT_TRUE(eventually([answer] { return *answer != -2; }));
    return *answer == -1 ? "taken" : std::string(label(static_cast<PushRefusal>(answer->load())));
  }
  std::string push(std::string_view signature, std::string_view body = kBody) {
    Push push;
    push.source = "signature";
    push.signature = signature;
    push.body = body;
    return answer_to(push);
  }
  std::string push_secret(std::string_view source, std::string_view secret, bool is_private = true) {
    Push push;
    push.source = source;
    push.body = kBody;
    push.is_private = is_private;
    if (source == "bearer") push.bearer = secret;
    if (source == "address") push.secret = secret;
    return answer_to(push);
  }

  TestFolder folder_;
  TestClock clock_;
  FaultList faults_;
  metrics::Metrics metrics_;
  InboxSettings settings_;
  std::unique_ptr<Inbox> inbox_;
  std::unique_ptr<PushDesk> desk_;
};

TEST_F(PushDeskTest, PutsTheBodyOnTheTopicOfTheSourceAndOnDisk) {
  open();
  EXPECT_EQ(push(signed_with(kSecret, seconds(), "nonce-01", kBody)), "taken");
  EXPECT_EQ(inbox_->synced_up_to(), 1U) << "taken means on disk";
  InboxReader reader(*inbox_, 1);
  InboxBatch batch;
  ASSERT_TRUE(reader.next(batch, Millis{1000}));
  ASSERT_EQ(batch.messages().size(), 1U);
  EXPECT_EQ(batch.messages()[0].topic, "signature/push");
  EXPECT_EQ(batch.messages()[0].payload, kBody);
  EXPECT_EQ(batch.messages()[0].arrived_at, clock_.now());
}

TEST_F(PushDeskTest, RefusesWhatIsNotProved) {
  open();
  EXPECT_EQ(push(""), "push_unproved");
  EXPECT_EQ(push(signed_with("another secret of some length", seconds(), "nonce-01", kBody)), "push_unproved");
  EXPECT_EQ(push(signed_with(kSecret, seconds(), "nonce-01", "tampered")), "push_unproved");
  EXPECT_EQ(push_secret("bearer", "wrong"), "push_unproved");
  EXPECT_EQ(push_secret("bearer", ""), "push_unproved");
  EXPECT_EQ(push_secret("nobody", kSecret), "push_unknown_source");
  EXPECT_EQ(inbox_->last(), 0U) << "nothing of it is in the inbox";
}

TEST_F(PushDeskTest, TakesASignatureOnceAndWithinFiveMinutes) {
  open();
  const std::string now = signed_with(kSecret, seconds(), "nonce-01", kBody);
  EXPECT_EQ(push(now), "taken");
  EXPECT_EQ(push(now), "push_replayed");
  EXPECT_EQ(push(signed_with(kSecret, seconds() - 300, "nonce-02", kBody)), "taken");
  EXPECT_EQ(push(signed_with(kSecret, seconds() + 300, "nonce-03", kBody)), "taken");
  EXPECT_EQ(push(signed_with(kSecret, seconds() - 301, "nonce-04", kBody)), "push_clock_off");
  EXPECT_EQ(push(signed_with(kSecret, seconds() + 301, "nonce-05", kBody)), "push_clock_off");
  EXPECT_EQ(push(signed_with(kSecret, INT64_MAX, "nonce-06", kBody)), "push_clock_off");
  EXPECT_EQ(push(signed_with(kSecret, INT64_MIN, "nonce-07", kBody)), "push_clock_off");
  clock_.advance(std::chrono::seconds{599});
  EXPECT_EQ(push(signed_with(kSecret, seconds() - 299, "nonce-03", kBody)), "push_replayed")
      << "as long as its time counts";
}

TEST_F(PushDeskTest, TakesASecretInPrivateOnly) {
  open();
  EXPECT_EQ(push_secret("bearer", kSecret), "taken");
  EXPECT_EQ(push_secret("address", kSecret), "taken");
  EXPECT_EQ(push_secret("bearer", kSecret), "taken") << "a secret tells no repeat from a new message";
  EXPECT_EQ(push_secret("bearer", kSecret, false), "push_not_private");
  EXPECT_EQ(push_secret("address", kSecret, false), "push_not_private");
}

// Where this user may mount.
TEST_F(PushDeskTest, SaysThatAFullInboxTookNothingAndTakesItLater) {
  const auto disk = folder_.path() / "disk";
  std::filesystem::create_directories(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=768k") != 0)
    GTEST_SKIP() << "mounting a small file system needs root";
  settings_.folder = disk / "inbox";
  open();
  std::ofstream filler(disk / "filler", std::ios::binary);
  while (filler << std::string(4096, 'f') << std::flush) {
  }
  const std::string body(4000, 'b');
  while (inbox_->append("t", body, false, false, clock_.now())) {
  }
  const std::string signature = signed_with(kSecret, seconds(), "nonce-01", body);
  EXPECT_EQ(push(signature, body), "push_not_stored");
  filler.close();
  std::filesystem::remove(disk / "filler");
  EXPECT_TRUE(eventually([&] { return push(signature, body) == "taken"; })) << "its nonce was not used up";
  desk_.reset();
  inbox_.reset();
  ::umount(disk.c_str());
}

TEST(PushSettings, FindsWhatIsWrong) {
  const TestFolder folder;
  const auto write = [&folder](std::string_view name, std::string_view text) {
    std::ofstream(folder.path() / name) << text;
    return (folder.path() / name).string();
  };
  const auto scalar = [](std::string text) {
    auto node = std::make_shared<ConfigNode>();
    node->type = ConfigNode::Type::scalar;
    node->scalar = std::move(text);
    return node;
  };
  const auto entry = [&scalar](std::string source, std::string file, std::string proof) {
    auto node = std::make_shared<ConfigNode>();
    node->type = ConfigNode::Type::map;
    node->members = {{"source", {}, scalar(std::move(source))},
                     {"secret_file", {}, scalar(std::move(file))},
                     {"proof", {}, scalar(std::move(proof))}};
    return node;
  };
  const std::string good = write("good", " 0123456789abcdef\n"), shorter = write("short", "0123456789abcde\n");
  ConfigNode list;
  list.type = ConfigNode::Type::list;
  list.items = {entry("a", good, "bearer"), entry("a", good, "signature"), entry("b", shorter, "signature"),
                entry("c", "/nowhere", "address"), entry("d", good, "trust")};
  Problems problems;
  const PushSettings settings = PushSettings::parse(&list, problems);
  ASSERT_EQ(settings.sources.size(), 5U);
  EXPECT_EQ(settings.sources[0].secret, "0123456789abcdef");
  EXPECT_EQ(settings.sources[0].proof, PushProof::bearer);
  std::vector<ProblemCode> codes;
  for (const Problem& problem : problems.list()) codes.push_back(problem.code);
  EXPECT_EQ(codes, (std::vector{ProblemCode::E109_duplicate_id, ProblemCode::E107_out_of_range,
                                ProblemCode::E101_unreadable_file, ProblemCode::E108_not_in_list}));
}

}  // namespace
}  // namespace firegate::ingest
