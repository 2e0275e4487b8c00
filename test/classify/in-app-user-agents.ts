const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const android =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP2A.240805.005; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/127.0.6533.103 Mobile Safari/537.36';

/** Browsers inside of applications, by the application: people, every one. */
export const inAppBrowsers: readonly (readonly [application: string, userAgent: string])[] = [
  [
    'Facebook on iOS',
    `${iphone} Mobile/15E148 [FBAN/FBIOS;FBAV/470.1.0.43.103;FBBV/617365479;FBDV/iPhone15,3;FBMD/iPhone;FBSN/iOS;FBSV/17.5.1;FBSS/3;FBID/phone;FBLC/en_US;FBOP/5]`,
  ],
  ['Facebook on Android', `${android} [FB_IAB/FB4A;FBAV/470.0.0.45.79;IABMV/1;]`],
  [
    'Facebook, its tag alone',
    '[FBAN/FB4A;FBAV/567.1.0.52.74;FBBV/1003893689;FBDM/{density=3.0,width=1080,height=2340};FBLC/nl_NL;FBPN/com.facebook.katana;FBDV/SM-S921B;FBSV/16;FBOP/1;FBCA/arm64-v8a:;]',
  ],
  ['Facebook, newest', `${android} MetaIAB Facebook`],
  [
    'Messenger on iOS',
    `${iphone} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/461.0.0.38.108;FBDV/iPhone14,5;FBSN/iOS;FBLC/de_DE]`,
  ],
  [
    'Instagram on iOS',
    `${iphone} Mobile/15E148 Instagram 339.0.4.27.105 (iPhone15,3; iOS 17_5_1; en_US; en; scale=3.00; 1290x2796; 617365479)`,
  ],
  [
    'Instagram on a Google phone',
    'Mozilla/5.0 (Linux; Android 8.1.0; Pixel 2 Build/OPM2.171026.006.G1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/85.0.4183.81 Mobile Safari/537.36 Instagram 157.0.0.37.120 Android (27/8.1.0; 420dpi; 1080x1794; Google/google; Pixel 2; walleye; walleye; en_US; 242168941)',
  ],
  [
    'Threads',
    `${iphone} Mobile/15E148 Barcelona 340.0.0.27.109 (iPhone15,3; iOS 17_5_1; en_US; en; scale=3.00; 1290x2796; 617365479)`,
  ],
  ['LinkedIn on iOS', `${iphone} Mobile/15E148 [LinkedInApp]/9.29.9962`],
  ['LinkedIn on Android', `${android} [LinkedInApp]`],
  ['Pinterest on iOS', `${iphone} Mobile/15E148 [Pinterest/iOS]`],
  ['Pinterest on Android', `${android} [Pinterest/Android]`],
  ['the Google app on iOS', `${iphone} GSA/327.0.655223506 Mobile/15E148 Safari/604.1`],
  [
    'the Google app on Android',
    'Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/127.0.6533.103 Mobile Safari/537.36 GSA/15.29.34.29.arm64',
  ],
  [
    'Gemini on iOS',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 26_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 GoogleWv/1.0 (WKWebView) GeminiiOS/1.2026.2270600',
  ],
  ['Gemini on Android', `${android} com.google.android.apps.bard/1.0.668`],
  ['Snapchat on iOS', `${iphone} Version/17.5 Mobile/15E148 Snapchat/12.99.0.44 (like Safari/8618.2.12.10.9, panda)`],
  ['Snapchat on Android', `${android} Snapchat/12.99.0.44 (Pixel 8; Android 14#12199671#34; gzip; V/MUSHROOM)`],
  [
    'TikTok on iOS',
    `${iphone} Mobile/15E148 musical_ly_35.3.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/en Region/US isDarkMode/0 WKWebView/1 BytedanceWebview/d8a21c6`,
  ],
  [
    'TikTok on Android',
    `${android} trill_350303 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly app_version/35.3.3 ByteLocale/en Region/US BytedanceWebview/d8a21c6`,
  ],
  [
    'Douyin',
    'Mozilla/5.0 (Linux; Android 10; HD1900 Build/QKQ1.190716.003; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/75.0.3770.156 Mobile Safari/537.36 aweme_230400 JsSdk/1.0 NetType/WIFI AppName/aweme app_version/23.4.0 ByteLocale/zh-CN BytedanceWebview/d8a21c6',
  ],
  ['Toutiao', `${android} JsSdk/2 NewsArticle/9.9.5 NetType/wifi`],
  ['LINE on iOS', `${iphone} Mobile/15E148 Safari Line/14.10.0`],
  ['LINE on Android', `${android} Line/14.10.1/IAB`],
  ['WeChat on iOS', `${iphone} Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN`],
  [
    'WeChat on Android',
    `${android} XWEB/1260059 MMWEBSDK/20240501 MMWEBID/2307 MicroMessenger/8.0.49.2600(0x2800313D) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64`,
  ],
  ['QQ', `${iphone} Mobile/15E148 QQ/9.0.80.612 V1_IPH_SQ_9.0.80_1_APP_A Pixel/1290 MiniAppEnable SimpleUISwitch/0`],
  ['Weibo', `${iphone} Mobile/15E148 Weibo (iPhone15,3__weibo__14.7.0__iphone__os17.5.1)`],
  [
    'Alipay',
    `${iphone} Mobile/15E148 NebulaSDK/1.8.100112 Nebula AliApp(AP/10.6.20.6000) AlipayClient/10.6.20.6000 Language/zh-Hans`,
  ],
  ['Baidu', `${android} T7/13.66 SP-engine/3.6.0 baiduboxapp/13.66.0.10 (Baidu; P1 14)`],
  ['KakaoTalk', `${android} KAKAOTALK/10.8.3 (INAPP)`],
  [
    'Naver',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_2_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/605.1 NAVER(inapp; search; 2000; 12.3.6; 14PRO)',
  ],
  ['Daum', `${iphone} Mobile/15E148 DaumApps/5.3.0 DaumDevice/mobile`],
  ['Zalo', `${android} Zalo android/12100741 ZaloTheme/light ZaloLanguage/vi`],
  ['X on iOS', `${iphone} Version/17.0 Mobile/15E148 Safari/604.1 Twitter for iPhone/10.48`],
  ['X on Android', `${android} TwitterAndroid`],
  ['Reddit on iOS', `${iphone} Mobile/15E148 Reddit/Version 2024.28.0/Build 614978/iOS Version 17.5.1`],
  [
    'Telegram on Android',
    'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.6533.103 Mobile Safari/537.36 Telegram-Android/10.14.5 (Google Pixel 8; Android 14; SDK 34; HIGH)',
  ],
  ['VK', `${android} VKAndroidApp/8.88-23144 (Android 14; SDK 34; arm64-v8a; Google Pixel 8; ru; 2400x1080)`],
  ['Bing', `${iphone} Version/17.0 Mobile/15E148 Safari/605.1.15 BingSapphire/28.5.420725001`],
  ['DuckDuckGo on iOS', `${iphone} Version/17.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15`],
  [
    'Yandex Search',
    'Mozilla/5.0 (Linux; arm_64; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/127.0.6533.103 Mobile Safari/537.36 YaApp_Android/24.72.1 YaSearchBrowser/24.72.1 BroPP/1.0 SA/3',
  ],
  [
    'Slack on a desktop',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.39.90 Chrome/126.0.6478.114 Electron/31.1.0 Safari/537.36 Sonic Slack_SSB/4.39.90',
  ],
  [
    'WhatsApp on a desktop',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) WhatsApp/2.2424.0 Chrome/91.0.4472.164 Electron/13.6.9 Safari/537.36',
  ],
  [
    'Discord on a desktop',
    'Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) discord/1.0.9156 Chrome/124.0.6367.243 Electron/30.2.0 Safari/537.36',
  ],
  ['a news application on Android', `${android} SomeNews/12.3`],
  ['a news application on iOS', `${iphone} Mobile/15E148 SomeNews/12.3`],
  ['an application on iOS whose house has a robot of the same name', `${iphone} Mobile/15E148 Bluesky/1.91`],
  ['an application on Android whose house has one', `${android} Flipboard/4.3.25/5463`],
  ['an unnamed application on iOS', `${iphone} Mobile/15E148`],
  ['an unnamed application on Android', android],
];
