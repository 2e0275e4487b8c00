import { describe, expect, it } from 'vitest';
import { seen, serialisingTests } from './serialising.ts';

const { on, page, html } = serialisingTests();

describe('style sheets', () => {
  const rule = (selector: string) => new RegExp(`\\.${selector} ?\\{`);

  it('are written as they are in memory, when rules were inserted into an empty or a filled element', async () => {
    const written = await html(
      page('', '<style id="empty"></style><style id="full">/* mine */ .a{color:red}</style>'),
      () => {
        const sheet = (id: string) => (document.getElementById(id) as HTMLStyleElement).sheet as CSSStyleSheet;
        sheet('empty').insertRule('.b { color: blue }');
        sheet('full').insertRule('.c { color: blue }', 1);
      },
    );
    expect(written).toMatch(/<style id="empty">\.b \{ color: blue; \}<\/style>/);
    expect(written).toMatch(/<style id="full">\/\* mine \*\/ \.a\{color:red\}\n\.c \{ color: blue; \}<\/style>/);
  });

  it.each([
    [
      'a rule was put first',
      () => document.styleSheets[0]?.insertRule('.first { color: blue }', 0),
      '.first { color: blue; }\n.a { color: red; }',
    ],
    ['a rule was taken away', () => document.styleSheets[0]?.deleteRule(0), '<style></style>'],
    [
      'a declaration was changed',
      () => ((document.styleSheets[0] as CSSStyleSheet).cssRules[0] as CSSStyleRule).style.setProperty('color', 'teal'),
      '.a { color: teal; }',
    ],
    ['nothing was changed', () => {}, '<style>.a { color: red }</style>'],
  ])('are right when %s', async (_, script, expected) => {
    expect(await html(page('', '<style>.a { color: red }</style>'), script)).toContain(expected);
  });

  it('whose text ends inside a rule do not swallow what follows', async () => {
    await on().load(page('<p class="a" data-probe>a</p>', '<style>@media all { .a { color: red </style>'), () => {
      document.styleSheets[0]?.insertRule('.a { color: rgb(0, 0, 255) }', 1);
    });
    const before = await seen(on().live);
    expect((await seen(await on().read((await on().write()).html))).looks).toEqual(before.looks);
    expect(before.looks.at(-1)?.color).toBe('rgb(0, 0, 255)');
  });

  it('keep imports and the order of layers', async () => {
    await on().load(
      page(
        '<p class="a" data-probe>a</p>',
        '<style>@import "/missing.css"; @layer late, early; @layer early { .a { color: blue } }</style>',
      ),
      () => {
        document.styleSheets[0]?.insertRule('@layer late { .a { color: red; padding-left: 3px } }', 3);
      },
    );
    const before = await seen(on().live);
    const { html } = await on().write();
    expect(html).toContain('@import "/missing.css"');
    expect((await seen(await on().read(html))).looks).toEqual(before.looks);
  });

  it('that are switched off stay off, and keep the media that a script gave them', async () => {
    const written = await html(
      page(
        '',
        '<style id="off">.a{}</style><link rel="stylesheet" href="data:text/css,.x{}"><style id="m" media="print">.b{}</style>',
      ),
      () => {
        (document.getElementById('off') as HTMLStyleElement).disabled = true;
        Object.assign(document.querySelector('link')?.sheet ?? {}, { disabled: true });
        Object.assign((document.getElementById('m') as HTMLStyleElement).sheet?.media ?? {}, { mediaText: 'screen' });
      },
    );
    expect(written).toContain('<style id="off" media="not all">');
    expect(written).toContain('<style id="m" media="screen">');
    expect(written).toMatch(/<link rel="stylesheet" href="data:[^>]* disabled="">/);
  });

  it('that were constructed come last, also after those in the body', async () => {
    const adopt = () => {
      const [one, two, off] = [
        new CSSStyleSheet({ media: 'screen' }),
        new CSSStyleSheet(),
        new CSSStyleSheet({ disabled: true }),
      ];
      one.replaceSync('.one{} .str::after{content:"</style>"}');
      two.replaceSync('.two{}');
      off.replaceSync('.off{}');
      document.adoptedStyleSheets = [one, two, off];
    };
    const inHead = await html(page('text', '<style>.zero{}</style>'), adopt);
    expect(inHead).toMatch(
      /\.zero\{\}<\/style><style media="screen">\.one \{ \}[\s\S]*<\\\/style>[\s\S]*<style>\.two \{ \}<\/style><\/head>/,
    );
    expect(inHead).not.toMatch(rule('off'));
    const inBody = await html(page('text<style>.zero{}</style>'), adopt);
    expect(inBody).toMatch(/<style>\.two \{ \}<\/style><\/body>/);
  });

  it('are read although the policy of the page forbids inline styles and strings as HTML', async () => {
    const policy = "default-src 'none'; style-src 'nonce-x'; script-src 'nonce-x'; require-trusted-types-for 'script'";
    const head = `<meta http-equiv="Content-Security-Policy" content="${policy}"><style nonce="x">.a { color: red }</style>`;
    const written = await html(page('<noscript data-preface-keep>no</noscript>', head), () => {
      document.styleSheets[0]?.insertRule('.b { color: blue }', 1);
    });
    expect(written).toContain('<style>.a { color: red }\n.b { color: blue; }</style>');
  });

  it('do not hide elements that wait to be defined by a script', async () => {
    await on().load(
      page(
        '<x-a data-probe>a</x-a>',
        '<style>x-a { display: block } x-a:not(:defined) { display: none } x-a:defined { color: rgb(1, 1, 1) }</style>',
      ),
      () => customElements.define('x-a', class extends HTMLElement {}),
    );
    const before = await seen(on().live);
    expect((await seen(await on().read((await on().write()).html))).looks).toEqual(before.looks);
    expect(before.looks).toMatchObject([{ display: 'block', color: 'rgb(1, 1, 1)' }]);
  });

  it('under a blob URL are written out, since nobody else can load it', async () => {
    await on().load(page(''), async () => {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.href = URL.createObjectURL(new Blob(['.blob { color: red }'], { type: 'text/css' }));
      const loaded = new Promise((resolve) => link.addEventListener('load', resolve));
      document.head.append(link);
      await loaded;
    });
    expect((await on().write()).html).toContain('<style>.blob { color: red; }</style>');
  });
});
