import { Scene } from './scene.tsx';

export function StormLantern() {
  return (
    <Scene wall="#14262f" lightY={262} stands>
      <path d="M172 214C168 52 312 52 308 214" fill="none" stroke="#b98a45" strokeWidth="5" />
      <g fill="none" stroke="#8a6230" strokeWidth="10" strokeLinecap="round">
        <path d="M206 158C146 176 150 316 186 362" />
        <path d="M274 158C334 176 330 316 294 362" />
      </g>
      <path d="M212 176C182 216 182 296 208 334H272C298 296 298 216 268 176Z" fill="#2b4048" />
      <g className="light">
        <path d="M212 176C182 216 182 296 208 334H272C298 296 298 216 268 176Z" fill="#e99a3c" />
        <path d="M216 196C196 230 198 290 216 326H264C282 290 284 230 264 196Z" fill="#f9c063" />
        <path d="M240 214C266 250 268 276 262 296C256 318 224 318 218 296C212 276 214 250 240 214Z" fill="#ffe2a0" />
        <path d="M240 240C254 264 256 280 252 294C248 306 232 306 228 294C224 280 226 264 240 240Z" fill="#fffaf0" />
      </g>
      <path
        d="M202 204C194 232 192 260 196 286"
        fill="none"
        stroke="#fff6e0"
        strokeOpacity="0.5"
        strokeWidth="5"
        strokeLinecap="round"
      />
      <g fill="none" stroke="#8a6230" strokeWidth="4">
        <path d="M180 232Q240 248 300 232" />
        <path d="M182 288Q240 304 298 288" />
      </g>
      <path d="M218 112H262V132H218Z" fill="#8a6230" />
      <path d="M198 172L216 132H264L282 172Z" fill="#c8964c" />
      <path d="M198 172L216 132H232L222 172Z" fill="#e6bd78" />
      <path d="M192 170H288V182H192Z" fill="#8a6230" />
      <path d="M198 332H282V346H198Z" fill="#8a6230" />
      <path d="M178 346H302L318 388Q322 404 304 404H176Q158 404 162 388Z" fill="#c8964c" />
      <path d="M178 346H214L204 404H176Q158 404 162 388Z" fill="#e6bd78" />
      <path d="M164 380H316L318 388Q322 404 304 404H176Q158 404 162 388Z" fill="#8a6230" opacity="0.55" />
      <circle cx="300" cy="340" r="9" fill="#e6bd78" />
    </Scene>
  );
}
