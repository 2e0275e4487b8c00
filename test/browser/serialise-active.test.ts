import { describe, expect, it } from 'vitest';
import { serialisingTests } from './serialising.ts';

const { on, page, html } = serialisingTests();

describe('active content', () => {
  it('is removed: scripts that would run, what is loaded for them, fallback text, nonces', async () => {
    const scripts = [
      '',
      ' type=""',
      ' type="module"',
      ' type="text/javascript; charset=utf-8"',
      ' type=" Application/ECMAScript "',
      ' type="importmap"',
      ' type="speculationrules"',
      ' src="/x.js" defer',
    ];
    const links = [
      'rel="modulepreload" href="/m.js"',
      'rel="preload" as="script" href="/p.js"',
      'rel="prefetch" href="/chunk.js"',
    ];
    const written = await html(
      page(
        `${scripts.map((type) => `<script${type}></script>`).join('')}<noscript>no <b>script</b></noscript><svg><script>1</script></svg><template><script>1</script><p onclick="x">t</p></template>`,
        `${links.map((link) => `<link ${link}>`).join('')}<style nonce="abc">a{}</style><link rel="preload" as="style" href="/s.css">`,
      ),
    );
    expect(written).not.toMatch(/<script|noscript|nonce|modulepreload|\.js|onclick/);
    expect(written).toContain('<template><p>t</p></template>');
    expect(written).toContain('as="style"');
  });

  it('does not include data blocks, whose text cannot end them', async () => {
    const written = await html(
      page('', '<script type="application/ld+json">{"a":1}</script><script type="text/x-template"><b></script>'),
      () => {
        const data = document.head.appendChild(document.createElement('script'));
        data.type = 'application/json';
        data.textContent = JSON.stringify({ html: '</script><script>alert(1)</script><!--' });
      },
    );
    expect(written).toContain('<script type="application/ld+json">{"a":1}</script>');
    expect(written).toContain('<script type="text/x-template"><b></script>');
    const data = await (await on().read(written)).$eval('script[type="application/json"]', (script) =>
      JSON.parse(script.textContent ?? ''),
    );
    expect(data).toEqual({ html: '</script><script>alert(1)</script><!--' });
  });

  it.each([
    '<p onclick="x()">t</p>',
    '<p ONMOUSEOVER="x()">t</p>',
    '<svg onload="x()"></svg>',
    '<a href="javascript:x()">t</a>',
    '<a href=" \n JaVa&#9;Script&#10;:x()">t</a>',
    '<a href="&#1;javascript:x()">t</a>',
    '<svg><a xlink:href="javascript:x()">t</a></svg>',
    '<form action="javascript:x()"><button formaction="javascript:x()">t</button></form>',
    '<object data="javascript:x()"></object>',
    '<a href="/" ping="javascript:x()">t</a>',
  ])('is removed from attributes: %s', async (body) => {
    const written = await html(page(body));
    expect(written).not.toMatch(/x\(\)/);
  });

  it('does not include attributes that only look alike', async () => {
    const kept =
      '<my-tag online="" on="">t</my-tag><a href="/javascript:x">onclick="x" javascript:</a><a href="#" title="javascript:x">t</a>';
    expect(await html(page(kept))).toContain(kept);
  });

  it('stays where the page says so, and anything goes where the page says so', async () => {
    const kept =
      '<script data-preface-keep="">let a = "<\\/script>";</script><p onclick="x()" data-preface-keep="">t</p>';
    const written = await html(
      page(
        `${kept}<noscript data-preface-keep="">no <b>script</b></noscript><div data-preface-remove>gone <b>too</b></div>`,
      ),
    );
    expect(written).toContain(kept);
    expect(written).toContain('<noscript data-preface-keep="">no <b>script</b></noscript>');
    expect(written).not.toContain('gone');
  });
});

describe('text that HTML has no notation for', () => {
  it('cannot leave its element', async () => {
    const written = await html(page('<div id="d"></div>'), () => {
      const root = document.getElementById('d') as HTMLElement;
      root.append(
        new Comment('--><b>out</b>'),
        new Comment('>out'),
        new Comment('fine'),
        document.createProcessingInstruction('x', 'a><b>out</b>'),
      );
      root.append(
        Object.assign(document.createElement('style'), { textContent: '.a::after { content: "</style><b>out</b>" }' }),
      );
      root.append(Object.assign(document.createElement('xmp'), { textContent: '</xmp><b>out</b>' }));
      root.append(Object.assign(document.createElement('p'), { textContent: 'lone \ud800 surrogate' }));
    });
    const read = await on().read(written);
    expect(await read.$$eval('#d b', (found) => found.length)).toBe(0);
    expect(written).toContain('<!--fine-->');
    expect(written).toContain('lone \ufffd surrogate');
  });
});
