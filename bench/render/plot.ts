import type { Results, Row } from './results.ts';

const width = 760;
const left = 120;
const barHeight = 14;
const colours: Readonly<Record<string, string>> = {
  preface: '#c2570c',
  prerender: '#3b6ea5',
  rendertron: '#5f8f6b',
  'ssr-proxy-js': '#8b7aa8',
};

/** Pages a second as bars, one panel for each kind of pages. An SVG that is readable on light and on dark. */
export function plot({ rows, corpusRows, corpus }: Results): string {
  const panels = [...new Set(rows.map(({ pages }) => pages))].map((pages) => ({
    title: `${pages}: complete pages a second`,
    bars: rows
      .filter((row) => row.pages === pages)
      .map((row) => ({
        row,
        label: `${row.atOnce} at once`,
        value: row.pagesPerSecond,
        text: row.pagesPerSecond.toFixed(1),
      })),
  }));
  if (corpusRows.length > 0) {
    const bars = corpusRows.map((row) => ({
      row,
      label: '',
      value: row.complete,
      text: `${row.complete} of ${row.asked}`,
    }));
    panels.push({ title: `${corpus.length} real applications: complete`, bars });
  }

  const parts: string[] = [legend(rows)];
  let y = 44;
  for (const { title, bars } of panels) {
    parts.push(`<text class="title" x="0" y="${y + 12}">${title}</text>`);
    y += 24;
    const most = Math.max(...bars.map(({ value }) => value), 1);
    let group: string | undefined;
    for (const { row, label, value, text } of bars) {
      if (group !== undefined && group !== label) y += 8;
      if (group !== label) parts.push(`<text x="${left - 8}" y="${y + 11}" text-anchor="end">${label}</text>`);
      group = label;
      const length = Math.max(1, (value / most) * (width - left - 70));
      parts.push(
        `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight - 2}" fill="${colours[row.contestant]}"/>`,
        `<text x="${(left + length + 6).toFixed(1)}" y="${y + 10}">${text}</text>`,
      );
      y += barHeight;
    }
    y += 22;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" role="img" aria-label="Pages a second, Preface and peers">
<style>text{font:12px system-ui,sans-serif;fill:#444}.title{font-weight:600}@media(prefers-color-scheme:dark){text{fill:#ccc}}</style>
${parts.join('\n')}
</svg>
`;
}

function legend(rows: readonly Row[]): string {
  return [...new Set(rows.map(({ contestant }) => contestant))]
    .map((name, index) => {
      const x = index * 140;
      return `<rect x="${x}" y="6" width="12" height="12" fill="${colours[name]}"/><text x="${x + 18}" y="16">${name}</text>`;
    })
    .join('');
}
