#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/hex.h"
#include "src/cli/html_sections.h"
#include "src/cli/html_values.h"
#include "src/verify/tcb_evaluation.h"

namespace quoin::cli {
namespace {

using Part = TcbShortfall::Part;

std::string_view meaning_of(TcbStatus status) {
  switch (status) {
    case TcbStatus::up_to_date:
      return "The platform has every security update that Intel asks for.";
    case TcbStatus::sw_hardening_needed:
      return "The platform is up to date, and what runs on it must harden itself against the "
             "advisories.";
    case TcbStatus::configuration_needed:
      return "The platform has its updates, and its configuration must change.";
    case TcbStatus::configuration_and_sw_hardening_needed:
      return "The platform's configuration must change, and what runs on it must harden itself "
             "against the advisories.";
    case TcbStatus::out_of_date:
      return "The platform lacks security updates that Intel asks for.";
    case TcbStatus::out_of_date_configuration_needed:
      return "The platform lacks security updates, and its configuration must change.";
    case TcbStatus::revoked:
      return "Intel has taken back its word for this platform.";
    case TcbStatus::td_relaunch_advised:
      return "The platform has been updated since the TD was launched: launch it again.";
    case TcbStatus::td_relaunch_advised_configuration_needed:
      return "The platform has been updated since the TD was launched: launch it again, and change "
             "the platform's configuration.";
    case TcbStatus::not_supported:
      return "No TCB level matches: the platform is older than anything that Intel lists.";
    case TcbStatus::unrecognized:
      return "The level that matches has a status that we do not know.";
  }
  return "";
}

template <typename Level>
const Level* find_up_to_date(const std::vector<Level>& levels) {
  const auto level = std::ranges::find(levels, TcbStatus::up_to_date, &Level::status);
  return level == levels.end() ? nullptr : &*level;
}

// An SVN, and what two levels ask for in its place; nothing where they do not say.
struct Row {
  std::string name;
  uint16_t seen = 0;
  std::optional<uint16_t> up_to_date;
  std::optional<uint16_t> matched;
  bool lags = false;
};

std::string optional_number(const std::optional<uint16_t>& number) {
  return number ? std::to_string(*number) : "-";
}

Html html_row(const Row& row) {
  const std::string up_to_date = optional_number(row.up_to_date);
  const std::string matched = optional_number(row.matched);
  if (row.lags) {
    return html(
        "<tr class='lags'><th scope='row'>{} <span class='mark bad'>▼ behind</span></th>"
        "<td>{}</td><td>{}</td><td>{}</td></tr>\n",
        row.name, row.seen, up_to_date, matched);
  }
  return html("<tr><th scope='row'>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n", row.name,
              row.seen, up_to_date, matched);
}

Html html_table(std::string_view caption, const std::vector<Row>& rows) {
  Html table;
  table.add(
      "<table class='svns'><caption>{}</caption>\n<thead><tr><th scope='col'>Part</th>"
      "<th scope='col'>Here</th><th scope='col'>UpToDate</th><th scope='col'>Matched</th></tr>"
      "</thead>\n<tbody>\n",
      caption);
  for (const Row& row : rows) table.add(html_row(row));
  table.add("</tbody></table>\n");
  return table;
}

std::string tdx_module_name(uint8_t major_version) {
  return "TDX module TDX_" + to_hex({&major_version, 1});
}

// The platform beside the levels of one TCB info and one QE identity.
class Comparison {
 public:
  Comparison(const PlatformTcb& platform, const Collateral& collateral, const Verdict& verdict)
      : platform_(platform),
        tcb_info_(collateral.tcb_info()),
        qe_identity_(collateral.qe_identity()),
        shortfalls_(verdict.tcb_shortfalls),
        comparable_(verdict.tcb_status.has_value()) {
    if (!comparable_) return;
    evaluation_ = evaluate_tcb(platform_, tcb_info_, qe_identity_);
    up_to_date_ = find_up_to_date(tcb_info_.tcb_levels);
    up_to_date_qe_ = find_up_to_date(qe_identity_.tcb_levels);
  }

  std::vector<Row> modules() const {
    std::vector<Row> rows;
    if (platform_.tee_tcb_svn) {
      rows.push_back(
          tdx_module(Part::tdx_module, *platform_.tee_tcb_svn, "", evaluation_.tdx_module_level));
    }
    if (platform_.tee_tcb_svn2) {
      rows.push_back(
          tdx_module(Part::current_tdx_module, *platform_.tee_tcb_svn2, ", running now", nullptr));
    }
    std::erase_if(rows, [](const Row& row) { return row.name.empty(); });
    rows.push_back({"Quoting enclave (ISVSVN)", platform_.qe_isv_svn, isv_svn(up_to_date_qe_),
                    isv_svn(evaluation_.qe_level), lags(Part::qe, 0)});
    const auto pce_svn = [](const TcbLevel* level) {
      return level ? std::optional(level->pce_svn) : std::nullopt;
    };
    rows.push_back({"PCE (PCESVN)", platform_.pce_svn, pce_svn(up_to_date_),
                    pce_svn(evaluation_.platform_level), lags(Part::pce, 0)});
    return rows;
  }

  std::vector<Row> sgx_components() const {
    return components(Part::sgx_component, platform_.sgx_tcb_components, 0,
                      &TcbLevel::sgx_tcb_components);
  }

  std::vector<Row> tdx_components() const {
    if (!platform_.tee_tcb_svn) return {};
    return components(Part::tdx_component, *platform_.tee_tcb_svn,
                      first_tdx_component(*platform_.tee_tcb_svn), &TcbLevel::tdx_tcb_components);
  }

