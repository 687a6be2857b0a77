use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use thiserror::Error;
use ureq::http::{HeaderMap, StatusCode, Uri, header};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};

use crate::api_key::ApiKey;

const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_ANSWER: u64 = 4 << 20;
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Why the control plane's address cannot be used.
#[derive(Debug, Error)]
pub enum DoorError {
    /// It is no http or https address.
    #[error("VANTIO_INGEST_URL is no http: or https: address")]
    Address,
    /// The certificates that the user named.
    #[error("VANTIO_CA_FILE holds no certificate in PEM that can be read: {0}")]
    Certificates(String),
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every record is stored; the receipt, if there was one, as canonical text.
    Stored(Option<String>),
    /// It will never be taken: the status.
    Refused(u16),
    /// It may be taken later: the status, 0 for no answer, and how long to wait at least.
    Retry(u16, Duration),
}

/// The control plane's `POST /api/v1/ingest`.
pub struct Door {
    agent: ureq::Agent,
    url: String,
    authorization: String,
}

impl Door {
    /// At `url`, by the API key; `ca_file` replaces the usual roots of TLS.
    pub fn new(url: &str, api_key: &ApiKey, ca_file: Option<&Path>) -> Result<Self, DoorError> {
        let uri: Uri = url.parse().map_err(|_| DoorError::Address)?;
        let scheme = uri.scheme_str().ok_or(DoorError::Address)?;
        if !matches!(scheme, "http" | "https") || uri.host().is_none_or(str::is_empty) {
            return Err(DoorError::Address);
        }
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT));
        if let Some(path) = ca_file {
            config = config.tls_config(TlsConfig::builder().root_certs(roots(path)?).build());
        }
        Ok(Self {
            agent: config.build().into(),
            url: format!("{}/api/v1/ingest", url.trim_end_matches('/')),
            authorization: format!("Bearer {}", api_key.secret_text()),
        })
    }

    /// Posts envelopes, a line each, and judges the answer. Blocks for at most ten seconds.
    #[must_use]
    pub fn post(&self, body: &str, records: usize) -> Outcome {
        let sent = self
            .agent
            .post(&self.url)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/x-ndjson")
            .header(header::ACCEPT, "application/json")
            .send(body);
        let Ok(mut answer) = sent else {
            return Outcome::Retry(0, Duration::ZERO);
        };
        let text = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_string();
        judge(answer.status(), answer.headers(), &text.unwrap_or_default(), records)
    }
}

/// Whatever stands at the address may not be ours: only a 202 that accounts for every record is storage.
fn judge(status: StatusCode, headers: &HeaderMap, body: &str, records: usize) -> Outcome {
    if status == StatusCode::ACCEPTED
        && let Ok(answer) = serde_json::from_str::<Value>(body)
        && answer["events"].as_array().is_some_and(|events| events.len() == records)
    {
        return Outcome::Stored(receipt(&answer["receipt"]));
    }
    let code = status.as_u16();
    // About what was sent. Anything else is about who sent it, or passes: another key or address may be given.
    if matches!(code, 400 | 413 | 422) {
        return Outcome::Refused(code);
    }
    let after = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Outcome::Retry(code, Duration::from_secs(after.unwrap_or(0)).min(LONGEST_WAIT))
}

/// Its form alone is looked at: whoever judges the receipt has the log's key.
fn receipt(value: &Value) -> Option<String> {
    let signature = value["signature"].as_str()?;
    let hex = signature.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (signature.len() == 128 && hex).then(|| value.to_string())
}

fn roots(path: &Path) -> Result<RootCerts, DoorError> {
    let refuse = |why: String| DoorError::Certificates(why);
    let pem = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let certificates: Vec<Certificate<'static>> = ureq::tls::parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
            Ok(_) => None,
            Err(error) => Some(Err(refuse(error.to_string()))),
        })
        .collect::<Result<_, _>>()?;
    if certificates.is_empty() {
        return Err(refuse("there is none in it".to_owned()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> Outcome {
        judge(StatusCode::from_u16(status).expect("a status"), &HeaderMap::new(), body, 1)
    }

    #[test]
    fn only_an_answer_for_every_record_is_storage() {
        let again = Outcome::Retry(202, Duration::ZERO);
        assert_eq!(judged(202, r#"{"events":[{}]}"#), Outcome::Stored(None));
        assert_eq!(judged(202, r#"{"events":[{},{}]}"#), again);
        assert_eq!(judged(202, "<html>"), again);
        assert_eq!(judged(200, r#"{"events":[{}]}"#), Outcome::Retry(200, Duration::ZERO));
    }

    #[test]
    fn only_what_is_about_the_body_is_given_up() {
        for status in [401, 403, 404, 408, 425, 429, 500, 503, 302] {
            assert_eq!(judged(status, ""), Outcome::Retry(status, Duration::ZERO));
        }
        for status in [400, 413, 422] {
            assert_eq!(judged(status, ""), Outcome::Refused(status));
        }
    }

    #[test]
    fn retry_after_is_heeded_within_an_hour() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, "999999".parse().expect("a header"));
        let outcome = judge(StatusCode::TOO_MANY_REQUESTS, &headers, "", 1);
        assert_eq!(outcome, Outcome::Retry(429, LONGEST_WAIT));
    }
}
