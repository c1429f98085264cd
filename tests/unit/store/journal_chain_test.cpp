#include "store/journal_chain.h"

#include "unit/store/journal_support.h"

namespace firegate::store {
namespace {

using namespace store_test;

// Computed apart, by Python's hashlib.blake2b(digest_size=32) over the form that the header describes.
TEST(Chain, HashIsTheOneOfTheDescribedForm) {
  EXPECT_EQ(to_hex(chain_hash(kBeforeTheFirst, 7, entry(5))),
            "a77014f6791c22bc4a69a9b4392743bfe3b1fefe33a9293a34e030dbf2e85f6a");
  EXPECT_EQ(to_hex(chain_hash(chain_hash(kBeforeTheFirst, 7, entry(5)), 8, JournalEntry{})),
            "31caa4d2b3a6e5f39cac28cfd35052cb8d9ce02fbb862f278eb1c2f6e4f26492");
}

TEST(Chain, EveryFieldCounts) {
  const ChainHash before = chain_hash(kBeforeTheFirst, 1, entry(1));
  std::set<std::string> hashes{to_hex(chain_hash(before, 7, entry(5))), to_hex(chain_hash(before, 8, entry(5))),
                               to_hex(chain_hash(kBeforeTheFirst, 7, entry(5)))};
  JournalEntry changed = entry(5);
  changed.at += Millis{1};
  hashes.insert(to_hex(chain_hash(before, 7, changed)));
  changed = entry(5);
  changed.alarm = AlarmId{6};
  hashes.insert(to_hex(chain_hash(before, 7, changed)));
  for (const auto field :
       {&JournalEntry::kind, &JournalEntry::subject, &JournalEntry::from, &JournalEntry::to, &JournalEntry::who,
        &JournalEntry::post, &JournalEntry::why, &JournalEntry::name, &JournalEntry::address}) {
    changed = entry(5);
    changed.*field += ' ';
    hashes.insert(to_hex(chain_hash(before, 7, changed)));
  }
  EXPECT_EQ(hashes.size(), 14u);
}

TEST(Chain, TextMovedFromOneFieldToTheNextIsAnotherRow) {
  JournalEntry one, other;
  one.from = "ab";
  other.from = "a";
  other.to = "b";
  EXPECT_NE(chain_hash(kBeforeTheFirst, 1, one), chain_hash(kBeforeTheFirst, 1, other));
}

TEST(Chain, HexIsReadInOneFormOnly) {
  const std::string text = to_hex(chain_hash(kBeforeTheFirst, 1, entry(1)));
  EXPECT_EQ(to_hex(*chain_hash_from_hex(text)), text);
  for (const std::string& wrong :
       {text.substr(1), text + "0", "G" + text.substr(1), "A" + text.substr(1), std::string()}) {
    EXPECT_FALSE(chain_hash_from_hex(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace firegate::store
