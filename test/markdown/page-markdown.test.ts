import { describe, expect, it } from 'vitest';
import { createMarkdownForm } from '../../src/markdown/markdown-entry.ts';
import { pageMarkdown } from '../../src/markdown/page-markdown.ts';
import { entryOf } from '../contract/cache-store.ts';

const markdown = (body: string, head = '') =>
  pageMarkdown(`<!doctype html><html><head>${head}</head><body>${body}</body></html>`, 'https://shop.example/a/b').text;

describe('a page as Markdown', () => {
  it('begins with its title, description, canonical address and date', () => {
    const head = `<title>Paper "Moon": a lantern</title><meta name="description" content="Folds&#10;flat"><link rel="canonical" href="https://shop.example/moon">
      <meta property="article:modified_time" content="2026-11-01">`;
    expect(markdown('<p>x</p>', head)).toBe(
      '---\ntitle: "Paper \\"Moon\\": a lantern"\ndescription: "Folds\\nflat"\ncanonical: "https://shop.example/moon"\ndate: "2026-11-01"\n---\n\nx\n',
    );
  });

  it('keeps headings, lists, tables, code and emphasis', () => {
    const text =
      markdown(`<h1>One</h1><p>An <em>old</em> <strong>lamp</strong> and <code>wick</code></p><ul><li>a</li><li>b</li></ul>
      <table><thead><tr><th>k</th><th>v</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table><pre><code class="language-js">let x;</code></pre>`);
    expect(text).toContain('# One');
    expect(text).toContain('An *old* **lamp** and `wick`');
    expect(text).toMatch(/- +a\n- +b/);
    expect(text).toMatch(/\| k +\| v +\|\n\| -+ \| -+ \|\n\| 1 +\| 2 +\|/);
    expect(text).toContain('```js\nlet x;\n```');
  });

  it('makes links and pictures absolute', () => {
    expect(markdown('<a href="../c?x=1">c</a> <img src="i.png" alt="i">')).toContain(
      '[c](https://shop.example/c?x=1) ![i](https://shop.example/a/i.png)',
    );
    expect(markdown('<a href="c">c</a>', '<base href="/base/">')).toContain('(https://shop.example/base/c)');
  });

  it('leaves out what is not content', () => {
    const text = markdown(
      '<nav>menu</nav><style>a{}</style><script>x</script><div hidden>secret</div><main><p>text</p></main><footer>imprint</footer>',
    );
    expect(text.endsWith('---\n\ntext\n')).toBe(true);
  });

  it('reads what is in shadow roots, with the slotted text in its place', () => {
    const text = markdown(
      '<x-card><template shadowrootmode="open"><h2>Head</h2><slot></slot><p>foot</p></template>light</x-card>',
    );
    expect(text).toMatch(/## Head\s+light\s+foot/);
  });

  it('does not fall over an empty or a broken page', () => {
    expect(markdown('')).toContain('canonical');
    expect(pageMarkdown('', 'https://shop.example/').text).toContain('canonical');
    expect(pageMarkdown('<p>a<table><td><li>', 'https://shop.example/').text).toContain('a');
  });
});

describe('the Markdown form of an entry', () => {
  const form = createMarkdownForm({ contentSignal: 'search=yes, ai-train=no' });

  it('has its own type, validator and token count, and is made once', () => {
    const entry = entryOf('/a', {
      body: Buffer.from('<p>hello</p>'),
      headers: [
        ['content-type', 'text/html'],
        ['link', '</x>; rel=next'],
      ],
    });
    const made = form(entry);
    expect(form(entry)).toBe(made);
    expect(made.etag).toBe('etag-md');
    expect(made.headers).toEqual([
      ['content-type', 'text/markdown; charset=utf-8'],
      ['x-markdown-tokens', expect.stringMatching(/^\d+$/)],
      ['content-signal', 'search=yes, ai-train=no'],
      ['link', '</x>; rel=next'],
    ]);
  });

  it('leaves a redirect as it is', () => {
    const redirect = entryOf('/old', { status: 301, body: Buffer.alloc(0) });
    expect(form(redirect)).toBe(redirect);
  });
});
