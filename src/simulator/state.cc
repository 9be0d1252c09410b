#include "src/simulator/state.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "quoin/bytes.h"
#include "src/base/try.h"
#include "src/crypto/random.h"
#include "src/simulator/certificate_writer.h"
#include "src/simulator/pki.h"
#include "src/simulator/private_files.h"
#include "src/x509/pem.h"

namespace quoin::simulator {
namespace {

constexpr const char* kSeedFile = "seed";
constexpr const char* kRootFile = "root.pem";

Result<Seed> read_seed(const File& directory) {
  const File file = TRY(open_private_file(directory, kSeedFile));
  if (TRY(file_size(file, kSeedFile)) != Seed::size()) {
    return state_malformed("seed does not have 32 bytes");
  }
  Seed seed;
  TRY(read_exactly(file, seed.mutable_view(), kSeedFile));
  return seed;
}

// Puts a fresh seed there unless there is one: a link never replaces what stands under its name,
// so of several processes one wins, and a crash leaves a whole seed or none.
Result<void> create_seed(const File& directory) {
  const Seed seed = random_secret<Seed::size()>();
  TemporaryFile file(directory, random_name(kSeedFile));
  TRY(file.write(seed.view(), S_IRUSR | S_IWUSR));
  if (linkat(directory.get(), file.name(), directory.get(), kSeedFile, 0) != 0 && errno != EEXIST) {
    return system_error(kSeedFile);
  }
  return {};
}

// Writes the root certificate of the seed, whatever stands there: it is the same each time.
Result<void> write_root(const File& directory, const Seed& seed) {
  const PkiSettings pki = default_pki(PckCa::platform, {});
  const std::string pem = x509::to_pem(write_certificate(seed, pki.root), "CERTIFICATE");
  TemporaryFile file(directory, random_name(kRootFile));
  TRY(file.write(as_bytes(pem), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH));
  return file.rename_to(kRootFile);
}

}  // namespace

Result<void> refuse_on_real_td(bool on_real_td) {
  if (!on_real_td) return {};
  return Error{ErrorCode::refused, "simulator: this is a real TD, where nothing is simulated"};
}

Result<Seed> init_state(const std::string& directory, bool on_real_td) {
  TRY(refuse_on_real_td(on_real_td));
  TRY(create_private_directory(directory));
  const File opened = TRY(open_private_directory(directory));
  Result<Seed> seed = read_seed(opened);
  if (!seed.ok() && seed.error().code == ErrorCode::not_found) {
    TRY(create_seed(opened));
    seed = read_seed(opened);
  }
  if (!seed.ok()) return seed;
  TRY(write_root(opened, *seed));
  if (fsync(opened.get()) != 0) return system_error(directory);
  return seed;
}

Result<Seed> load_state(const std::string& directory, bool on_real_td) {
  TRY(refuse_on_real_td(on_real_td));
  const File opened = TRY(open_private_directory(directory));
  return read_seed(opened);
}

}  // namespace quoin::simulator
