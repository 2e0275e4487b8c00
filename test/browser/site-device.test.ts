import { expect, it } from 'vitest';
import { engineSettings, renderFixture } from './render-fixture.ts';

it("shows each page its own site's window and user agent, in one tab after another's page", async () => {
  const view = (width: number, userAgent: string) => ({
    ...engineSettings.device,
    viewports: { ...engineSettings.device.viewports, desktop: { width, height: 2000 } },
    userAgent,
  });
  const [wide, narrow] = [view(1500, 'Wide/1'), view(700, 'Narrow/1')];
  await using fixture = await renderFixture(
    (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(
          `<p></p><script>document.querySelector('p').textContent = innerWidth + ' ' + navigator.userAgent</script>`,
        ),
    { tabs: 1, settingsFor: ({ url }) => ({ device: url.endsWith('/narrow') ? narrow : wide }) },
  );
  const seen: string[] = [];
  for (const path of ['/wide', '/narrow', '/narrow', '/wide']) {
    const { html } = await fixture.render(path);
    seen.push(/<p>(.*?)<\/p>/.exec(String(html))?.[1] ?? '');
  }
  expect(seen).toEqual(['1500 Wide/1', '700 Narrow/1', '700 Narrow/1', '1500 Wide/1']);
});
