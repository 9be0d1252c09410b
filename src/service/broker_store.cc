#include "src/service/broker_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

#include "src/base/try.h"
#include "src/os/unique_fd.h"

namespace quoin::broker {
namespace {

constexpr int kFormat = 2;
constexpr int kApplicationId = 0x51424b52;  // "QBKR"
constexpr int kBusyMilliseconds = 5000;

constexpr const char* kSchema = R"(
  CREATE TABLE broker (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    root_key_id BLOB NOT NULL,
    decisions INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE policy (
    id TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL CHECK (epoch >= oldest),
    oldest INTEGER NOT NULL CHECK (oldest >= 1)
  ) STRICT;
  CREATE TABLE release (
    place INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    line TEXT NOT NULL
  ) STRICT;
  CREATE TABLE refusal (
    place INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    line TEXT NOT NULL
  ) STRICT;
)";

// A row's place is one more than the highest before it.
struct DecisionStatements {
  std::string_view insert;
  std::string_view forget;
};
constexpr DecisionStatements kRelease = {
    .insert = "INSERT INTO release (number, line) VALUES (?, ?) RETURNING place",
    .forget = "DELETE FROM release WHERE place <= ?"};
constexpr DecisionStatements kRefusal = {
    .insert = "INSERT INTO refusal (number, line) VALUES (?, ?) RETURNING place",
    .forget = "DELETE FROM refusal WHERE place <= ?"};

constexpr std::string_view kLastDecisions = R"(
  SELECT line FROM (
    SELECT * FROM (SELECT number, line FROM release ORDER BY place DESC LIMIT ?1)
    UNION ALL
    SELECT * FROM (SELECT number, line FROM refusal ORDER BY place DESC LIMIT ?1)
  ) ORDER BY number DESC LIMIT ?1
)";

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

Error failed(sqlite3* database, const char* what) {
  const int code = database == nullptr ? SQLITE_NOMEM : sqlite3_errcode(database);
  Error error = {ErrorCode::io, std::string("key broker's database: ") + what + ": " +
                                    (database == nullptr ? "no memory" : sqlite3_errmsg(database))};
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
    error.code = ErrorCode::malformed;
    error.hint = "put it back from a backup, or see docs/key-broker.md, \"A lost database\"";
  }
  if (code == SQLITE_PERM || code == SQLITE_READONLY || code == SQLITE_AUTH) {
    error.code = ErrorCode::permission;
  }
  if (code == SQLITE_BUSY) error.what += " (another process uses it)";
  return error;
}

Error damaged(const std::string& what) {
  return {ErrorCode::malformed, "key broker's database: " + what,
          "put it back from a backup, or see docs/key-broker.md, \"A lost database\""};
}

Result<void> execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failed(database, "writing");
}

// One statement, its values bound in order, then read row by row.
class Statement {
 public:
  static Result<Statement> prepare(sqlite3* database, std::string_view sql) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &made, nullptr) !=
        SQLITE_OK) {
      return failed(database, "reading");
    }
    return Statement(database, made);
  }

  Statement& bind(uint64_t number) {
    sqlite3_bind_int64(statement_.get(), ++bound_, static_cast<sqlite3_int64>(number));
    return *this;
  }
  // The text must outlive the statement's use.
  Statement& bind(std::string_view text) {
    sqlite3_bind_text64(statement_.get(), ++bound_, text.data(), text.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
    return *this;
  }
  Statement& bind(ByteView blob) {
    sqlite3_bind_blob64(statement_.get(), ++bound_, blob.data(), blob.size(), SQLITE_STATIC);
    return *this;
  }

  // The next row: whether there is one.
  Result<bool> next() {
    const int status = sqlite3_step(statement_.get());
    if (status == SQLITE_ROW) return true;
    if (status == SQLITE_DONE) return false;
    return failed(database_, "reading or writing");
  }

  // A count, an epoch: never negative.
  Result<uint64_t> number(int column) const {
    const sqlite3_int64 value = sqlite3_column_int64(statement_.get(), column);
    if (value < 0 || std::cmp_greater(value, kMaxEpoch)) return damaged("a number cannot be");
    return static_cast<uint64_t>(value);
  }
  std::string text(int column) const {
    const void* const data = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    if (data == nullptr || size <= 0) return {};
    return {static_cast<const char*>(data), static_cast<size_t>(size)};
  }

 private:
  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, FinishStatement> statement_;
  int bound_ = 0;
};

