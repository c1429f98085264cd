// The check of the journal: every row against its chain, and the chain against the signed checkpoints, with files
// alone, read only, also while the gateway writes. What it finds is said in core/archive.h (JournalFault).
//
// It finds what was changed after it was written: a bit, a row, the end, the whole file. It cannot find what was cut
// together with the file of checkpoints and before either was copied elsewhere (setting `journal: {copy_to}`), nor what
// somebody writes who has the gateway's own key.
#pragma once

#include <filesystem>
#include <functional>

#include "core/archive.h"

namespace firegate::store {

struct JournalFiles {
  std::filesystem::path database, checkpoints, public_key;

  // journal.checkpoints and journal.pub in the folder of the database.
  static JournalFiles beside(const std::filesystem::path& database);
};

// not_found: no database, or checkpoints without a public key; refused: `stop` said so. Some microseconds a row, in
// pieces that hold up neither the writer nor the memory; between them `stop` is asked and `progress` is told.
Result<JournalReport> check_journal(const JournalFiles& files, const std::function<bool()>& stop,
                                    const JournalProgress& progress = {});

}  // namespace firegate::store
