import { isStepId, type StepId } from '../wizard/steps.ts';

/** Pages of a project beside its steps. */
export const SIDE_PAGES = ['workflow', 'dashboard', 'settings'] as const;
export type SidePage = (typeof SIDE_PAGES)[number];

export function isSidePage(text: string | null | undefined): text is SidePage {
  return SIDE_PAGES.some((page) => page === text);
}

/** Where the window is. `project` without a step opens the first step that is not done. */
export type Route =
  /** `isCreating` opens the dialog for a new project. */
  | { page: 'home'; isCreating?: true }
  | { page: 'settings' }
  | { page: 'project'; projectId: string; step: StepId | SidePage | null };

/** `#/projects/abc/source` and the like; what cannot be read is the project list. */
export function parseRoute(hash: string): Route {
  const [first, projectId, step] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode);
  if (first === 'new') return { page: 'home', isCreating: true };
  if (first === 'settings') return { page: 'settings' };
  if (first !== 'projects' || projectId === undefined || projectId === '') return { page: 'home' };
  return { page: 'project', projectId, step: isSidePage(step) || isStepId(step) ? step : null };
}

export function routeToHash(route: Route): string {
  switch (route.page) {
    case 'home':
      return route.isCreating === true ? '#/new' : '#/';
    case 'settings':
      return '#/settings';
    case 'project':
      return `#/projects/${encodeURIComponent(route.projectId)}${route.step === null ? '' : `/${route.step}`}`;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
