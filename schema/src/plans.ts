/** Plans an API key may name: `local` is unlimited, `agent` is for kernel agents, `control` for the control plane's own records. */
export const PLANS = ['free', 'paid', 'agent', 'local', 'control'] as const;

export type Plan = (typeof PLANS)[number];
