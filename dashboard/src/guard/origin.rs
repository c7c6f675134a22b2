//! Requests are taken from this machine under its own name, and changes from our own pages.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::{ConnectInfo, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::connection::Sender;
use crate::refusal::Refusal;

/// Headers by which a proxy says for whom it asks.
const PROXY: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Lets a request through whose Host is a loopback name, and a changing one only where the
/// browser says that our own page sent it.
///
/// The first keeps out a foreign page that lets its own name point at 127.0.0.1; a proxy
/// that would publish the pages beyond this machine is refused, because there is no second
/// factor at the sign-in yet.
pub(crate) async fn only_from_here(request: Request, next: Next) -> Response {
    match judge(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Who sent a request, for the counting of failed sign-ins.
pub(crate) fn sender(parts: &Parts) -> IpAddr {
    let from = parts.extensions.get::<ConnectInfo<Sender>>();
    from.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |from| from.0.0)
}

fn judge(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let host = text(headers, header::HOST).filter(|host| is_loopback_host(host));
    let host = host.ok_or(Refusal::OtherHost)?;
    if PROXY.iter().any(|name| headers.contains_key(*name)) {
        return Err(Refusal::OtherHost);
    }
    if method.is_safe() || is_own_form(headers, host) {
        return Ok(());
    }
    Err(Refusal::ForeignForm)
}

/// Either header may be missing in an old browser, not both, and neither may disagree.
fn is_own_form(headers: &HeaderMap, host: &str) -> bool {
    let origin = headers.get(header::ORIGIN);
    let site = headers.get("sec-fetch-site");
    let origin_fits = origin.is_none_or(|o| o.as_bytes() == format!("http://{host}").as_bytes());
    let site_fits = site.is_none_or(|s| s.as_bytes() == b"same-origin");
    (origin.is_some() || site.is_some()) && origin_fits && site_fits
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(method: &str, pairs: &[(&str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(
                header::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                value.parse().unwrap(),
            );
        }
        judge(&method.parse().unwrap(), &headers).is_ok()
    }

    #[test]
    fn only_a_loopback_name_is_answered() {
        for host in ["127.0.0.1", "127.0.0.1:8443", "localhost:1", "[::1]:9", "[::1]"] {
            assert!(judged("GET", &[("host", host)]), "{host}");
        }
        for host in ["", "wardline.elmrow.example", "127.0.0.1.other.example", "10.1.0.5:80", "::1"]
        {
            assert!(!judged("GET", &[("host", host)]), "{host}");
        }
        assert!(!judged("GET", &[("host", "127.0.0.1"), ("x-forwarded-for", "10.1.4.23")]));
    }

    #[test]
    fn a_change_is_taken_from_our_own_pages_only() {
        let host = ("host", "localhost:8080");
        let own = ("origin", "http://localhost:8080");
        let same = ("sec-fetch-site", "same-origin");
        for good in [vec![host, own], vec![host, same], vec![host, own, same]] {
            assert!(judged("POST", &good), "{good:?}");
        }
        for bad in [
            vec![host],
            vec![host, ("origin", "null")],
            vec![host, ("origin", "http://localhost:8081"), same],
            vec![host, ("origin", "https://localhost:8080")],
            vec![host, own, ("sec-fetch-site", "cross-site")],
            vec![host, own, ("sec-fetch-site", "same-site")],
            vec![host, ("sec-fetch-site", "none")],
        ] {
            assert!(!judged("POST", &bad), "{bad:?}");
            assert!(!judged("DELETE", &bad), "{bad:?}");
            assert!(judged("GET", &bad), "reading is no change: {bad:?}");
        }
    }
}
