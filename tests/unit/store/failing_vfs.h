// A disk that fails on demand: an SQLite VFS over the real one. From its construction to its end every connection of
// the process that is opened goes through it. `fail` chooses which calls fail; everything else reaches the real disk,
// the bytes of a commit whose sync "failed" included: as after a real EIO nobody can tell what is in the file.
#pragma once

#include <sqlite3.h>

#include <mutex>
#include <string>
#include <string_view>

namespace firegate::store_test {

class FailingVfs {
 public:
  enum class Call { sync, write, truncate };

  FailingVfs() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    vfs_.zName = "failing";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.pAppData = this;
    vfs_.xOpen = &open;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FailingVfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  FailingVfs(const FailingVfs&) = delete;
  FailingVfs& operator=(const FailingVfs&) = delete;

  // Of the calls from now on, the `first`-th (from 1) and the `count` - 1 after it fail with `code`.
  void fail(Call call, int code, long first = 1, long count = kForEver) {
    const std::lock_guard lock(mutex_);
    failing_ = {call, code, first, count};
    calls_ = failed_ = 0;
  }
  void recover() { fail(Call::sync, SQLITE_OK, 1, 0); }
  long failed() const {  // calls since `fail`
    const std::lock_guard lock(mutex_);
    return failed_;
  }

  static constexpr long kForEver = 1'000'000;

 private:
  struct File {
    sqlite3_file base;
    FailingVfs* vfs;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }  // szOsFile has room for it
  };
  struct Failing {
    Call call = Call::sync;
    int code = SQLITE_OK;
    long first = 1, count = 0;
  };

  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

  int judge(Call call) {
    const std::lock_guard lock(mutex_);
    if (call != failing_.call) return SQLITE_OK;
    const long number = ++calls_;
    if (number < failing_.first || number >= failing_.first + failing_.count) return SQLITE_OK;
    ++failed_;
    return failing_.code;
  }

  template <auto Method, typename Answer, typename... Arguments>
  static Answer pass_on(sqlite3_file* file, Arguments... arguments) {
    sqlite3_file* real = of(file).real();
    return (real->pMethods->*Method)(real, arguments...);
  }
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
    const int failure = of(file).vfs->judge(Call::write);
    return failure ? failure : pass_on<&sqlite3_io_methods::xWrite, int>(file, data, size, at);
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int failure = of(file).vfs->judge(Call::truncate);
    return failure ? failure : pass_on<&sqlite3_io_methods::xTruncate, int>(file, size);
  }
  // The real disk is not waited for: no test pulls the plug.
  static int sync(sqlite3_file* file, int) { return of(file).vfs->judge(Call::sync); }

  static const sqlite3_io_methods& methods() {
    using Io = sqlite3_io_methods;
    static const Io all = [] {
      Io io{};
      io.iVersion = 2;  // shared memory for the WAL; no memory mapping
      io.xClose = pass_on<&Io::xClose>;
      io.xRead = pass_on<&Io::xRead>;
      io.xWrite = &write;
      io.xTruncate = &truncate;
      io.xSync = &sync;
      io.xFileSize = pass_on<&Io::xFileSize>;
      io.xLock = pass_on<&Io::xLock>;
      io.xUnlock = pass_on<&Io::xUnlock>;
      io.xCheckReservedLock = pass_on<&Io::xCheckReservedLock>;
      io.xFileControl = pass_on<&Io::xFileControl>;
      io.xSectorSize = pass_on<&Io::xSectorSize>;
      io.xDeviceCharacteristics = pass_on<&Io::xDeviceCharacteristics>;
      io.xShmMap = pass_on<&Io::xShmMap>;
      io.xShmLock = pass_on<&Io::xShmLock>;
      io.xShmBarrier = pass_on<&Io::xShmBarrier>;
      io.xShmUnmap = pass_on<&Io::xShmUnmap>;
      return io;
    }();
    return all;
  }
  static int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* opened, int flags, int* flags_out) {
    File& file = of(opened);
    file.vfs = static_cast<FailingVfs*>(vfs->pAppData);
    sqlite3_vfs* real = file.vfs->real_;
    const int status = real->xOpen(real, name, file.real(), flags, flags_out);
    file.base.pMethods = file.real()->pMethods ? &methods() : nullptr;
    return status;
  }

  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_;
  mutable std::mutex mutex_;  // guards what follows
  Failing failing_;
  long calls_ = 0, failed_ = 0;
};

}  // namespace firegate::store_test
