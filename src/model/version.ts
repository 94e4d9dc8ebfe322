/** The package's version; a test holds it to package.json, so that `--version` reads no file. */
export const VERSION = '0.1.0';

/** Of what commands print with `--json`, all together. Fields that are added do not change it. */
export const JSON_VERSION = 1;