// All or nothing: what is not committed is undone at its end.
class Transaction {
 public:
  explicit Transaction(sqlite3* database) : database_(database) {}
  ~Transaction() {
    if (open_) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Waits for other writers.
  Result<void> begin() {
    TRY(execute(database_, "BEGIN IMMEDIATE"));
    open_ = true;
    return {};
  }
  Result<void> commit() {
    TRY(execute(database_, "COMMIT"));
    open_ = false;
    return {};
  }

 private:
  sqlite3* database_;
  bool open_ = false;
};

Result<Database> open_database(const std::string& path) {
  sqlite3* opened = nullptr;
  const int status = sqlite3_open_v2(path.c_str(), &opened,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database(opened);
  if (status != SQLITE_OK) return failed(opened, path.c_str());
  sqlite3_extended_result_codes(opened, 0);
  sqlite3_busy_timeout(opened, kBusyMilliseconds);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  TRY(execute(opened, "PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON"));
  return database;
}

Result<std::string> ask(sqlite3* database, std::string_view question) {
  Statement statement = TRY(Statement::prepare(database, question));
  const bool is_there = TRY(statement.next());
  return is_there ? statement.text(0) : std::string();
}

Result<void> set_wal_mode(sqlite3* database) {
  const std::string mode = TRY(ask(database, "PRAGMA journal_mode=WAL"));
  if (mode == "wal") return {};
  return Error{ErrorCode::io, "key broker's database: it cannot be had in WAL mode"};
}

Result<void> check_contents(sqlite3* database, const ByteArray<16>& root_key_id) {
  const std::string application = TRY(ask(database, "PRAGMA application_id"));
  if (application != std::to_string(kApplicationId)) return damaged("it is another program's");
  const std::string format = TRY(ask(database, "PRAGMA user_version"));
  if (format != std::to_string(kFormat)) {
    return Error{
        ErrorCode::unsupported,
        "key broker's database: of version " + format + ", wanted " + std::to_string(kFormat),
        "serve it by the program that made it, or see docs/key-broker.md, \"A lost "
        "database\""};
  }
  const std::string found = TRY(ask(database, "PRAGMA quick_check(1)"));
  if (found != "ok") return damaged(found);
  Statement statement = TRY(Statement::prepare(database, "SELECT root_key_id FROM broker"));
  const bool is_there = TRY(statement.next());
  if (!is_there) return damaged("it belongs to no root key");
  if (!equal(as_bytes(statement.text(0)), root_key_id)) {
    return Error{ErrorCode::refused, "key broker's database: it belongs to another root key",
                 "root.key and broker.db must come from the same backup"};
  }
  return {};
}

Result<std::optional<Epochs>> epochs_of(sqlite3* database, std::string_view policy_id) {
  Statement statement =
      TRY(Statement::prepare(database, "SELECT epoch, oldest FROM policy WHERE id = ?"));
  const bool is_there = TRY(statement.bind(policy_id).next());
  if (!is_there) return std::optional<Epochs>();
  Epochs epochs;
  epochs.current = TRY(statement.number(0));
  epochs.oldest = TRY(statement.number(1));
  if (epochs.oldest < 1 || epochs.oldest > epochs.current) return damaged("epochs cannot be");
  return std::optional(epochs);
}

Result<uint64_t> next_decision(sqlite3* database) {
  Statement statement = TRY(Statement::prepare(
      database, "UPDATE broker SET decisions = decisions + 1 WHERE only = 1 RETURNING decisions"));
  const bool is_there = TRY(statement.next());
  if (!is_there) return damaged("it belongs to no root key");
  const uint64_t number = TRY(statement.number(0));
  // To its end: only then is it done.
  TRY(statement.next());
  return number;
}

Result<void> keep(sqlite3* database, const DecisionStatements& statements, uint64_t number,
                  std::string_view line) {
  uint64_t place = 0;
  {
    Statement insert = TRY(Statement::prepare(database, statements.insert));
    insert.bind(number).bind(line);
    const bool is_there = TRY(insert.next());
    if (!is_there) return damaged("a decision has no place");
    place = TRY(insert.number(0));
    // To its end: only then is it done.
    TRY(insert.next());
  }
  if (place <= Store::kKeptDecisions) return {};
  Statement forget = TRY(Statement::prepare(database, statements.forget));
  TRY(forget.bind(place - Store::kKeptDecisions).next());
  return {};
}

Result<void> run(Statement& statement) {
  TRY(statement.next());
  return {};
}

}  // namespace

struct Store::State {
  Database database;
  std::mutex mutex;
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<void> Store::make(const std::string& path, const ByteArray<16>& root_key_id) {
  // SQLite gives its other files the mode of this one.
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                             S_IRUSR | S_IWUSR));
  if (!file.valid()) {
    if (errno == EEXIST) return Error{ErrorCode::refused, path + ": there is one already"};
    return system_error(path, errno);
  }
  const Database database = TRY(open_database(path));
  TRY(set_wal_mode(database.get()));
  Transaction transaction(database.get());
  TRY(transaction.begin());
  TRY(execute(database.get(), kSchema));
  const std::string marks = "PRAGMA application_id=" + std::to_string(kApplicationId) +
                            "; PRAGMA user_version=" + std::to_string(kFormat);
  TRY(execute(database.get(), marks.c_str()));
  Statement insert = TRY(Statement::prepare(database.get(),
                                            "INSERT INTO broker (only, root_key_id, decisions) "
                                            "VALUES (1, ?, 0)"));
  TRY(run(insert.bind(ByteView(root_key_id))));
  return transaction.commit();
}

