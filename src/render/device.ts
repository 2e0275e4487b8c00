import type { Device } from '../page/page-target.ts';
import type { Variant } from '../page/variant.ts';

export interface Viewport {
  readonly width: number;
  readonly height: number;
}

export interface DeviceSettings {
  /** Tall, so that what a page loads on sight is loaded. */
  readonly viewports: Readonly<Record<Device, Viewport>>;
  /** Replaces the user agent for every device. */
  readonly userAgent?: string | undefined;
  /** Preface's own version, for the user agent. */
  readonly version: string;
}

export interface Metrics extends Viewport {
  readonly deviceScaleFactor: number;
  readonly mobile: boolean;
  readonly screenWidth: number;
  readonly screenHeight: number;
}

/** What Chromium is told about the device; the fields are those of its `Emulation` domain. */
export interface Emulation {
  readonly metrics: Metrics;
  readonly touch: boolean;
  readonly userAgent: {
    readonly userAgent: string;
    readonly platform: string;
    readonly userAgentMetadata?: {
      readonly brands: { readonly brand: string; readonly version: string }[];
      readonly fullVersion: string;
      readonly platform: string;
      readonly platformVersion: string;
      readonly architecture: string;
      readonly model: string;
      readonly mobile: boolean;
    };
  };
}

const screens = { desktop: { width: 1920, height: 1080 }, mobile: { width: 412, height: 915 } } as const;

/** The settings of one render that is to be otherwise. */
export function variedDevice(settings: DeviceSettings, { width, height, userAgent }: Variant): DeviceSettings {
  const varied = (usual: Viewport): Viewport => ({ width: width ?? usual.width, height: height ?? usual.height });
  const { desktop, mobile } = settings.viewports;
  return {
    ...settings,
    viewports: { desktop: varied(desktop), mobile: varied(mobile) },
    userAgent: userAgent ?? settings.userAgent,
  };
}

/** `chromiumUserAgent` is what the installed Chromium says of itself, so user agent and client hints never contradict it. */
export function emulationOf(device: Device, settings: DeviceSettings, chromiumUserAgent: string): Emulation {
  const mobile = device === 'mobile';
  const { width, height } = settings.viewports[device];
  const full = /Chrome\/([\d.]+)/.exec(chromiumUserAgent)?.[1] ?? '0';
  const major = full.split('.', 1)[0] ?? '0';
  const userAgent = settings.userAgent ?? userAgentOf(chromiumUserAgent, major, mobile, settings.version);
  return {
    metrics: {
      width,
      height,
      deviceScaleFactor: mobile ? 2 : 1,
      mobile,
      screenWidth: Math.max(width, screens[device].width),
      screenHeight: screens[device].height,
    },
    touch: mobile,
    userAgent: {
      userAgent,
      platform: mobile ? 'Linux armv81' : 'Linux x86_64',
      // Hints of Chromium's beside somebody else's user agent would be a contradiction.
      ...(settings.userAgent === undefined && {
        userAgentMetadata: {
          brands: [
            { brand: 'Chromium', version: major },
            { brand: 'Not=A?Brand', version: '24' },
          ],
          fullVersion: full,
          platform: mobile ? 'Android' : 'Linux',
          platformVersion: mobile ? '14' : '',
          architecture: mobile ? '' : 'x86',
          model: mobile ? 'K' : '',
          mobile,
        },
      }),
    },
  };
}

/** Chromium's own, reduced to the major version as browsers send it, without "Headless", and with our name. */
function userAgentOf(own: string, major: string, mobile: boolean, version: string): string {
  const plain = own.replace('HeadlessChrome', 'Chrome').replace(/Chrome\/[\d.]+/, `Chrome/${major}.0.0.0`);
  const system = mobile ? '(Linux; Android 10; K)' : '(X11; Linux x86_64)';
  const placed = plain.replace(/\([^)]*\)/, system);
  return `${mobile ? placed.replace(/ Safari\//, ' Mobile Safari/') : placed} Preface/${version}`;
}
