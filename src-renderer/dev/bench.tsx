import { createFakeBridge, type FakeBridge } from '../api/testing/fake-bridge.ts';
import { benchAnswers } from './bench-answers.ts';

const bridge: FakeBridge = createFakeBridge(benchAnswers(new URLSearchParams(window.location.search), () => bridge));
Object.defineProperty(window, 'api', { value: bridge });
await import('../main.tsx');
