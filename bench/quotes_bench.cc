// Quotes a second as a TD gets them: through configfs-tsm, which the simulator shows with FUSE, and
// from a quote generation service on a Unix socket. Both against the simulator's own making of a
// TDREPORT and a quote of it, which is part of both.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <thread>

#include "src/simulator/mount_testing.h"
#include "src/simulator/qgs_server.h"
#include "src/td/linux_td.h"

namespace quoin::bench {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// A service on a socket, from the constructor to the destructor.
class Service {
 public:
  Service(td::Td& td, const std::string& path)
      : server_(simulator::QgsServer::listen_unix(path).value()) {
    require(pipe(stop_.data()) == 0);
    thread_ = std::thread([this, &td] { server_.serve(td, faults_, stop_[0]); });
  }
  ~Service() {
    require(write(stop_[1], "s", 1) == 1);
    thread_.join();
    for (const int end : stop_) close(end);
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  const std::string& address() const { return server_.address(); }

 private:
  simulator::QgsServer server_;
  simulator::Faults faults_;
  std::array<int, 2> stop_{};
  std::thread thread_;
};

// One TD for all: the process that serves its files is forked before there are threads.
simulator::MountedTd& mounted() {
  static simulator::MountedTd td;
  return td;
}

void measure(benchmark::State& state, td::Td& td) {
  ByteArray<td::kReportDataBytes> report_data{};
  for (auto iteration : state) {
    static_cast<void>(iteration);
    ++report_data[0];
    require(td.quote(report_data).ok());
  }
}

bool is_possible(benchmark::State& state) {
  if (simulator::MountedTd::is_possible()) return true;
  state.SkipWithError(simulator::MountedTd::kWhyNot);
  return false;
}

void raw(benchmark::State& state) {
  if (is_possible(state)) measure(state, mounted().td());
}

td::LinuxTdOptions options_for(td::QuoteWay way) {
  td::LinuxTdOptions options;
  options.paths = td::LinuxPaths::under(mounted().root());
  options.quote_ways = {way};
  return options;
}

void tsm(benchmark::State& state) {
  if (!is_possible(state)) return;
  td::LinuxTd td(options_for(td::QuoteWay::tsm));
  measure(state, td);
}

void qgs(benchmark::State& state) {
  if (!is_possible(state)) return;
  td::LinuxTdOptions options = options_for(td::QuoteWay::qgs);
  const simulator::TestDirectory directory;
  const Service service(mounted().td(), (directory.path() / "qgs").string());
  options.qgs = td::parse_qgs_address(service.address()).value();
  td::LinuxTd td(options);
  measure(state, td);
}

// By the clock on the wall: the other side is another process, or another thread.
BENCHMARK(raw)->Name("quotes.raw")->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(tsm)->Name("quotes.tsm")->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(qgs)->Name("quotes.qgs")->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace quoin::bench
