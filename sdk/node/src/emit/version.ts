declare const __VERSION__: string;

export const EMITTER = 'vantio-agent-sdk';
/** Put in by the build from package.json. */
export const VERSION: string = __VERSION__;
