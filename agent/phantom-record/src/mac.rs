use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::api_key::ApiKey;
use crate::ascii::{Hex32, hex};

const RECORD: &[u8] = b"vantio/record/v1";
const RECEIVED: &[u8] = b"vantio/received/v1";

/// A key derived from an API key, ready to make MACs with.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl MacKey {
    /// What `record_mac` is made with.
    pub(crate) fn of_records(key: &ApiKey) -> Self {
        Self::derive(key, RECORD)
    }

    /// What `received_mac` is made with.
    pub(crate) fn of_received(key: &ApiKey) -> Self {
        Self::derive(key, RECEIVED)
    }

    #[expect(
        clippy::expect_used,
        reason = "32 bytes are less than HKDF's bound, and HMAC takes a key of any length"
    )]
    fn derive(key: &ApiKey, info: &[u8]) -> Self {
        let mut derived = [0; 32];
        Hkdf::<Sha256>::new(None, key.secret_text().as_bytes()).expand(info, &mut derived).expect("32 bytes");
        Self(Hmac::new_from_slice(&derived).expect("a key of any length"))
    }

    /// Lower-case hex of HMAC-SHA256 over the parts, one after the other.
    pub(crate) fn mac(&self, parts: &[&str]) -> Hex32 {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part.as_bytes());
        }
        hex(&mac.finalize().into_bytes().into())
    }
}
