#include "src/cli/html_page.h"

namespace quoin::cli {
namespace {

// Without "<" and "&", which mean something in XML.
constexpr std::string_view kPageStyle = R"css(
:root {
  --paper: #fbfaf6; --card: #ffffff; --ink: #1d1c1a; --soft: #5b574f; --line: #d9d5ca;
  --good: #17653a; --bad: #a3201a; --warn: #7a4f00; --band: #f4d35e; --band-ink: #2a2100;
  --bad-wash: #fbebe9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16171a; --card: #1e2024; --ink: #e9e6df; --soft: #aaa69c; --line: #3b3d42;
    --good: #7fd3a0; --bad: #ff9c92; --warn: #f0c36a; --band: #e3b93a; --band-ink: #221a00;
    --bad-wash: #33201f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main, header, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
h1, h2, .kicker, .lead {
  font-family: "Iowan Old Style", Palatino, Georgia, "Times New Roman", serif;
}
h1 { font-size: clamp(2.1rem, 8vw, 3.6rem); line-height: 1.1; font-weight: 600; margin: 0.2em 0; }
h2 { font-size: 1.45rem; font-weight: 600; line-height: 1.25; margin: 0 0 0.6rem; }
a { color: inherit; }
p { margin: 0.4rem 0; max-width: 46rem; overflow-wrap: anywhere; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: 0.86em; overflow-wrap: anywhere; }
.hex span { padding-right: 0.45em; }
.kicker { color: var(--soft); margin: 2rem 0 0; font-size: 1.05rem; }
.lead { font-size: 1.3rem; line-height: 1.4; margin: 0 0 1rem; }
.small, .zero, .count, caption { color: var(--soft); font-size: 0.86rem; }
.mark { font-weight: 700; white-space: nowrap; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
.band {
  background: var(--band); color: var(--band-ink); text-align: center; font-weight: 700;
  padding: 0.8rem 1.25rem; border-bottom: 3px double var(--band-ink);
}
.band strong { letter-spacing: 0.18em; font-size: 1.15rem; }
.answer { border-left: 6px solid; padding-left: 1.1rem; margin: 0.6rem 0 1.4rem; }
.answer .lead { color: var(--ink); }
section { border-top: 1px solid var(--line); margin: 2.2rem 0 0; padding: 1.6rem 0 0; }
dl { margin: 0.6rem 0; }
dl div { display: grid; grid-template-columns: 11rem 1fr; gap: 0 1rem; padding: 0.32rem 0;
  border-bottom: 1px solid var(--line); }
dl div:last-child { border-bottom: 0; }
dl.wide div { grid-template-columns: 15rem 1fr; }
dt { color: var(--soft); }
dt .small { display: block; line-height: 1.35; }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
dd ul { margin: 0; padding: 0; list-style: none; }
.facts { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0 1.6rem; }
.facts div { display: block; border-bottom: 0; border-top: 1px solid var(--line);
  padding: 0.5rem 0; }
.facts dt { font-size: 0.86rem; }
.facts dd { font-weight: 600; }
.refusal { background: var(--bad-wash); border: 1px solid var(--bad); border-radius: 5px;
  padding: 0.7rem 1rem; margin: 0.8rem 0; }
.unproven { color: var(--bad); font-weight: 600; }
.rule { margin: 0.2rem 0; }
details { border-bottom: 1px solid var(--line); padding: 0.5rem 0; }
summary { cursor: pointer; padding: 0.2rem 0; }
details ul { list-style: none; padding: 0 0 0 0.2rem; margin: 0.3rem 0; }
.check { padding: 0.25rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; margin: 0.8rem 0;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0.2rem 0; font-weight: 600; }
th, td { text-align: left; padding: 0.22rem 0.6rem 0.22rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; font-weight: 400; overflow-wrap: break-word; }
thead th { color: var(--soft); font-size: 0.82rem; white-space: nowrap; }
.levels td:nth-child(2), .levels td:nth-child(3) { white-space: nowrap; }
.svns td, .svns thead th + th { text-align: right; width: 17%; }
.svns .mark { font-size: 0.82rem; }
.lags th, .lags td { background: var(--bad-wash); font-weight: 600; }
.lags th { padding-left: 0.5rem; border-left: 4px solid var(--bad); }
.scroll { overflow-x: auto; }
.shortfalls { padding-left: 1.2rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr));
  gap: 0 2.5rem; align-items: start; }
.beside { display: grid; grid-template-columns: minmax(0, 34rem) minmax(0, 1fr); gap: 1rem 2.5rem;
  align-items: start; }
.notes ul { padding-left: 1.1rem; overflow-wrap: anywhere; }
.chain { width: 100%; height: auto; display: block; }
.chain text { fill: var(--ink);
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
.chain .box { fill: var(--card); stroke: var(--good); stroke-width: 1.2; }
.chain { overflow: visible; }
.chain .name { font-size: 13px; font-weight: 600; }
.chain .line { font-size: 11px; fill: var(--soft); }
.chain .label { font-size: 10.5px; fill: var(--soft); }
.chain .state { font-size: 13px; text-anchor: end; fill: var(--good); font-weight: 700; }
.chain .link { fill: none; stroke: var(--good); stroke-width: 1.4; }
.chain .arrow { fill: var(--good); }
.chain .bad .box { stroke: var(--bad); stroke-width: 2.4; fill: var(--bad-wash); }
.chain .bad .link { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 4 4; }
.chain .bad .arrow, .chain .bad .state, .chain .bad .label, .chain .bad .id { fill: var(--bad); }
.chain .bad .label, .chain .bad .id { font-weight: 700; }
.chain .unknown .box, .chain .unknown .link { stroke: var(--soft); stroke-dasharray: 2 3; }
.chain .unknown .arrow, .chain .unknown .state { fill: var(--soft); }
.timeline td.dates { width: 30%; }
.timeline .line { width: 52%; padding-right: 0; }
.first { color: var(--warn); font-size: 0.82rem; white-space: nowrap; }
.bar { display: block; width: 100%; height: 22px; overflow: hidden; }
.bar .track { stroke: var(--line); stroke-width: 1; }
.bar .holds { fill: var(--good); }
.bar .ended { fill: var(--bad); }
.bar .claim { fill: var(--soft); }
.bar .now { stroke: var(--ink); stroke-width: 1.5; }
.bar .tick { stroke: var(--soft); }
.bar .axis { font-size: 10px; fill: var(--soft); text-anchor: middle; }
.bar .axis.now { fill: var(--ink); stroke: none; font-weight: 700; }
.again { display: block; background: var(--card); border: 1px solid var(--line); border-radius: 5px;
  padding: 0.6rem 0.8rem; overflow-wrap: anywhere; }
footer { padding-bottom: 3rem; }
@media (max-width: 58rem) {
  .beside { grid-template-columns: minmax(0, 1fr); }
  .chain { max-width: 34rem; }
}
@media (max-width: 46rem) {
  main, header, footer { padding: 0 0.9rem; }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  dl div, dl.wide div { grid-template-columns: minmax(0, 1fr); }
  .timeline, .timeline tbody, .timeline tr, .timeline th, .timeline td {
    display: block; width: 100%;
  }
  .timeline thead { display: block; }
  .timeline thead th { display: none; }
  .timeline thead th.line { display: block; }
  .timeline th, .timeline td { border-bottom: 0; padding: 0; }
  .timeline tbody tr { padding: 0.4rem 0; border-bottom: 1px solid var(--line); }
  .timeline th { font-weight: 600; }
  .levels tr { display: grid; grid-template-columns: 1fr auto auto; }
  .levels tr > :last-child { grid-column: 1 / -1; }
  .levels thead th:last-child { display: none; }
  .levels tr > :nth-child(-n+3) { border-bottom: 0; }
  .timeline .line, .timeline td.dates { width: 100%; }
}
@page { margin: 16mm 14mm; }
@media print {
  :root {
    --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb;
    --good: #0d5a30; --bad: #96140f; --warn: #6b4500; --band: #fff; --band-ink: #000;
    --bad-wash: #fff;
  }
  html { font-size: 8.5pt; }
  main, header, footer { max-width: none; padding: 0; }
  .band { border: 3px double #000; }
  section { margin-top: 1rem; padding-top: 0.8rem; }
  h2 { break-after: avoid; }
  .refusal, .check, tr, svg, dl div { break-inside: avoid; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  .chain { max-width: 11cm; }
  .beside { grid-template-columns: 11cm minmax(0, 1fr); }
  details ul { columns: 2; column-gap: 1.5rem; }
  .facts { grid-template-columns: repeat(4, 1fr); }
  dl div { grid-template-columns: 9rem 1fr; }
}
)css";

}  // namespace

std::string_view page_style() { return kPageStyle; }

}  // namespace quoin::cli
