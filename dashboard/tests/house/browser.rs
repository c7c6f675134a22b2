//! A browser that keeps cookies and sends what browsers send.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use tower::ServiceExt as _;

use super::{House, PASSWORD};

pub const HOST: &str = "127.0.0.1:8443";

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn place(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |place| place.to_str().unwrap())
    }

    /// The token in the first form of the page.
    pub fn form_token(&self) -> String {
        let after = self.body.split("name=\"form\" value=\"").nth(1).expect("a form");
        after.split('"').next().unwrap().to_owned()
    }
}

/// One browser.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
}

impl House {
    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new() }
    }

    pub async fn signed_in(&self, person: &str) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(person, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{person}: {}", answer.body);
        browser
    }
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn head(&mut self, path: &str) -> Answer {
        self.send(Method::HEAD, path, &[], None).await
    }

    /// Sends a form as our own page would.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let own = [("origin", format!("http://{HOST}")), ("sec-fetch-site", "same-origin".into())];
        let own: Vec<(&str, &str)> = own.iter().map(|(n, v)| (*n, v.as_str())).collect();
        self.send(Method::POST, path, &own, Some(fields)).await
    }

    /// Opens the page at `from`, takes its token, and sends the form.
    pub async fn press(&mut self, from: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.get(from).await.form_token();
        let mut all = vec![("form", token.as_str())];
        all.extend_from_slice(fields);
        self.post(path, &all).await
    }

    pub async fn sign_in(&mut self, person: &str, password: &str) -> Answer {
        self.press("/sign-in", "/sign-in", &[("person", person), ("password", password)]).await
    }

    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        fields: Option<&[(&str, &str)]>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", HOST);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let line: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            request = request.header("cookie", line.join("; "));
        }
        let body = fields.map(|fields| {
            let pairs = fields.iter().map(|(k, v)| format!("{}={}", encoded(k), encoded(v)));
            pairs.collect::<Vec<_>>().join("&")
        });
        if body.is_some() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let request = request.body(Body::from(body.unwrap_or_default())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        self.keep(&parts.headers);
        let body = to_bytes(body, 1 << 22).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (pair, _) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
