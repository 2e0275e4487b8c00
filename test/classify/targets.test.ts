import { describe, expect, it } from 'vitest';
import { createTargets, type TargetSettings } from '../../src/classify/targets.ts';
import { site, usual } from './requests.ts';

const urls = (target: string, settings: Partial<TargetSettings> = {}) =>
  createTargets({ ...usual, ...settings })
    .pages(target)
    .map(({ key }) => key);

describe('the stored pages of a target', () => {
  it('are one for a site that is the same on every device', () => {
    expect(urls('/x?b=2&a=1&fbclid=y')).toEqual(['desktop https://www.example.com/x?a=1&b=2']);
  });

  it('are one a device where readers get their own', () => {
    expect(urls('/x', { device: 'auto' })).toEqual([
      'desktop https://www.example.com/x',
      'mobile https://www.example.com/x',
    ]);
    expect(urls('/x', { device: 'auto', paths: [{ match: '/x', device: 'mobile' }] })).toEqual([
      'mobile https://www.example.com/x',
    ]);
  });

  it('are none for what is no page', () => {
    expect(urls('*')).toEqual([]);
    expect(urls('http://other.example/')).toEqual([]);
  });

  it('are those that readers of the target get', () => {
    const targets = createTargets({ ...usual, device: 'auto', ignoreQuery: ['ref'] });
    const found = [false, true].map((isMobile) => targets.find('/x?ref=1&a=1', isMobile).page);
    expect(targets.pages('/x?a=1')).toEqual(found);
    expect(found[0]?.site).toBe(site);
  });
});
