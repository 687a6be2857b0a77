/** No script, no picture, no font from elsewhere: what an auditor keeps must look the same in ten years. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1a1d21; --dim: #5b6470; --paper: #fff; --line: #d8dde3; --well: #f4f6f8;
  --good: #11693a; --note: #805700; --bad: #a3161d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --dim: #9aa4b0; --paper: #14171a; --line: #333a42; --well: #1d2125;
    --good: #5fc98e; --note: #e2b04a; --bad: #ff7b7f; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem; color: var(--ink); background: var(--paper);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.1rem; font-weight: 600; color: var(--dim); }
h2 { margin: 2.5rem 0 .75rem; padding-bottom: .25rem; font-size: 1.15rem; border-bottom: 1px solid var(--line); }
.verdict { margin: 1rem 0 0; padding: 1rem 1.25rem; background: var(--well); border-left: 6px solid var(--tone); }
.verdict strong { display: block; font-size: 1.6rem; line-height: 1.25; color: var(--tone); }
.verdict p { margin: .5rem 0 0; }
.good { --tone: var(--good); } .note { --tone: var(--note); } .bad { --tone: var(--bad); }
.tone { color: var(--tone); font-weight: 600; }
.dim { color: var(--dim); }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th, td { padding: .4rem .75rem .4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--dim); font-weight: 600; }
tbody th { font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .88em/1.45 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
code.part { display: block; }
@media (max-width: 40rem) { tbody th { white-space: normal; } th, td { padding-right: .5rem; } }
@media print {
  :root { --ink: #000; --dim: #444; --paper: #fff; --line: #bbb; --well: #fff; --good: #000; --note: #000; --bad: #000; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2 { break-after: avoid; } tr, .verdict { break-inside: avoid; } thead { display: table-header-group; }
  .verdict { border: 1px solid #000; border-left-width: 6px; }
  @page { margin: 18mm 15mm; }
}
`;
