import { describe, expect, it } from 'vitest';
import { emulationOf } from '../../src/render/device.ts';

const chromium =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.8078.79 Safari/537.36';
const settings = {
  viewports: { desktop: { width: 1280, height: 4000 }, mobile: { width: 412, height: 3000 } },
  version: '1.2.3',
};

describe('an emulated device', () => {
  it("has Chromium's own user agent without Headless and with our name", () => {
    expect(emulationOf('desktop', settings, chromium).userAgent.userAgent).toBe(
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Preface/1.2.3',
    );
  });

  it('is a phone in every respect when it is one', () => {
    const { userAgent, metrics, touch } = emulationOf('mobile', settings, chromium);
    expect(userAgent.userAgent).toBe(
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36 Preface/1.2.3',
    );
    expect(userAgent.userAgentMetadata).toMatchObject({
      platform: 'Android',
      mobile: true,
      fullVersion: '156.0.8078.79',
    });
    expect(metrics).toMatchObject({ width: 412, height: 3000, mobile: true, screenWidth: 412 });
    expect(touch).toBe(true);
  });

  it('says the same version in its client hints as in its user agent', () => {
    const { userAgentMetadata } = emulationOf('desktop', settings, chromium).userAgent;
    expect(userAgentMetadata?.brands).toContainEqual({ brand: 'Chromium', version: '156' });
  });

  it("sends no client hints of Chromium's beside another user agent", () => {
    const { userAgent } = emulationOf('desktop', { ...settings, userAgent: 'Mine/1.0' }, chromium);
    expect(userAgent).toEqual({ userAgent: 'Mine/1.0', platform: 'Linux x86_64' });
  });
});
