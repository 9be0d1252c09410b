// A simulated TD's files, really mounted, for tests of what asks a TD. Linux, root, and /dev/fuse.

#ifndef QUOIN_SRC_SIMULATOR_MOUNT_TESTING_H_
#define QUOIN_SRC_SIMULATOR_MOUNT_TESTING_H_

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "src/simulator/directory_testing.h"
#include "src/simulator/mount.h"
#include "src/simulator/simulated_td.h"
#include "src/simulator/state.h"

namespace quoin::simulator {

struct MountedTdSettings {
  std::vector<std::string> faults = {};  // as quoin sim mount --fault has them
  std::chrono::milliseconds quote_timeout = TsmReports::kQuoteTimeout;
  SoftwareTd td = default_software_td("6d6f756e-7465-4d00-8000-000000000000");
};

// A TD of the test's own, mounted by a process of the test's own from the constructor to the
// destructor. To be made before the test starts threads. Ends the process when it does not work.
//
//   if (!MountedTd::is_possible()) GTEST_SKIP() << MountedTd::kWhyNot;
//   MountedTd mounted({.faults = {"outblob-eio=1"}});
//   LinuxTd td(LinuxPaths::under(mounted.root()));
class MountedTd {
 public:
  static constexpr const char* kWhyNot =
      "NOTHING IS MOUNTED: this needs root and /dev/fuse, which are not here";
  static bool is_possible() { return geteuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0; }

  explicit MountedTd(const MountedTdSettings& settings = {}) {
    std::filesystem::create_directory(root_);
    require(store_.create(kDefaultTd, settings.td), "create");
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    child_ = fork();
    if (child_ == 0) {
      close(ends[0]);
      serve(settings, ends[1]);
    }
    close(ends[1]);
    char ready = 0;
    if (read(ends[0], &ready, 1) != 1) require(Error{ErrorCode::io, "no mount"}, "mount");
    close(ends[0]);
  }
  ~MountedTd() {
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
    // What a server that was killed leaves; nothing else is mounted there.
    umount2(root_.c_str(), MNT_DETACH);
  }
  MountedTd(const MountedTd&) = delete;
  MountedTd& operator=(const MountedTd&) = delete;

  // Below it stand dev/tdx_guest, sys/kernel/config/tsm/report and so on.
  const std::filesystem::path& root() const { return root_; }
  pid_t server() const { return child_; }
  // The same TD, asked without the mount.
  SimulatedTd& td() { return td_; }
  TdStore& store() { return store_; }
  // What verifies its quotes from that time on.
  Bytes collateral(UtcTime issued) const { return Platform(seed(), issued).collateral_bundle(); }
  // The platform's root certificate, in DER: what verifies its quotes.
  Bytes root_certificate() const { return Bytes(platform_root_.begin(), platform_root_.end()); }

 private:
  static void require(const Result<void>& result, const char* what) {
    if (result.ok()) return;
    std::fprintf(stderr, "MountedTd: %s: %s\n", what, result.error().what.c_str());
    std::abort();
  }

  static TdStore make_store(const std::string& state) {
    init_state(state, false).value();
    return TdStore::open(state, false).value();
  }

  Seed seed() const { return load_state(state_, false).value(); }

  [[noreturn]] void serve(const MountedTdSettings& settings, int ready) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    Faults faults;
    for (const std::string& fault : settings.faults) require(faults.add(fault), "fault");
    Result<std::unique_ptr<GuestTree>> tree =
        GuestTree::make(td_, faults, mount_time(), settings.quote_timeout);
    if (!tree.ok()) require(tree.error(), "tree");
    const auto mounted = [ready] {
      if (write(ready, "m", 1) != 1) std::abort();
    };
    require(serve_mount(**tree, root_.string(), mounted), "serve");
    _exit(0);
  }

  TestDirectory directory_;
  std::filesystem::path root_ = directory_.path() / "root";
  std::string state_ = (directory_.path() / "simulator").string();
  TdStore store_ = make_store(state_);
  SimulatedTd td_{seed(), store_, std::string(kDefaultTd)};
  Bytes platform_root_ = [this] {
    const Platform platform(seed(), UtcTime{});
    return Bytes(platform.root_certificate().begin(), platform.root_certificate().end());
  }();
  pid_t child_ = -1;
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_MOUNT_TESTING_H_
