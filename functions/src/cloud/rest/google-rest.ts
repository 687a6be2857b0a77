export type GoogleRestOptions = {
  /** Such as https://storage.googleapis.com */
  readonly host: string;
  /** Asks for a token of this scope; undefined: sends none, to a server on loopback that stands in for Google's. */
  readonly scope: string | undefined;
  readonly attempts?: number;
  readonly sleep?: (millis: number) => Promise<void>;
};

export type RestRequest = {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: Uint8Array | string;
  readonly type?: string;
};

/** Calls a REST API of Google's as this function's account. Any answer but those that say *try again* is the caller's. */
export type GoogleRest = (path: string, request?: RestRequest) => Promise<RestAnswer>;

export type RestAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
};

/** An API of Google's did not do what was asked; `code` is the status of its answer. Quotes nothing of it. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const TIMEOUT_MILLIS = 20_000;
/** https://cloud.google.com/storage/docs/retry-strategy, and the same of every API. */
const AGAIN: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/**
 * What failed on the way or is to be tried again is, so a call must be one that may be made twice: a read, or a write that
 * names what it takes the place of.
 */
export function createGoogleRest(options: GoogleRestOptions): GoogleRest {
  const { host, scope, attempts = 6, sleep = wait } = options;
  let tokens: Promise<() => Promise<Headers>> | undefined;

  const authorization = async (): Promise<Record<string, string>> => {
    if (scope === undefined) return {};
    tokens ??= openTokens(scope);
    const headers = await (await tokens)();
    return { authorization: headers.get('authorization') ?? '' };
  };

  const once = async (
    path: string,
    { method = 'GET', body, type }: RestRequest,
  ): Promise<RestAnswer> => {
    const response = await fetch(`${host}${path}`, {
      method,
      headers: {
        ...(await authorization()),
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    const { status, headers } = response;
    return { status, headers, bytes: Buffer.from(await response.arrayBuffer()) };
  };

  return async (path, request = {}) => {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await once(path, request);
        if (!AGAIN.has(answer.status) || attempt === attempts) return answer;
      } catch (error) {
        if (attempt === attempts) throw error;
      }
      await sleep(Math.random() * Math.min(100 * 2 ** attempt, 5000));
    }
  };
}

async function openTokens(scope: string): Promise<() => Promise<Headers>> {
  const { GoogleAuth } = await import('google-auth-library');
  const auth = new GoogleAuth({ scopes: scope });
  return () => auth.getRequestHeaders();
}

const wait = (millis: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, millis));
