import { userInfo } from 'node:os';

/** For the run's record: nobody where neither MILLRACE_USER nor the system says. */
export function startedBy(environment: NodeJS.ProcessEnv): { readonly user?: string } {
  const named = environment['MILLRACE_USER'];
  const user = named === undefined || named === '' ? systemUser() : named;
  return user === undefined ? {} : { user };
}

/** In containers the user may have no name. */
function systemUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
