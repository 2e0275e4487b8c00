import { describe, expect, it } from 'vitest';
import { seen, serialisingTests } from './serialising.ts';

const { on, page, html } = serialisingTests();

describe('the document', () => {
  it('keeps its doctype, and has none where there was none', async () => {
    expect(await html(page(''))).toMatch(/^<!DOCTYPE html><html>/);
    expect(await html('<html><body>old</body></html>')).toMatch(/^<html>/);
    const strict =
      '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">';
    expect(await html(`${strict}<html><body></body></html>`)).toContain(strict);
  });

  it.each([
    ['20,000 elements within each other', 20_000, true],
    ['200,000 elements side by side', 200_000, false],
  ])('comes out with %s', async (_, count, nested) => {
    await on().load(page('<div id="root" hidden></div>'), undefined);
    await on().live.evaluate(
      (count, nested) => {
        let parent = document.getElementById('root') as Element;
        for (let i = 0; i < count; i++) {
          const child = parent.appendChild(document.createElement('i'));
          if (nested) parent = child;
        }
        parent.append('LAST');
      },
      count,
      nested,
    );
    const written = (await on().write({ maxHtmlBytes: 20_000_000 })).html;
    expect(written).toContain('LAST');
    expect(written.split('<i>').length - 1).toBe(count);
  });

  it('comes out whole though forms have the names of its own parts', async () => {
    const names = ['head', 'body', 'documentElement', 'doctype', 'URL', 'implementation', 'createTreeWalker'].concat([
      'getElementsByTagName',
      'adoptedStyleSheets',
      'styleSheets',
      'querySelectorAll',
    ]);
    const forms = names.map((name) => `<form name="${name}"><meta name="prerender-status-code" content="404"></form>`);
    await on().load(page(`${forms.join('')}<p>LAST</p>`, '<meta name="preface-tags" content="shoes">'));
    const { html, signs, url, textLength } = await on().write();
    expect(html).toMatch(/^<!DOCTYPE html><html><head>.*<p>LAST<\/p><\/body><\/html>$/);
    expect(signs).toEqual({ headers: [], tags: ['shoes'] });
    expect(url).toMatch(/^https?:/);
    expect(textLength).toBe(4);
  });

  it('reads the same without scripts: text, links, look and compatibility mode', async () => {
    await on().load(
      page(
        '<div id="root"></div><p data-probe class="note">shell</p>',
        '<style>.note { color: green }</style><base href="/shop/">',
      ),
      () => {
        document.title = 'Shoes & <boots>';
        document.documentElement.className = 'themed';
        const style = document.head.appendChild(document.createElement('style'));
        style.sheet?.insertRule('.card { padding-left: 12px; color: rgb(1, 2, 3) }');
        style.sheet?.insertRule('@media (min-width: 1px) { .card b { font-weight: 700 } }', 1);
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('.note { color: rgb(9, 8, 7) !important } .themed .card { background-color: rgb(4, 5, 6) }');
        document.adoptedStyleSheets.push(sheet);
        const root = document.getElementById('root') as HTMLElement;
        root.innerHTML = `<div class="card" data-probe><b data-probe>Red &amp; “blue”&nbsp;shoes</b>
          <a href="detail?id=1&amp;x=2#top">one</a> <a href="/absolute">two</a> <a href="https://other.example/ä">three</a>
          <pre>\n\n  kept   space\n</pre><svg viewBox="0 0 4 4"><a xlink:href="#x"><title>drawn</title><text>svg</text></a></svg>
          <table><tr><td data-probe>cell</td></tr></table><ul hidden><li>unseen</li></ul></div>`;
      },
    );
    const before = await seen(on().live);
    const { html } = await on().write();
    expect(await seen(await on().read(html))).toEqual(before);
    expect(before.looks.at(-1)?.color).toBe('rgb(9, 8, 7)');
  });

  it('is not changed by being written down', async () => {
    await on().load(
      page('<my-box></my-box><img src="/picture.png" srcset="/large.png 2x"><form name="f"></form>'),
      () => {
        const counted = globalThis as typeof globalThis & { made: number; changes: number };
        counted.made = 0;
        counted.changes = 0;
        customElements.define(
          'my-box',
          class extends HTMLElement {
            constructor() {
              super();
              counted.made++;
              this.attachShadow({ mode: 'open', clonable: true }).innerHTML = '<my-inner></my-inner><slot></slot>';
            }
          },
        );
        new MutationObserver((records) => {
          counted.changes += records.length;
        }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      },
    );
    await on().live.waitForNetworkIdle({ idleTime: 50 });
    on().requests.length = 0;
    const first = await on().write();
    const second = await on().write();
    await on().live.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    expect(second).toEqual(first);
    const counted = await on().live.evaluate(() => {
      const { made, changes } = globalThis as typeof globalThis & { made: number; changes: number };
      return { made, changes };
    });
    expect(counted).toEqual({ made: 1, changes: 0 });
    expect(on().requests).toEqual([]);
  });

  it('is written down as it is, whatever the page did to the prototypes', async () => {
    const written = await html(page('<p onclick="x()">text</p><script>1</script>'), () => {
      Element.prototype.querySelectorAll = () => [] as never;
      Document.prototype.importNode = () => document.createElement('i') as never;
      Object.defineProperty(Element.prototype, 'outerHTML', { get: () => 'a lie' });
      Object.defineProperty(String.prototype, 'toWellFormed', { value: () => 'another' });
      Array.prototype.push = () => 0;
      Array.from = () => [];
    });
    expect(written).toContain('<body><p>text</p></body>');
  });

  it('is written down although fields of a form have the names of its members', async () => {
    const names = [
      'attributes',
      'remove',
      'localName',
      'childNodes',
      'getAttributeNames',
      'tagName',
      'checkVisibility',
      'shadowRoot',
    ];
    const fields = names.map((name) => `<input name="${name}">`).join('');
    const written = await html(
      page(`<form onsubmit="x()">${fields}text</form><form data-preface-remove>${fields}</form>`),
    );
    expect(written).toContain(`<body><form>${fields}text</form></body>`);
  });

  it.each([
    ['the head is gone', () => document.head.remove(), '<head><meta charset="utf-8"></head><body>text'],
    ['the body is gone', () => document.body.remove(), '<html><head><meta charset="utf-8"></head></html>'],
    ['the root is gone', () => document.documentElement.remove(), ''],
    [
      'the body is a new one',
      () => {
        document.body = document.createElement('body');
        document.body.append('new');
      },
      '<body>new</body>',
    ],
  ])('is written down when %s', async (_, script, expected) => {
    expect(await html(page('text'), script)).toContain(expected);
  });

  it('may be a frameset', async () => {
    const frames = '<frameset cols="50%,50%"><frame src="/a"><frame src="/b"></frameset>';
    expect(await html(`<html><head></head>${frames}</html>`)).toContain(frames);
  });

  it('keeps a frame of the same origin as an element, and does not write its content', async () => {
    const written = await html(page('<iframe src="/inner"></iframe><iframe srcdoc="<p>inner</p>"></iframe>'));
    expect(written).toContain(
      '<iframe src="/inner"></iframe><iframe srcdoc="<p>inner</p>"></iframe>'.replaceAll(
        '<p>inner</p>',
        '&lt;p&gt;inner&lt;/p&gt;',
      ),
    );
  });
});

describe('the size', () => {
  it('is refused in the page when it is above the limit, and told otherwise', async () => {
    await on().load(page('<p>ä€😀</p>'));
    const whole = await on().write();
    expect(whole.htmlBytes).toBe(Buffer.byteLength(whole.html));
    await expect(on().write({ maxHtmlBytes: whole.htmlBytes })).resolves.toEqual(whole);
    await expect(on().write({ maxHtmlBytes: whole.htmlBytes - 1 })).rejects.toMatchObject({ code: 'too-large' });
  });

  it('is refused before anything is copied when there are far too many elements', async () => {
    await on().load(page(''), () => {
      document.body.innerHTML = '<br>'.repeat(3000);
    });
    await expect(on().write({ maxHtmlBytes: 10_000 })).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('visible content', () => {
  const measured = async (body: string) => {
    await on().load(page(body));
    const { textLength, embeds } = await on().write();
    return { textLength, embeds };
  };

  it('counts letters that are laid out, white space folded', async () => {
    const hidden =
      '<p hidden>hidden</p><div style="display:none"><b>hidden</b></div><noscript>no</noscript><style>a{}</style>';
    expect(await measured(`${hidden}<p>  two\n\n   words </p>`)).toEqual({ textLength: 9, embeds: 0 });
    expect(await measured(`<div id="root"></div><script>let text = "long"</script>${hidden}`)).toEqual({
      textLength: 0,
      embeds: 0,
    });
  });

  it('counts alternative text and what stands in fields', async () => {
    const fields =
      '<input value="red"><input type="hidden" value="x"><input placeholder="size"><textarea>more</textarea>';
    expect(await measured(`<img alt="shoe">${fields}`)).toEqual({ textLength: 15, embeds: 0 });
  });

  it('counts frames and canvases of some size, and no smaller ones', async () => {
    const small = '<iframe width="1" height="1"></iframe><canvas hidden></canvas>';
    expect(await measured(`<canvas width="300" height="200"></canvas>${small}`)).toEqual({ textLength: 0, embeds: 1 });
  });
});

describe('the head', () => {
  it('begins with what readers look for first; the rest keeps its order', async () => {
    const head = `<style>a{}</style><link rel="stylesheet" href="/a.css"><script type="application/ld+json">{"a":1}</script>
      <link rel="canonical" href="/c"><link rel="alternate" hreflang="de" href="/de"><meta name="description" content="d">
      <style>b{}</style><title>T</title><base href="/b/"><meta property="og:title" content="o"><meta charset="iso-8859-1">`;
    const written = await html(page('', head));
    const order = Array.from(
      written.matchAll(/<(meta charset="utf-8"|base|title|meta name|meta property|link rel="\w+"|script|style>\w)/g),
      (m) => m[1],
    );
    expect(order).toEqual([
      'meta charset="utf-8"',
      'base',
      'title',
      'meta name',
      'meta property',
      'link rel="canonical"',
      'link rel="alternate"',
      'script',
      'style>a',
      'link rel="stylesheet"',
      'style>b',
    ]);
    expect(written).not.toContain('iso-8859-1');
  });

  it('gives its signs, first ones first, and does not keep them', async () => {
    await on().load(
      page(
        '<meta name="prerender-status-code" content="500"><div>text</div>',
        `
      <meta content="404" name="Prerender-Status-Code"><meta name="prerender-status-code" content="410">
      <meta name="prerender-header" content="Location: /a"><meta name="prerender-header" content="Link: </b>">
      <meta name="render:status_code" content="301"><meta name="render:header" content="location: /c">
      <meta name="preface-tags" content="home, product-7  sale"><meta name="preface-tags" content="x">`,
      ),
    );
    const { signs, html } = await on().write();
    expect(signs).toEqual({
      statusCode: '404',
      headers: ['Location: /a', 'Link: </b>'],
      rendertronStatusCode: '301',
      rendertronHeader: 'location: /c',
      tags: ['home', 'product-7', 'sale', 'x'],
    });
    expect(html).not.toMatch(/prerender-|render:|preface-tags/);
  });

  it('heeds no sign in the body', async () => {
    await on().load(page('<meta name="prerender-status-code" content="404">'));
    expect((await on().write()).signs).toEqual({ headers: [], tags: [] });
  });

  it.each([
    ["default-src 'self'", false],
    ["style-src 'nonce-abc' 'unsafe-inline'", false],
    ["style-src-attr 'none'", false],
    ["script-src 'self'; style-src 'self' 'unsafe-inline'", true],
    ['upgrade-insecure-requests', true],
  ])('keeps the policy %s only when it lets inline styles be: %s', async (policy, kept) => {
    await on().load(page('', `<meta http-equiv="Content-Security-Policy" content="${policy}">`));
    expect((await on().write()).html.includes('Content-Security-Policy')).toBe(kept);
  });
});

describe('form state', () => {
  it('is written as attributes and text', async () => {
    const written = await html(
      page(`<input id="t" value="old"><input id="c" type="checkbox"><input id="r" type="radio" checked><input id="p" type="password">
        <textarea id="a">old</textarea><select id="s"><option>one<option selected>two</select><select id="d"><option>x<option>y</select>
        <details id="o"><summary>s</summary>d</details><dialog id="g">open</dialog>`),
      () => {
        const by = (id: string) => document.getElementById(id) as HTMLInputElement;
        by('t').value = 'new "value"';
        by('c').checked = true;
        by('r').checked = false;
        by('p').value = 'secret';
        by('a').value = '\n<b>new';
        (document.getElementById('s') as HTMLSelectElement).selectedIndex = 0;
        (document.getElementById('o') as HTMLDetailsElement).open = true;
        (document.getElementById('g') as HTMLDialogElement).showModal();
      },
    );
    expect(written).toContain('<input id="t" value="new &quot;value&quot;">');
    expect(written).toContain('<input id="c" type="checkbox" checked="">');
    expect(written).toContain('<input id="r" type="radio">');
    expect(written).not.toContain('secret');
    expect(written).toContain('<textarea id="a">\n\n&lt;b&gt;new</textarea>');
    expect(written).toContain('<option selected="">one</option><option>two</option>');
    expect(written).toContain('<option>x</option><option>y</option>');
    expect(written).toMatch(/<details id="o" open="">[\s\S]*<dialog id="g" open="">/);
  });
});
