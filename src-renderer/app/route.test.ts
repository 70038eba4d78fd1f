import { describe, expect, it } from 'vitest';
import { parseRoute, routeToHash, type Route } from './route.ts';

describe('the address of a page', () => {
  it.each([
    [{ page: 'home' }],
    [{ page: 'home', isCreating: true }],
    [{ page: 'settings' }],
    [{ page: 'project', projectId: 'a b/c%', step: 'source' }],
    [{ page: 'project', projectId: 'x', step: 'settings' }],
    [{ page: 'project', projectId: 'x', step: 'workflow' }],
    [{ page: 'project', projectId: 'x', step: 'dashboard' }],
    [{ page: 'project', projectId: 'x', step: null }],
  ] satisfies [Route][])('leads back to %j', (route) => expect(parseRoute(routeToHash(route))).toEqual(route));

  it.each(['', '#', '#/projects', '#/projects/', '#/nothing', '#/%E0%A4%A'])('%j is the project list', (hash) =>
    expect(parseRoute(hash)).toEqual({ page: 'home' }),
  );

  it('drops a step that does not exist', () =>
    expect(parseRoute('#/projects/x/nothing')).toEqual({ page: 'project', projectId: 'x', step: null }));
});
