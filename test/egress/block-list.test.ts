import { describe, expect, it } from 'vitest';
import data from '../../config/blocked-requests.json' with { type: 'json' };
import { blockCategories, createBlockList } from '../../src/egress/block-list.ts';
import type { RequestKind } from '../../src/egress/request-kind.ts';

const everything = createBlockList(blockCategories, data);
const category = (url: string, kind: RequestKind = 'script', ofSite = false) => everything(new URL(url), kind, ofSite);

describe('the list of blocked requests', () => {
  it('finds a host and the hosts below it, and no host that only looks alike', () => {
    expect(category('https://google-analytics.com/analytics.js')).toBe('analytics');
    expect(category('https://region1.google-analytics.com/g/collect', 'fetch')).toBe('analytics');
    expect(category('https://www.google-analytics.com./collect', 'fetch')).toBe('analytics');
    expect(category('https://notgoogle-analytics.com/')).toBeUndefined();
    expect(category('https://google-analytics.com.example/')).toBeUndefined();
    expect(category('https://securepubads.g.doubleclick.net/tag/js/gpt.js')).toBe('ads');
    expect(category('https://www.googletagmanager.com/gtag/js?id=G-1')).toBe('tag-managers');
    expect(category('https://static.hotjar.com/c/hotjar-1.js')).toBe('session-recorders');
  });

  it('finds a path on a host that does other things too', () => {
    expect(category('https://www.facebook.com/tr?id=1&ev=PageView', 'image')).toBe('images');
    expect(category('https://www.facebook.com/tr?id=1&ev=PageView', 'fetch')).toBe('analytics');
    expect(category('https://www.facebook.com/plugins/post.php', 'frame')).toBeUndefined();
    expect(category('https://connect.facebook.net/en_US/fbevents.js')).toBe('ads');
    expect(category('https://connect.facebook.net/en_US/sdk.js')).toBeUndefined();
  });

  it('finds fonts, media and images by what they are for, wherever they come from', () => {
    expect(category('https://www.example.com/a', 'font', true)).toBe('fonts');
    expect(category('https://www.example.com/a', 'media', true)).toBe('media');
    expect(category('https://www.example.com/a', 'track', true)).toBe('media');
    expect(category('https://cdn.example.net/a', 'image')).toBe('images');
  });

  it('leaves the rest of the site alone, whatever its host is called', () => {
    expect(category('https://clarity.ms/app.js', 'script', true)).toBeUndefined();
    expect(category('https://clarity.ms/', 'document')).toBeUndefined();
  });

  it('blocks nothing of a category that is off', () => {
    const onlyAds = createBlockList(['ads'], data);
    expect(onlyAds(new URL('https://google-analytics.com/a.js'), 'script', false)).toBeUndefined();
    expect(onlyAds(new URL('https://example.com/a.png'), 'image', false)).toBeUndefined();
    expect(onlyAds(new URL('https://ad.doubleclick.net/x'), 'script', false)).toBe('ads');
  });
});

describe('its data', () => {
  const lists = Object.values(data);
  const hosts = lists.flatMap((list) => list.hosts);
  const paths = lists.flatMap((list) => list.paths);

  it('names more than 120 hosts, each once, as URL writes them', () => {
    expect(hosts.length).toBeGreaterThan(120);
    expect(new Set(hosts).size).toBe(hosts.length);
    expect(hosts.filter((host) => new URL(`https://${host}/`).hostname !== host)).toEqual([]);
  });

  it('names paths as URL writes them', () => {
    for (const path of paths) expect(new URL(`https://${path}`).href).toBe(`https://${path}`);
  });

  it('has no host that would block a whole public suffix or a common CDN', () => {
    const innocent = [
      'com',
      'net',
      'co.uk',
      'cloudfront.net',
      'googleapis.com',
      'gstatic.com',
      'jsdelivr.net',
      'unpkg.com',
    ];
    expect(hosts.filter((host) => innocent.includes(host))).toEqual([]);
  });
});