Result<Store> Store::open(const std::string& path, const ByteArray<16>& root_key_id) {
  auto state = std::make_unique<State>();
  state->database = TRY(open_database(path));
  TRY(check_contents(state->database.get(), root_key_id));
  TRY(set_wal_mode(state->database.get()));
  return Store(std::move(state));
}

Result<void> Store::add_policies(std::span<const std::string> policy_ids) {
  const std::scoped_lock lock(state_->mutex);
  sqlite3* const database = state_->database.get();
  Transaction transaction(database);
  TRY(transaction.begin());
  for (const std::string& id : policy_ids) {
    Statement insert = TRY(Statement::prepare(
        database,
        "INSERT INTO policy (id, epoch, oldest) VALUES (?, 1, 1) ON CONFLICT DO NOTHING"));
    TRY(run(insert.bind(std::string_view(id))));
  }
  return transaction.commit();
}

Result<std::vector<PolicyEpochs>> Store::policies() {
  const std::scoped_lock lock(state_->mutex);
  Statement statement = TRY(Statement::prepare(state_->database.get(),
                                               "SELECT id, epoch, oldest FROM policy ORDER BY id"));
  std::vector<PolicyEpochs> all;
  for (;;) {
    const bool is_there = TRY(statement.next());
    if (!is_there) return all;
    PolicyEpochs& policy = all.emplace_back();
    policy.policy_id = statement.text(0);
    policy.epochs.current = TRY(statement.number(1));
    policy.epochs.oldest = TRY(statement.number(2));
  }
}

Result<Epochs> Store::rotate(std::string_view policy_id, std::optional<uint64_t> to, bool retire) {
  const std::scoped_lock lock(state_->mutex);
  sqlite3* const database = state_->database.get();
  Transaction transaction(database);
  TRY(transaction.begin());
  const std::optional<Epochs> before = TRY(epochs_of(database, policy_id));
  if (!before) {
    return Error{ErrorCode::not_found, "there is no policy \"" + std::string(policy_id) + "\"",
                 "a broker knows the policies that it has served"};
  }
  Epochs after = {.current = to.value_or(before->current + 1), .oldest = before->oldest};
  if (after.current <= before->current || after.current > kMaxEpoch) {
    return Error{ErrorCode::invalid_argument,
                 "policy \"" + std::string(policy_id) + "\" is at epoch " +
                     std::to_string(before->current) + ": not to " + std::to_string(after.current),
                 "epochs only go up"};
  }
  if (retire) after.oldest = after.current;
  Statement update =
      TRY(Statement::prepare(database, "UPDATE policy SET epoch = ?, oldest = ? WHERE id = ?"));
  TRY(run(update.bind(after.current).bind(after.oldest).bind(policy_id)));
  TRY(transaction.commit());
  return after;
}

Result<void> Store::record(std::string_view policy_id, const Decide& decide) {
  const std::scoped_lock lock(state_->mutex);
  sqlite3* const database = state_->database.get();
  Transaction transaction(database);
  TRY(transaction.begin());
  const std::optional<Epochs> epochs = TRY(epochs_of(database, policy_id));
  const uint64_t number = TRY(next_decision(database));
  const DecisionRecord decision = decide(number, epochs);
  TRY(keep(database, decision.outcome == Outcome::released ? kRelease : kRefusal, number,
           decision.line));
  return transaction.commit();
}

Result<std::vector<std::string>> Store::decisions(uint64_t most) {
  const std::scoped_lock lock(state_->mutex);
  Statement statement = TRY(Statement::prepare(state_->database.get(), kLastDecisions));
  statement.bind(std::min(most, kKeptDecisions));
  std::vector<std::string> lines;
  for (;;) {
    const bool is_there = TRY(statement.next());
    if (!is_there) break;
    lines.push_back(statement.text(0));
  }
  std::ranges::reverse(lines);
  return lines;
}

}  // namespace quoin::broker
