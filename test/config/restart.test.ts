import { describe, expect, it } from 'vitest';
import { configFrom } from '../../src/config/load.ts';
import { needRestart } from '../../src/config/restart.ts';
import type { ConfigInput } from '../../src/config/schema.ts';

const origin = 'http://127.0.0.1:4000';

it('names what a reload cannot change, and nothing else', () => {
  const before = configFrom({ origin });
  const after = configFrom({
    origin: 'http://127.0.0.1:4001',
    paths: [{ match: '/a', render: false }],
    cache: { fresh: '5m', maxBytes: '1mb' },
    listen: { trustedProxies: ['10.0.0.0/8'] },
    render: { timeout: '5s' },
  });
  expect(needRestart(before, before)).toEqual([]);
  expect(needRestart(before, after)).toEqual(['listen', 'render', 'cache.maxBytes']);
});

it('does not take the device of the pages for one of these', () => {
  const before = configFrom({ origin });
  expect(needRestart(before, configFrom({ origin, render: { device: 'mobile' } }))).toEqual([]);
  expect(needRestart(before, configFrom({ origin, render: { device: 'mobile', tabs: 7 } }))).toEqual(['render']);
});

describe('of sites', () => {
  type SiteInput = NonNullable<ConfigInput['sites']>[number];
  const site = (changes: Partial<SiteInput> = {}, name = 'b'): SiteInput => ({
    origin: 'http://127.0.0.1:4001',
    publicUrl: `https://${name}.example`,
    ...changes,
  });
  const told = (before: ConfigInput, after: ConfigInput) =>
    needRestart(configFrom({ origin, ...before }), configFrom({ origin, ...after }));
  const toldOf = (before: Partial<SiteInput>, after: Partial<SiteInput>) =>
    told({ sites: [site(before)] }, { sites: [site(after)] });

  it.each<[string, Partial<SiteInput>, string]>([
    ['what its pages may reach', { egress: { denyHosts: ['evil.example'] } }, 'sites[0].egress'],
    ['what its application is sent', { render: { headers: { 'X-Key': '1' } } }, 'sites[0].render'],
    ['its window', { render: { viewport: { mobile: { width: 360 } } } }, 'sites[0].render'],
    ['when its pages are done', { settle: { horizon: '9s' } }, 'sites[0].settle'],
    [
      'when pages of a path are done',
      { paths: [{ match: '/a', settle: { horizon: '9s' } }] },
      'sites[0].paths[].settle',
    ],
    ['the name its application is asked under', { hostHeader: 'origin' }, 'sites[0].hostHeader'],
  ])('names %s, when it comes and when it goes', (_, changes, name) => {
    expect(toldOf({}, changes)).toEqual([name]);
    expect(toldOf(changes, {})).toEqual([name]);
    expect(toldOf(changes, changes)).toEqual([]);
  });

  it('says nothing of what a reload changes', () => {
    const changes: Partial<SiteInput> = {
      origin: 'http://127.0.0.1:4002',
      hosts: ['b.example', 'www.b.example'],
      readers: { add: ['Somebot'] },
      cache: { fresh: '5m' },
      render: { device: 'mobile' },
      paths: [{ match: '/a', render: false, fresh: '1m' }],
      onFailure: 'unavailable',
    };
    expect(toldOf({}, changes)).toEqual([]);
  });

  it('says nothing where a site says only what held before', () => {
    expect(toldOf({}, { render: { timeout: '15s' }, egress: { denyHosts: [] } })).toEqual([]);
  });

  it('tells what has changed at the top level there alone', () => {
    expect(told({ sites: [site()] }, { sites: [site()], egress: { block: [] }, hostHeader: 'origin' })).toEqual([
      'hostHeader',
      'egress',
    ]);
    const paths = [{ match: '/a', settle: { horizon: '9s' } }];
    expect(told({ sites: [site()] }, { sites: [site()], paths })).toEqual(['paths[].settle']);
    expect(told({ sites: [site({ paths: [] })] }, { sites: [site({ paths: [] })], paths })).toEqual(['paths[].settle']);
  });

  it('knows a site by its public URL, wherever it stands in the list', () => {
    const [b, c] = [site({ settle: { horizon: '9s' } }), site({}, 'c')];
    expect(told({ sites: [b, c] }, { sites: [c, b] })).toEqual([]);
    expect(told({ sites: [b, c] }, { sites: [c] })).toEqual([]);
  });

  it('takes a new site as it is, unless it asks for more than the top level has', () => {
    expect(told({}, { sites: [site()] })).toEqual([]);
    expect(told({}, { sites: [site({ egress: { allowHosts: ['api.internal'] } })] })).toEqual(['sites[0].egress']);
  });

  it('heeds the order of the rules for paths', () => {
    const [slow, early] = [
      { match: '/a/**', settle: { horizon: '9s' } },
      { match: '/a/b', fresh: '1m' },
    ];
    expect(toldOf({ paths: [slow] }, { paths: [early, slow] })).toEqual(['sites[0].paths[].settle']);
    expect(toldOf({ paths: [slow] }, { paths: [slow, early] })).toEqual([]);
  });
});
