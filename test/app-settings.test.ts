import { expect, it } from 'vitest';
import { egressSettings, renderEngineSettings } from '../src/app-render-settings.ts';
import { storageSettings } from '../src/app-settings.ts';
import { systemClock } from '../src/clock.ts';
import { configFrom } from '../src/config/load.ts';
import { siteConfigs } from '../src/config/sites.ts';
import { pageTarget } from '../src/page/page-key.ts';

it("takes a page's settings from its site, and how it settles from its path before that", () => {
  const config = configFrom({
    origin: 'http://127.0.0.1:4000',
    publicUrl: 'https://a.example',
    settle: { horizon: '5s', longRequest: '2s' },
    paths: [{ match: '/slow/**', settle: { longRequest: '9s' } }],
    sites: [
      {
        origin: 'http://127.0.0.1:4001',
        publicUrl: 'https://b.example',
        settle: { quiet: '1s' },
        render: { timeout: '7s', minText: 40, userAgent: 'B', viewport: { mobile: { width: 360 } } },
        paths: [],
      },
    ],
  });
  const { settingsFor } = renderEngineSettings(config, '1');
  const settings = (site: number, path: string) => {
    const known = siteConfigs(config)[site];
    const target = known && pageTarget(known.site, path, 'desktop', () => true);
    return target && settingsFor?.(target);
  };
  expect(settings(0, '/')).toMatchObject({
    timeoutMs: 15_000,
    minText: 1,
    settle: { horizonMs: 5000, longRequestMs: 2000, quietMs: 0 },
  });
  expect(settings(0, '/slow/page')).toMatchObject({ settle: { horizonMs: 5000, longRequestMs: 9000 } });
  expect(settings(1, '/slow/page')).toMatchObject({
    timeoutMs: 7000,
    minText: 40,
    settle: { longRequestMs: 2000, quietMs: 1000 },
  });
  expect(settings(0, '/')?.device).toMatchObject({ userAgent: undefined, viewports: { mobile: { width: 412 } } });
  expect(settings(1, '/')?.device).toMatchObject({
    userAgent: 'B',
    viewports: { mobile: { width: 360, height: 8000 }, desktop: { width: 1280 } },
  });
});

it('leaves out tag managers and session recorders wherever it leaves out analytics', () => {
  const blocked = (egress: { block?: ('analytics' | 'ads')[] }) =>
    egressSettings(configFrom({ origin: 'http://127.0.0.1:4000', egress }), {
      ownPorts: () => [],
      clock: systemClock,
      report: () => {},
    }).block;
  const all = ['analytics', 'tag-managers', 'session-recorders', 'ads', 'fonts', 'media', 'images'];
  expect(blocked({})).toEqual(all);
  expect(blocked({ block: ['ads'] })).toEqual(['ads']);
});

it("sends a site's application its own header fields beside everybody's", () => {
  const config = configFrom({
    origin: 'http://127.0.0.1:4000',
    publicUrl: 'https://a.example',
    render: { headers: { 'X-Stage': 'all' } },
    sites: [{ origin: 'http://127.0.0.1:4001', publicUrl: 'https://b.example', render: { headers: { 'X-Key': 'b' } } }],
  });
  const { sites } = egressSettings(config, { ownPorts: () => [], clock: systemClock, report: () => {} });
  expect(sites?.get('https://a.example')?.headers).toEqual({ 'X-Stage': 'all' });
  expect(sites?.get('https://b.example')?.headers).toEqual({ 'X-Stage': 'all', 'X-Key': 'b' });
});

it("takes what a site's pages may reach from the site, and from the top level where it says nothing", () => {
  const config = configFrom({
    origin: 'http://127.0.0.1:4000',
    publicUrl: 'https://a.example',
    egress: { allowHosts: ['api.internal'], denyHosts: ['evil.example'] },
    sites: [
      {
        origin: 'http://127.0.0.1:4001',
        publicUrl: 'https://b.example',
        hostHeader: 'origin',
        egress: { allowHosts: ['b.internal'], privateNetworks: ['10.0.0.0/8'], block: ['analytics'] },
      },
    ],
  });
  const { sites } = egressSettings(config, { ownPorts: () => [], clock: systemClock, report: () => {} });
  expect(sites?.get('https://a.example')).toMatchObject({ allowHosts: ['api.internal'], hostHeader: 'public' });
  expect(sites?.get('https://b.example')).toMatchObject({
    allowHosts: ['b.internal'],
    denyHosts: ['evil.example'],
    privateNetworks: ['10.0.0.0/8'],
    block: ['analytics', 'tag-managers', 'session-recorders'],
    hostHeader: 'origin',
  });
});

it("takes a page's fresh time from its path before it follows the origin", () => {
  const config = configFrom({ origin: 'http://127.0.0.1:4000', cache: { fresh: '1h', followOrigin: true } });
  const [known] = siteConfigs(config);
  const page = known && pageTarget(known.site, '/', 'desktop', () => true);
  if (known === undefined || page === undefined) throw new Error('no page');
  const settingsOf = (ofPath: number | undefined) => storageSettings(known, () => ofPath)(page);
  expect(settingsOf(undefined)).toMatchObject({ freshMs: 3_600_000, followOrigin: true });
  expect(settingsOf(60_000)).toMatchObject({ freshMs: 60_000, followOrigin: false });
});
