import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serialising, startSerialising } from './serialising.ts';

let on: Serialising;
beforeAll(async () => {
  on = await startSerialising();
});
afterAll(() => on[Symbol.asyncDispose]());

const page = (body: string) => `<!DOCTYPE html><html><head><title>t</title></head><body>${body}</body></html>`;

/** The text that is laid out, top to bottom, with its colour, wherever in whatever tree it stands. */
function shown(): { text: string; color: string }[] {
  const found: { text: string; color: string; top: number; left: number }[] = [];
  const visit = (root: Node) => {
    for (const node of root.childNodes) {
      if (node instanceof Element) {
        const shadow = node.shadowRoot ?? (node as Element & { closed?: ShadowRoot }).closed;
        if (shadow) visit(shadow);
        visit(node);
      } else if (node instanceof Text && node.data.trim() !== '') {
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        const parent = node.parentNode instanceof ShadowRoot ? node.parentNode.host : (node.parentElement as Element);
        if (box.width > 0)
          found.push({ text: node.data.trim(), color: getComputedStyle(parent).color, top: box.top, left: box.left });
      }
    }
  };
  visit(document.body);
  return found.sort((a, b) => a.top - b.top || a.left - b.left).map(({ text, color }) => ({ text, color }));
}

/** A card within a shell within the page: nested hosts, forwarded slots, fallback text, and each tree with rules of its own. */
function buildComponents(): void {
  const define = (name: string, css: string, html: string, mode: ShadowRootMode) =>
    customElements.define(
      name,
      class extends HTMLElement {
        closed?: ShadowRoot;
        connectedCallback() {
          const root = this.attachShadow({ mode, delegatesFocus: mode === 'closed' });
          if (mode === 'closed') this.closed = root;
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          root.adoptedStyleSheets = [sheet];
          root.innerHTML = html;
          root.querySelector('style')?.sheet?.insertRule('.inserted { color: rgb(0, 0, 7) }');
        }
      },
    );
  define(
    'x-card',
    ':host { display: block; color: rgb(0, 0, 1) } :host(.hot) p { color: rgb(0, 0, 2) } p { color: rgb(0, 0, 3) } ::slotted(em) { color: rgb(0, 0, 4) }',
    '<style></style><h2><slot name="title">untitled</slot></h2><p>inside</p><div class="inserted">rule</div><slot><i>nothing</i></slot>',
    'closed',
  );
  define(
    'x-shell',
    'p { color: rgb(0, 1, 0) } b { color: rgb(0, 2, 0) } @media all { :host { display: block; color: rgb(0, 3, 0) } }',
    '<p>shell</p><x-card class="hot"><b slot="title">forwarded</b><slot name="card"></slot></x-card><x-card></x-card><slot></slot>',
    'open',
  );
  document.body.innerHTML =
    '<x-shell><em slot="card">for the card</em>plain<div><p>of the page</p></div><u slot="nowhere">unseen</u></x-shell><p>end</p>';
}

