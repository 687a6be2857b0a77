use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::metrics::prometheus;
use super::state::State;

/// One more is closed again.
const CLIENTS_MAX: usize = 64;
const LONGEST: Duration = Duration::from_secs(10);

/// Serves `/healthz`, `/readyz` and `/metrics` until it is dropped. Run it in a `LocalSet`.
pub async fn serve(listener: TcpListener, state: Arc<State>) {
    let clients = Rc::new(());
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        if Rc::strong_count(&clients) > CLIENTS_MAX {
            continue;
        }
        let (state, count) = (Arc::clone(&state), Rc::clone(&clients));
        tokio::task::spawn_local(async move {
            let service = service_fn(|request| {
                let answer = answer(&request, &state);
                async { Ok::<_, Infallible>(answer) }
            });
            let connection =
                http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), service);
            let _ = tokio::time::timeout(LONGEST, connection).await;
            drop(count);
        });
    }
}

fn answer(request: &Request<Incoming>, state: &State) -> Response<Full<Bytes>> {
    if request.method() != Method::GET {
        return text(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "only GET is answered here\n".to_owned());
    }
    match request.uri().path() {
        "/healthz" => text(StatusCode::OK, "text/plain", "ok\n".to_owned()),
        "/readyz" => match state.fault() {
            None => text(StatusCode::OK, "text/plain", "ready\n".to_owned()),
            Some(why) => text(StatusCode::SERVICE_UNAVAILABLE, "text/plain", format!("{why}\n")),
        },
        "/metrics" => text(StatusCode::OK, "text/plain; version=0.0.4", prometheus(&state.show())),
        _ => {
            text(StatusCode::NOT_FOUND, "text/plain", "there is /healthz, /readyz and /metrics\n".to_owned())
        }
    }
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static(kind));
    response
}
