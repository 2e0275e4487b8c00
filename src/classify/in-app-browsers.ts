/**
 * Browsers inside of people's applications. Their user agents carry words by which lists of robots go ("Facebook", "google",
 * "search"), and a person who got the page without its scripts would have a dead page.
 */
export function isInAppBrowser(userAgent: string): boolean {
  return knownApps.test(userAgent) || isPlainWebView(userAgent);
}

/** A web view that says nothing of a robot: an application of people, even if a robot of the same house has the same name (`Bluesky/1.9`). */
export function isPlainWebView(userAgent: string): boolean {
  return webView.test(userAgent) && !declaresItself.test(userAgent);
}

const knownApps = new RegExp(
  [
    // Meta: Facebook, Messenger, Instagram, Threads
    'FBA[NV]/',
    'FB_IAB',
    'MetaIAB',
    '\\bInstagram \\d',
    '\\bBarcelona \\d',
    // LinkedIn, Pinterest, Snapchat, X, Reddit, Telegram, VK
    'LinkedInApp',
    '\\[Pinterest/(?:iOS|Android)',
    'Pinterest for (?:iOS|Android)',
    '\\) .*\\bSnapchat/\\d',
    'Twitter for (?:iPhone|iPad|Android|Mac)',
    'TwitterAndroid',
    '\\bReddit/(?:Version|\\d)',
    'Telegram-(?:Android|iOS)',
    'VKAndroidApp|VKClient|vk_app',
    // ByteDance: TikTok, Douyin, Toutiao
    'musical_ly|BytedanceWebview|ByteLocale|\\btrill_|\\baweme_|NewsArticle/',
    // East Asian messengers and portals
    '\\bLine/\\d',
    'MicroMessenger',
    'KAKAOTALK',
    'NAVER\\(',
    'DaumApps',
    '\\bQQ/\\d|MQQBrowser',
    '__weibo__',
    'AlipayClient|baiduboxapp|DingTalk/\\d|Lark/\\d',
    '\\bZalo\\b',
    // Google's and Microsoft's own applications
    '\\bGSA/\\d',
    'GoogleWv/',
    'Gemini(?:iOS|Android)',
    'com\\.google\\.(?:android|Gemini|GoogleMobile)',
    'BingSapphire',
    // Search applications of people
    'DuckDuckGo/\\d',
    'YaApp_|YaSearchBrowser|YandexSearch/',
    // Desktop applications that show pages
    '^Mozilla/.*\\bElectron/\\d',
  ].join('|'),
  'i',
);

/** The system's web view as an application embeds it: marked on Android, and on iOS by the missing `Version/`. */
const webView =
  /^Mozilla\/5\.0 \((?:Linux; [^)]*; wv\)|(?:iPhone|iPad|iPod)[^)]*\) AppleWebKit\/\S+ \(KHTML, like Gecko\) Mobile\/)/;

const declaresItself = /bot\b|crawl|spider|compatible;|https?:|preview|headless|lighthouse|scan|monitor/i;
