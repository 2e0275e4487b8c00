import { useId } from 'react';
import { Scene } from './scene.tsx';

const body = 'M240 106C338 112 362 262 316 402H164C118 262 142 112 240 106Z';
const steps = Array.from({ length: 19 }, (_, index) => index * 28 - 20);
const weave = steps.map((x) => `M${x} 90L${x - 190} 420M${x} 90L${x + 190} 420`).join('');
const bands = [158, 214, 270, 326, 378].map((y) => `M110 ${y}Q240 ${y + 26} 370 ${y}`).join('');

export function ReedLantern() {
  const clip = useId();
  return (
    <Scene wall="#1d2a25" lightY={270} stands>
      <clipPath id={clip}>
        <path d={body} />
      </clipPath>
      <path d="M196 124C196 50 284 50 284 124" fill="none" stroke="#8b6338" strokeWidth="7" />
      <path d={body} fill="#2a2118" />
      <g clipPath={`url(#${clip})`}>
        <g className="light">
          <path d={body} fill="#c9702b" />
          <ellipse cx="240" cy="290" rx="104" ry="136" fill="#e8933a" />
          <ellipse cx="240" cy="304" rx="76" ry="100" fill="#f8b75a" />
          <ellipse cx="240" cy="318" rx="50" ry="68" fill="#ffd98f" />
          <ellipse cx="240" cy="330" rx="26" ry="38" fill="#fff4d8" />
        </g>
        <path d={weave} stroke="#4a2f18" strokeWidth="7" />
        <path d={weave} stroke="#a87a45" strokeWidth="2" transform="translate(-2 0)" />
        <path d={bands} fill="none" stroke="#5b3b1e" strokeWidth="11" />
        <path d={bands} fill="none" stroke="#b98a52" strokeWidth="3" transform="translate(0 -3)" />
      </g>
      <path d={body} fill="none" stroke="#4a2f18" strokeWidth="6" />
      <path d="M156 392H324V408H156Z" fill="#5b3b1e" />
      <path d="M156 392H324V397H156Z" fill="#b98a52" />
    </Scene>
  );
}
