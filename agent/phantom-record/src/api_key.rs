use thiserror::Error;

/// An API key of the control plane (`vk1.…`). Whether it is genuine is the control plane's to say: here it is only read.
#[derive(Clone)]
pub struct ApiKey {
    text: String,
    tenant_id: String,
    key_id: String,
}

/// The text is no API key. It is a secret, and so not repeated here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("VANTIO_API_KEY is not an API key (vk1.…): make one with `vantio keys create`")]
pub struct MalformedKey;

const PLANS: [&str; 5] = ["free", "paid", "agent", "local", "control"];

impl ApiKey {
    /// Reads the parts that records carry.
    pub fn read(text: &str) -> Result<Self, MalformedKey> {
        let parts: Vec<&str> = text.split('.').collect();
        let ["vk1", tenant_id, key_id, plan, expiry, signer_id, secret, signature] = parts[..] else {
            return Err(MalformedKey);
        };
        let fits = is_tenant(tenant_id)
            && is_hex(key_id, 16)
            && PLANS.contains(&plan)
            && is_expiry(expiry)
            && is_hex(signer_id, 8)
            && is_base64url(secret, 43)
            && is_base64url(signature, 86);
        if !fits {
            return Err(MalformedKey);
        }
        Ok(Self { text: text.to_owned(), tenant_id: tenant_id.to_owned(), key_id: key_id.to_owned() })
    }

    /// The tenant whose records these are.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.tenant_id
    }

    /// Which of its keys this is.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The key itself: for deriving keys and for the Authorization header, and for nothing that is written.
    pub(crate) fn secret_text(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiKey({}, {})", self.tenant_id, self.key_id)
    }
}

fn is_tenant(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=63).contains(&text.len())
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|byte| plain(byte) || byte == b'_' || byte == b'-')
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_expiry(text: &str) -> bool {
    let zero_first = text.starts_with('0') && text != "0";
    (1..=12).contains(&text.len()) && !zero_first && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_base64url(text: &str, characters: usize) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    text.len() == characters && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::vectors;

    #[test]
    fn keys_of_the_vectors_are_read() {
        let vectors = vectors("api-keys.json");
        for case in vectors["accept"].as_array().expect("a list") {
            let key = ApiKey::read(case["api_key"].as_str().expect("a key")).expect("accepted");
            assert_eq!(case["tenant_id"], key.tenant_id());
            assert!(!format!("{key:?}").contains(key.secret_text()));
        }
    }

    /// Forged and expired keys, and another spelling of a key's bytes, are refused by whoever holds the keys to see it.
    #[test]
    fn what_is_malformed_in_the_vectors_is_refused() {
        let vectors = vectors("api-keys.json");
        let malformed = vectors["reject"].as_array().expect("a list").iter().filter(|case| {
            let spelling = case["name"].as_str().is_some_and(|name| name.contains("spelling"));
            case["code"] == "malformed_key" && !spelling
        });
        for case in malformed {
            let key = ApiKey::read(case["api_key"].as_str().expect("a key"));
            assert_eq!(key.err(), Some(MalformedKey), "{}", case["name"]);
        }
    }
}
