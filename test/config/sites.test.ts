import { describe, expect, it } from 'vitest';
import { configFrom } from '../../src/config/load.ts';
import { siteConfigs } from '../../src/config/sites.ts';
import { ConfigError } from '../../src/errors.ts';

describe('sites', () => {
  it('are none without an origin, and one with it, known by its public host', () => {
    expect(siteConfigs(configFrom({}))).toEqual([]);
    const [only] = siteConfigs(configFrom({ origin: 'http://app:3000', publicUrl: 'https://www.example.com' }));
    expect(only?.site.hosts).toEqual(['www.example.com']);
    expect(only?.site.originUrl.href).toBe('http://app:3000/');
  });

  it('are reached under their origin where no public URL is given', () => {
    const [only] = siteConfigs(configFrom({ origin: 'http://app:3000' }));
    expect(only?.site.publicUrl.origin).toBe('http://app:3000');
  });

  it("take the top level's settings where they have none of their own", () => {
    const config = configFrom({
      cache: { fresh: '10m', staleIfError: '1d' },
      render: { viewport: { desktop: { height: 2000 } } },
      readers: { add: ['Somebot'] },
      sites: [
        {
          hosts: ['Shop.example.com', 'shop.example.net'],
          origin: 'http://shop:3000',
          publicUrl: 'https://shop.example.com',
          cache: { fresh: '1m' },
          render: { viewport: { mobile: { width: 360 } } },
          onFailure: 'unavailable',
        },
        { origin: 'http://blog:3000' },
      ],
    });
    const [shop, blog] = siteConfigs(config);
    expect(shop?.site.hosts).toEqual(['shop.example.com', 'shop.example.net']);
    expect(shop?.cache).toMatchObject({ fresh: 60_000, staleIfError: 86_400_000 });
    expect(shop?.render.viewport).toEqual({
      desktop: { width: 1280, height: 2000 },
      mobile: { width: 360, height: 8000 },
    });
    expect(shop?.readers.add).toEqual(['Somebot']);
    expect(shop?.onFailure).toBe('unavailable');
    expect(blog?.cache.fresh).toBe(600_000);
    expect(blog?.onFailure).toBe('shell');
  });

  it('do not share a host', () => {
    const twice = { origin: 'http://a:1', publicUrl: 'https://www.example.com' };
    expect(() => configFrom({ sites: [twice, twice] })).toThrow(ConfigError);
    expect(() => configFrom({ sites: [twice, twice] })).toThrow(
      'sites[1] has the host www.example.com, which sites[0] has already',
    );
  });
});
