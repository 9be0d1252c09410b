#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "fuzz/mutants/mutations.h"

namespace quoin::mutants {
namespace {

constexpr std::array kPlatformStatuses = {
    TcbStatus::up_to_date,
    TcbStatus::sw_hardening_needed,
    TcbStatus::configuration_needed,
    TcbStatus::configuration_and_sw_hardening_needed,
    TcbStatus::out_of_date,
    TcbStatus::out_of_date_configuration_needed,
    TcbStatus::revoked,
};
constexpr std::array kComponentStatuses = {TcbStatus::up_to_date, TcbStatus::out_of_date,
                                           TcbStatus::revoked};
constexpr std::array<std::string_view, 4> kAdvisories = {"INTEL-SA-00001", "INTEL-SA-00002",
                                                         "INTEL-SA-00003", "QUOIN-SIMULATOR-0001"};

UtcTime tcb_date(Random& random) { return kNow - std::chrono::days(100 + 50 * random.below(6)); }

template <typename Level>
void change_level(Level& level, Random& random) {
  if (random.percent(50)) level.tcb_date = tcb_date(random);
  if (random.percent(50)) {
    level.advisory_ids.clear();
    for (size_t i = random.below(4); i > 0; --i) {
      level.advisory_ids.emplace_back(random.pick(kAdvisories));
    }
  }
}

// The levels of the QE identity or of one of the module's.
std::vector<IsvSvnTcbLevel>& isv_svn_levels(Subject& subject, Random& random) {
  auto& identities = subject.tcb_info().tdx_module_identities;
  if (!identities || identities->empty() || random.percent(50)) {
    return subject.qe_identity().tcb_levels;
  }
  return random.pick(*identities).tcb_levels;
}

// One of the levels, of which another mutation may have left none.
template <typename Level>
Level& level_of(std::vector<Level>& levels, Random& random) {
  if (levels.empty()) levels.emplace_back();
  return random.pick(levels);
}

TcbLevel& level_of(Subject& subject, Random& random) {
  return level_of(subject.tcb_info().tcb_levels, random);
}

IsvSvnTcbLevel& isv_svn_level_of(Subject& subject, Random& random) {
  return level_of(isv_svn_levels(subject, random), random);
}

// Half of the time the component is one that is not zero.
uint8_t& component_of(ByteArray<16>& components, Random& random) {
  return components[random.below(random.percent(50) ? 3 : components.size())];
}

using S = Subject;
using R = Random;

constexpr Mutation<Subject> kShapes[] = {
    {"level.status", [](S& s, R& r) { level_of(s, r).status = r.pick(kPlatformStatuses); }},
    {"level.status.first",
     [](S& s, R& r) { s.tcb_info().tcb_levels.front().status = r.pick(kPlatformStatuses); }},
    {"levels.statuses",
     [](S& s, R& r) {
       for (TcbLevel& level : s.tcb_info().tcb_levels) level.status = r.pick(kPlatformStatuses);
     }},
    {"level.sgx", [](S& s, R& r) { nudge(component_of(level_of(s, r).sgx_tcb_components, r), r); }},
    {"level.tdx",
     [](S& s, R& r) {
       if (s.tdx) nudge(component_of(level_of(s, r).tdx_tcb_components, r), r);
     }},
    {"level.pce_svn", [](S& s, R& r) { nudge(level_of(s, r).pce_svn, r); }},
    {"level.date", [](S& s, R& r) { change_level(level_of(s, r), r); }},
    {"level.copy",
     [](S& s, R& r) {
       TcbLevel level = level_of(s, r);
       level.status = r.pick(kPlatformStatuses);
       nudge(component_of(
                 s.tdx && r.percent(50) ? level.tdx_tcb_components : level.sgx_tcb_components, r),
             r);
       if (r.percent(30)) nudge(level.pce_svn, r);
       change_level(level, r);
       s.tcb_info().tcb_levels.push_back(level);
     }},
    {"levels.shuffle",
     [](S& s, R& r) {
       auto& levels = s.tcb_info().tcb_levels;
       std::swap(levels.front(), r.pick(levels));
     }},
    {"isv_svn.status",
     [](S& s, R& r) { isv_svn_level_of(s, r).status = r.pick(kComponentStatuses); }},
    {"isv_svn.status.first",
     [](S& s, R& r) { isv_svn_levels(s, r).front().status = r.pick(kComponentStatuses); }},
    {"isv_svn.nudge", [](S& s, R& r) { nudge(isv_svn_level_of(s, r).isv_svn, r); }},
    {"isv_svn.date", [](S& s, R& r) { change_level(isv_svn_level_of(s, r), r); }},
    {"isv_svn.copy",
     [](S& s, R& r) {
       auto& levels = isv_svn_levels(s, r);
       IsvSvnTcbLevel level = level_of(levels, r);
       level.status = r.pick(kComponentStatuses);
       nudge(level.isv_svn, r);
       change_level(level, r);
       levels.insert(levels.begin(), level);
     }},
    {"qe.same_svn",
     [](S& s, R& r) {
       auto& levels = s.qe_identity().tcb_levels;
       IsvSvnTcbLevel level = level_of(levels, r);
       level.status = r.pick(kComponentStatuses);
       level.tcb_date += std::chrono::days(r.percent(50) ? 1 : -1);
       levels.push_back(level);
     }},
    {"pck.component",
     [](S& s, R& r) {
       if (s.settings.pki.pck.sgx_extension) {
         nudge(component_of(s.settings.pki.pck.sgx_extension->tcb_components, r), r);
       }
     }},
    {"pck.pce_svn",
     [](S& s, R& r) {
       if (s.settings.pki.pck.sgx_extension) nudge(s.settings.pki.pck.sgx_extension->pce_svn, r);
     }},
    {"module.id.case",
     [](S& s, R&) {
       if (!s.tcb_info().tdx_module_identities) return;
       for (auto& identity : *s.tcb_info().tdx_module_identities) identity.id = "tdx_01";
     }},
    {"module.copy",
     [](S& s, R& r) {
       auto& identities = s.tcb_info().tdx_module_identities;
       if (!identities || identities->empty()) return;
       TdxModuleIdentity identity = r.pick(*identities);
       identity.id = r.percent(50) ? "TDX_02" : "TDX_01";
       level_of(identity.tcb_levels, r).status = r.pick(kComponentStatuses);
       identities->insert(identities->begin() + static_cast<ptrdiff_t>(r.below(2)), identity);
     }},
    {"module.attributes_mask",
     [](S& s, R& r) {
       if (!s.tcb_info().tdx_module_identities) return;
       for (auto& i : *s.tcb_info().tdx_module_identities) flip(i.module.attributes_mask, r);
     }},
    {"evaluation_number",
     [](S& s, R& r) { s.tcb_info().tcb_evaluation_data_number = static_cast<uint32_t>(r.next()); }},
    {"qe.attributes_mask", [](S& s, R& r) { s.qe_identity().attributes_mask[8] = r.byte(); }},
    {"qe.miscselect.same",
     [](S& s, R& r) {
       s.qe_identity().miscselect ^= 1U << r.below(32);
       (s.tdx ? s.settings.td_qe : s.settings.qe).miscselect = s.qe_identity().miscselect;
     }},
    {"module.mr_signer.same",
     [](S& s, R& r) {
       auto& identities = s.tcb_info().tdx_module_identities;
       if (!identities) return;
       flip(s.settings.tee_tcb_info.mr_signer_seam, r);
       for (auto& i : *identities) i.module.mr_signer = s.settings.tee_tcb_info.mr_signer_seam;
     }},
    {"version_2",
     [](S& s, R&) {
       if (!s.tdx) s.tcb_info().version = 2;
     }},
};

constexpr Mutation<Subject> kFaults[] = {
    {"level.equal", [](S& s, R& r) { s.tcb_info().tcb_levels.push_back(level_of(s, r)); }},
    {"level.unknown_status",
     [](S& s, R& r) {
       level_of(s, r).status =
           r.percent(50) ? TcbStatus::unrecognized : TcbStatus::td_relaunch_advised;
     }},
    {"levels.none", [](S& s, R&) { s.tcb_info().tcb_levels.clear(); }},
    {"levels.only_last",
     [](S& s, R&) {
       auto& levels = s.tcb_info().tcb_levels;
       if (!levels.empty()) levels.erase(levels.begin(), levels.end() - 1);
     }},
    {"isv_svn.equal",
     [](S& s, R& r) {
       auto& levels = isv_svn_levels(s, r);
       levels.push_back(level_of(levels, r));
     }},
    {"isv_svn.none", [](S& s, R& r) { isv_svn_levels(s, r).clear(); }},
    {"isv_svn.unknown_status",
     [](S& s, R& r) {
       isv_svn_level_of(s, r).status =
           r.percent(50) ? TcbStatus::configuration_needed : TcbStatus::unrecognized;
     }},
    {"isv_svn.only_first",
     [](S& s, R& r) {
       auto& levels = isv_svn_levels(s, r);
       if (!levels.empty()) levels.resize(1);
     }},
    {"tcb.fmspc", [](S& s, R& r) { flip(s.tcb_info().fmspc, r); }},
    {"tcb.pce_id", [](S& s, R& r) { flip(s.tcb_info().pce_id, r); }},
    {"tcb.version", [](S& s, R& r) { s.tcb_info().version = static_cast<uint32_t>(r.below(6)); }},
    {"tcb.type", [](S& s, R&) { s.tcb_info().tcb_type = 1; }},
    {"tcb.id",
     [](S& s, R&) {
       TcbInfo& info = s.tcb_info();
       info.id = info.id == TcbInfoId::tdx ? TcbInfoId::sgx : TcbInfoId::tdx;
     }},
    {"tcb.other_tee",
     [](S& s, R&) {
       if (s.tdx) {
         s.settings.tdx_tcb_info = s.settings.sgx_tcb_info;
       } else {
         s.settings.sgx_tcb_info = s.settings.tdx_tcb_info;
       }
     }},
    {"module.none", [](S& s, R&) { s.tcb_info().tdx_module.reset(); }},
    {"module.mr_signer",
     [](S& s, R& r) {
       if (s.tcb_info().tdx_module) flip(s.tcb_info().tdx_module->mr_signer, r);
     }},
    {"module.attributes",
     [](S& s, R& r) {
       if (s.tcb_info().tdx_module) flip(s.tcb_info().tdx_module->attributes, r);
     }},
    {"identities.absent", [](S& s, R&) { s.tcb_info().tdx_module_identities.reset(); }},
    {"identities.none", [](S& s, R&) { s.tcb_info().tdx_module_identities.emplace(); }},
    {"identity.id",
     [](S& s, R& r) {
       constexpr std::array<std::string_view, 6> kIds = {"TDX_1",  "TDX_00",  "TDX_04",
                                                         "TDX_0A", "TDX_011", ""};
       auto& identities = s.tcb_info().tdx_module_identities;
       if (identities && !identities->empty()) r.pick(*identities).id = r.pick(kIds);
     }},
    {"identity.mr_signer",
     [](S& s, R& r) {
       auto& identities = s.tcb_info().tdx_module_identities;
       if (identities && !identities->empty()) flip(r.pick(*identities).module.mr_signer, r);
     }},
    {"identity.attributes",
     [](S& s, R& r) {
       auto& identities = s.tcb_info().tdx_module_identities;
       if (identities && !identities->empty()) flip(r.pick(*identities).module.attributes, r);
     }},
    {"identity.attributes.same",
     [](S& s, R& r) {
       auto& identities = s.tcb_info().tdx_module_identities;
       if (!identities) return;
       flip(s.settings.tee_tcb_info.attributes, r);
       for (auto& i : *identities) i.module.attributes = s.settings.tee_tcb_info.attributes;
     }},
    {"qe.id",
     [](S& s, R& r) {
       constexpr std::array kIds = {QeIdentityId::qe, QeIdentityId::qve, QeIdentityId::td_qe};
       s.qe_identity().id = r.pick(kIds);
     }},
    {"qe.version", [](S& s, R& r) { s.qe_identity().version = static_cast<uint32_t>(r.below(4)); }},
    {"qe.miscselect", [](S& s, R& r) { s.qe_identity().miscselect ^= 1U << r.below(32); }},
    {"qe.miscselect_mask",
     [](S& s, R& r) { s.qe_identity().miscselect_mask ^= 1U << r.below(32); }},
    {"qe.attributes", [](S& s, R& r) { flip(s.qe_identity().attributes, r); }},
    {"qe.attributes_mask.bit", [](S& s, R& r) { flip(s.qe_identity().attributes_mask, r); }},
    {"qe.mr_signer", [](S& s, R& r) { flip(s.qe_identity().mr_signer, r); }},
    {"qe.isv_prod_id", [](S& s, R& r) { nudge(s.qe_identity().isv_prod_id, r); }},
    {"tcb.issue_date", [](S& s, R& r) { s.tcb_info().issue_date = near_now(r); }},
    {"tcb.next_update", [](S& s, R& r) { s.tcb_info().next_update = near_now(r); }},
    {"qe.issue_date", [](S& s, R& r) { s.qe_identity().issue_date = near_now(r); }},
    {"qe.next_update", [](S& s, R& r) { s.qe_identity().next_update = near_now(r); }},
    {"tcb.signed_by", [](S& s, R&) { s.settings.tcb_info_signed_by = "somebody"; }},
    {"qe.signed_by", [](S& s, R&) { s.settings.qe_identity_signed_by = "somebody"; }},
};

}  // namespace

std::span<const Mutation<Subject>> shapes() { return kShapes; }
std::span<const Mutation<Subject>> collateral_faults() { return kFaults; }

}  // namespace quoin::mutants