  // The levels that matched, a row each.
  Html matched_levels() const {
    Html rows;
    if (const TcbLevel* level = evaluation_.platform_level) rows.add(level_row("Platform", *level));
    if (const IsvSvnTcbLevel* level = evaluation_.tdx_module_level) {
      rows.add(
          level_row(tdx_module_name(tdx_module_svn(*platform_.tee_tcb_svn).major_version), *level));
    }
    if (const IsvSvnTcbLevel* level = evaluation_.qe_level) {
      rows.add(level_row("Quoting enclave", *level));
    }
    if (rows.empty()) return html("<p>No level matches.</p>\n");
    return html(
        "<div class='scroll'><table class='levels'><caption>The levels that "
        "match</caption>\n<thead><tr>"
        "<th scope='col'>Part</th><th scope='col'>Status</th><th scope='col'>Date</th>"
        "<th scope='col'>Advisories</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
        rows);
  }

  bool comparable() const { return comparable_; }

 private:
  static std::optional<uint16_t> isv_svn(const IsvSvnTcbLevel* level) {
    return level != nullptr ? std::optional(level->isv_svn) : std::nullopt;
  }

  bool lags(Part part, size_t number) const {
    return std::ranges::any_of(shortfalls_, [&](const TcbShortfall& shortfall) {
      return shortfall.part == part && shortfall.number == number;
    });
  }

  // Without a name where the platform's module has no major version, and so no identity.
  Row tdx_module(Part part, const ByteArray<16>& tee_tcb_svn, std::string_view suffix,
                 const IsvSvnTcbLevel* matched) const {
    const auto [svn, major_version] = tdx_module_svn(tee_tcb_svn);
    if (major_version == 0) return {};
    const TdxModuleIdentity* identity =
        comparable_ ? find_tdx_module_identity(tcb_info_, major_version) : nullptr;
    const IsvSvnTcbLevel* up_to_date =
        identity != nullptr ? find_up_to_date(identity->tcb_levels) : nullptr;
    return {tdx_module_name(major_version).append(suffix), svn, isv_svn(up_to_date),
            isv_svn(matched), lags(part, major_version)};
  }

  std::vector<Row> components(Part part, const ByteArray<16>& seen, size_t first,
                              ByteArray<16> TcbLevel::* wanted) const {
    const auto svn = [&](const TcbLevel* level, size_t i) {
      return level != nullptr ? std::optional<uint16_t>((level->*wanted)[i]) : std::nullopt;
    };
    std::vector<Row> rows;
    for (size_t i = first; i < seen.size(); ++i) {
      rows.push_back({"Component " + std::to_string(i + 1), seen[i], svn(up_to_date_, i),
                      svn(evaluation_.platform_level, i), lags(part, i + 1)});
    }
    return rows;
  }

  template <typename Level>
  static Html level_row(std::string_view name, const Level& level) {
    std::string advisories;
    for (const std::string& id : level.advisory_ids) {
      if (!advisories.empty()) advisories += ", ";
      advisories += id;
    }
    return html("<tr><th scope='row'>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n", name,
                to_string(level.status), date_text(level.tcb_date),
                advisories.empty() ? "no advisories" : advisories);
  }

  const PlatformTcb& platform_;
  const TcbInfo& tcb_info_;
  const QeIdentity& qe_identity_;
  const std::vector<TcbShortfall>& shortfalls_;
  bool comparable_;
  TcbEvaluation evaluation_;
  const TcbLevel* up_to_date_ = nullptr;
  const IsvSvnTcbLevel* up_to_date_qe_ = nullptr;
};

Html html_shortfalls(const std::vector<TcbShortfall>& shortfalls) {
  if (shortfalls.empty()) return {};
  Html list;
  for (const TcbShortfall& shortfall : shortfalls) {
    list.add("<li><b>{}</b>: {}.</li>\n", to_string(shortfall), advice_for(shortfall));
  }
  return html("<p>What keeps it from UpToDate:</p>\n<ul class='shortfalls'>{}</ul>\n", list);
}

}  // namespace

Html html_tcb(const Collateral& collateral, const Verdict& verdict) {
  Html section;
  section.add("<section id='tcb'><h2>TCB: the platform's security version</h2>\n");
  if (verdict.tcb_status) {
    section.add("<p><b>{}</b>. {}</p>\n", to_string(*verdict.tcb_status),
                meaning_of(*verdict.tcb_status));
  } else {
    section.add(
        "<p>The status <b>could not be determined</b>: the collateral is not about this "
        "platform, or the platform could not be read.</p>\n");
  }
  section.add(html_shortfalls(verdict.tcb_shortfalls));
  if (verdict.platform_tcb) {
    const Comparison comparison(*verdict.platform_tcb, collateral, verdict);
    if (comparison.comparable()) section.add(comparison.matched_levels());
    section.add(html_table("Modules", comparison.modules()));
    section.add("<div class='pair'>{}", html_table("SGX components", comparison.sgx_components()));
    if (verdict.platform_tcb->tee_tcb_svn) {
      section.add(html_table("TDX components", comparison.tdx_components()));
    }
    section.add(
        "</div>\n<p class='small'>Here: what the platform has. UpToDate: what the newest level of "
        "that status asks for. Matched: what the level asks for that the platform reaches. A dash: "
        "there is no such level. A number that is lower than UpToDate's is behind.</p>\n");
  }
  section.add("</section>\n");
  return section;
}

}  // namespace quoin::cli
