import { DeadlineError, withDeadline } from '../deadline.ts';

/** Whether a push request carries a token that Google signed for this subscription's account and this audience. */
export type PushTokenCheck = (authorization: string | undefined) => Promise<boolean>;

export type PushTokenOptions = {
  /** Audience set at the subscription. */
  readonly audience: string;
  /** E-mail of the service account that the subscription pushes as. */
  readonly account: string;
  /** Where the signer's certificates are (PEM by key id, as JSON), where it is not Google: the emulator sends no token. */
  readonly certificatesUrl?: string;
};

/** Google's certificates are asked for now and then; the library waits for them without end. */
const CERTIFICATES_MILLIS = 5000;

export async function createPushTokenCheck({
  audience,
  account,
  certificatesUrl,
}: PushTokenOptions): Promise<PushTokenCheck> {
  const { OAuth2Client } = await import('google-auth-library');
  const verifier = new OAuth2Client(
    certificatesUrl === undefined
      ? {}
      : { endpoints: { oauth2FederatedSignonPemCertsUrl: certificatesUrl } },
  );
  return async (authorization) => {
    const [, idToken] = /^Bearer +(\S{1,8192})$/i.exec(authorization ?? '') ?? [];
    if (idToken === undefined) return false;
    try {
      const ticket = await withDeadline(CERTIFICATES_MILLIS, () =>
        verifier.verifyIdToken({ idToken, audience }),
      );
      const payload = ticket.getPayload();
      return payload?.email === account && payload.email_verified === true;
    } catch (error) {
      if (error instanceof DeadlineError) throw error;
      return false;
    }
  };
}
