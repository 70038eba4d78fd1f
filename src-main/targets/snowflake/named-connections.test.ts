import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listNamedConnections, resolveNamedConnection } from './named-connections.ts';

let home = '';

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'snowferry-home-'));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

async function put(path: string, text: string, mode = 0o600): Promise<void> {
  const full = join(home, path);
  await mkdir(join(full, '..'), { recursive: true });
  await writeFile(full, text);
  await chmod(full, mode);
}

const options = (env: NodeJS.ProcessEnv = {}) => ({ home, env, platform: 'linux' as const });

describe('listNamedConnections', () => {
  it('knows none when there are no files', async () => {
    expect(await listNamedConnections(options())).toEqual({ connections: [], remarks: [] });
  });

  it('reads connections.toml without secrets', async () => {
    await put(
      '.snowflake/connections.toml',
      '[default]\naccount = "org-acc"\nuser = "ada"\npassword = "hunter-2"\nwarehouse = "WH"\nrole = "R"\n\n' +
        '[keys]\naccount = "org-acc"\nuser = "svc"\nauthenticator = "SNOWFLAKE_JWT"\nprivate_key_file = "/keys/k.p8"\nprivate_key_file_pwd = "phrase-1"\n\n' +
        '[okta]\naccount = "org-acc"\nauthenticator = "https://acme.okta.com"\n',
    );
    const { connections, remarks } = await listNamedConnections(options());
    expect(remarks).toEqual([]);
    expect(JSON.stringify(connections)).not.toMatch(/hunter|phrase/);
    expect(connections.map(({ name, isDefault, problem }) => [name, isDefault, problem])).toEqual([
      ['default', true, null],
      ['keys', false, null],
      ['okta', false, 'The authenticator https://acme.okta.com is not supported here.'],
    ]);
    expect(connections[0]?.settings).toEqual({
      account: 'org-acc',
      user: 'ada',
      auth: { kind: 'password', passcode: '' },
      role: 'R',
      warehouse: 'WH',
      accessUrl: '',
      proxy: { host: '', port: null, user: '' },
    });
    expect(connections[1]?.settings?.auth).toEqual({ kind: 'key-pair', keyFile: '/keys/k.p8' });
  });

  it('prefers connections.toml to the connections of config.toml, but takes the default from the latter', async () => {
    await put('.snowflake/config.toml', 'default_connection_name = "b"\n[connections.a]\naccount = "from-config"\n');
    await put('.snowflake/connections.toml', '[b]\naccount = "from-own"\n');
    const { connections } = await listNamedConnections(options());
    expect(connections.map(({ name, isDefault }) => [name, isDefault])).toEqual([['b', true]]);
  });

  it('reads config.toml when it is alone', async () => {
    await put(
      '.snowflake/config.toml',
      '[connections.a]\naccount = "from-config"\nhost = "from-config.privatelink.snowflakecomputing.com"\n',
    );
    const { connections } = await listNamedConnections(options());
    expect(connections[0]?.settings).toMatchObject({
      account: 'from-config',
      accessUrl: 'https://from-config.privatelink.snowflakecomputing.com',
    });
    expect(connections[0]?.file).toBe(join(home, '.snowflake/config.toml'));
  });

  it.each([
    ['SNOWFLAKE_HOME', { SNOWFLAKE_HOME: '~/elsewhere' }, 'elsewhere/connections.toml'],
    ['the folder of the XDG rules', {}, '.config/snowflake/connections.toml'],
  ])('finds the files in %s', async (_, env, path) => {
    await put(path, '[one]\naccount = "a"\n');
    const { connections } = await listNamedConnections(options(env));
    expect(connections.map(({ name }) => name)).toEqual(['one']);
  });

  it('remarks that others can read the file', async () => {
    await put('.snowflake/connections.toml', '[a]\naccount = "x"\n', 0o644);
    const { remarks, connections } = await listNamedConnections(options());
    expect(remarks).toEqual([expect.stringContaining('chmod 600')]);
    expect(connections).toHaveLength(1);
  });

  it('remarks a mistake in the file without quoting its text', async () => {
    await put('.snowflake/connections.toml', '[a]\npassword = "hunter-2\naccount = "x"\n');
    const { remarks, connections } = await listNamedConnections(options());
    expect(connections).toEqual([]);
    expect(remarks).toEqual([expect.stringMatching(/is not valid TOML: there is a mistake in line \d+\.$/)]);
    expect(remarks.join()).not.toContain('hunter');
  });
});

describe('resolveNamedConnection', () => {
  it('reads the secrets when the connection is used', async () => {
    await put('.snowflake/connections.toml', '[a]\naccount = "x"\nuser = "u"\npassword = "hunter-2"\n');
    const { settings, secrets } = await resolveNamedConnection('a', options());
    expect(settings.account).toBe('x');
    expect(secrets).toEqual({ 'snowflake.password': 'hunter-2' });
  });

  it('lets environment variables win', async () => {
    await put('.snowflake/connections.toml', '[a]\naccount = "x"\nuser = "u"\n');
    const { secrets } = await resolveNamedConnection('a', options({ SNOWFLAKE_CONNECTIONS_A_PASSWORD: 'from-env' }));
    expect(secrets).toEqual({ 'snowflake.password': 'from-env' });
  });

  it.each([
    ['token = "tok-1"', 'tok-1'],
    ['password = "tok-2"', 'tok-2'],
  ])('takes a programmatic access token from %s', async (line, expected) => {
    await put(
      '.snowflake/connections.toml',
      `[a]\naccount = "x"\nauthenticator = "PROGRAMMATIC_ACCESS_TOKEN"\n${line}\n`,
    );
    const { secrets } = await resolveNamedConnection('a', options());
    expect(secrets).toEqual({ 'snowflake.token': expected });
  });

  it('reads a token from its file', async () => {
    await put('token.txt', 'tok-3\n');
    await put(
      '.snowflake/connections.toml',
      `[a]\naccount = "x"\nauthenticator = "oauth"\ntoken_file_path = "${join(home, 'token.txt')}"\n`,
    );
    expect((await resolveNamedConnection('a', options())).secrets).toEqual({ 'snowflake.token': 'tok-3' });
  });

  it('names the connections that exist when one does not', async () => {
    await put('.snowflake/connections.toml', '[a]\naccount = "x"\n');
    await expect(resolveNamedConnection('b', options())).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('Known connections: a.') as string,
    });
  });
});
