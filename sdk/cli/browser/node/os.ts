/** The verifier starts no second thread in a browser. */
export const availableParallelism = (): number => 1;
