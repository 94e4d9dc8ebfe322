/** The package's version; a test holds it to package.json, so that `--version` reads no file. */
export const VERSION = '0.1.0';