describe('shadow trees, declared', () => {
  it('show the same text in the same colours to a reader without scripts, open or closed', async () => {
    await on.load(page(''), buildComponents);
    const before = await on.live.evaluate(shown);
    const { html } = await on.write();
    // Closed roots cannot be looked into by the test, which is no matter of the parser: the text is in them either way.
    const opened = html.replaceAll('shadowrootmode="closed"', 'shadowrootmode="open"');
    const after = await (await on.read(opened)).evaluate(shown);
    expect(after).toEqual(before);
    expect(before.map(({ text }) => text)).toEqual([
      'shell',
      'forwarded',
      'inside',
      'rule',
      'for the card',
      'untitled',
      'inside',
      'rule',
      'nothing',
      'plain',
      'of the page',
      'end',
    ]);
    expect(html).toContain('<x-shell><template shadowrootmode="open">');
    expect(html).toContain('<x-card class="hot"><template shadowrootmode="closed" shadowrootdelegatesfocus="">');
  });

  it('count as visible text and lose what is active', async () => {
    await on.load(page('<div id="h"></div>'), () => {
      const root = document.getElementById('h')?.attachShadow({ mode: 'closed' });
      if (root) root.innerHTML = '<p onclick="x()">seven 7</p><script>1</script><a href="javascript:x()">a</a>';
    });
    const { html, textLength } = await on.write();
    expect(textLength).toBe(8);
    expect(html).toContain('<div id="h"><template shadowrootmode="closed"><p>seven 7</p><a>a</a></template></div>');
  });

  it('are found where the page has broken arrays, references and Reflect', async () => {
    await on.load(page('<div id="h"></div>'), () => {
      const broken = () => {
        throw new Error('broken');
      };
      Array.prototype.push = Array.prototype.map = Array.prototype.filter = broken;
      WeakRef.prototype.deref = Reflect.apply = broken;
      const root = document.getElementById('h')?.attachShadow({ mode: 'closed' });
      if (root) root.textContent = 'seen';
    });
    expect((await on.write()).html).toContain('<template shadowrootmode="closed">seen</template>');
  });

  it('keep whether they may be cloned and serialised', async () => {
    await on.load(page('<div></div>'), () => {
      document.querySelector('div')?.attachShadow({ mode: 'open', clonable: true, serializable: true });
    });
    const { html } = await on.write();
    expect(html).toContain(
      '<template shadowrootmode="open" shadowrootclonable="" shadowrootserializable=""></template>',
    );
  });

  it('are not made of templates that were none', async () => {
    await on.load(page('<div></div>'), () => {
      const div = document.querySelector('div') as HTMLElement;
      div.innerHTML = '<template shadowrootmode="open"><b>inert</b></template>';
    });
    expect((await on.write()).html).toContain('<div><template><b>inert</b></template></div>');
  });

  it('whose slots are filled by a script are shown flattened, the only way left', async () => {
    await on.load(page('<div><b>one</b><i>two</i></div>'), () => {
      const div = document.querySelector('div') as HTMLElement;
      const root = div.attachShadow({ mode: 'open', slotAssignment: 'manual' });
      root.innerHTML = '<p>before</p><slot></slot>';
      root.querySelector('slot')?.assign(div.lastElementChild as Element);
    });
    const page2 = await on.read((await on.write()).html);
    expect(await page2.evaluate(shown)).toMatchObject([{ text: 'before' }, { text: 'two' }]);
  });

  it('do not need the page to leave the list of closed ones alone', async () => {
    await on.load(page('<p>text</p>'), () => {
      Object.defineProperty(Object.prototype, 'preface', { value: 1 });
      (globalThis as unknown as Record<symbol, unknown>)[Symbol.for('other')] = 1;
      Array.prototype.map = () => [{}, 3, document.body, 'x'] as never;
    });
    expect((await on.write()).html).toContain('<p>text</p>');
  });
});

describe('shadow trees, flattened', () => {
  it('are elements of the page, with the same text in the same order and colours', async () => {
    await on.load(page(''), buildComponents);
    const before = await on.live.evaluate(shown);
    const { html } = await on.write({ shadowDom: 'flatten' });
    expect(html).not.toMatch(/<template|<slot|unseen/);
    expect(await (await on.read(html)).evaluate(shown)).toEqual(before);
  });
});

describe('the hook', () => {
  it('cannot be told from the native function', async () => {
    await on.load(page('<div></div>'));
    const facts = await on.live.evaluate(() => {
      const { attachShadow } = Element.prototype;
      const root = document.querySelector('div')?.attachShadow({ mode: 'closed' });
      return {
        source: String(attachShadow),
        name: attachShadow.name,
        parameters: attachShadow.length,
        isRoot: root instanceof ShadowRoot,
        isHidden: document.querySelector('div')?.shadowRoot === null,
        names: Object.keys(globalThis).filter((name) => /preface/i.test(name)),
      };
    });
    expect(facts).toMatchObject({ name: 'attachShadow', parameters: 1, isRoot: true, isHidden: true, names: [] });
    expect(facts.source).toContain('[native code]');
  });
});
