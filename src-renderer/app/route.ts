import { isStepId, type StepId } from '../wizard/steps.ts';

/** Where the window is. `project` without a step opens the first step that is not done. */
export type Route =
  /** `isCreating` opens the dialog for a new project. */
  | { page: 'home'; isCreating?: true }
  | { page: 'settings' }
  | { page: 'project'; projectId: string; step: StepId | 'settings' | null };

/** `#/projects/abc/source` and the like; what cannot be read is the project list. */
export function parseRoute(hash: string): Route {
  const [first, projectId, step] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode);
  if (first === 'new') return { page: 'home', isCreating: true };
  if (first === 'settings') return { page: 'settings' };
  if (first !== 'projects' || projectId === undefined || projectId === '') return { page: 'home' };
  return { page: 'project', projectId, step: step === 'settings' || isStepId(step) ? step : null };
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
