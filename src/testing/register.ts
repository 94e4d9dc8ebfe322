/**
 * `node --import millrace/testing/register --test`: Node reads TypeScript with decorators.
 *
 * @packageDocumentation
 */
import { register } from 'node:module';

register(new URL('./typescript-hooks.js', import.meta.url));
process.setSourceMapsEnabled(true);
