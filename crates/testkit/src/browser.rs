//! A browser without scripts: it keeps cookies, follows redirects, and fills in the forms of a page.

#![expect(clippy::expect_used, reason = "a test whose page is not there has failed")]

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Method, header};

use crate::TestApp;

/// Redirects that are followed at the most.
const REDIRECTS_MAX: usize = 5;
/// What parts the parts of a form with files.
const BOUNDARY: &str = "muster-testkit-boundary";

/// Somebody's browser.
pub struct Browser<'a> {
    app: &'a TestApp,
    /// Path, name and value of each cookie.
    cookies: Vec<(String, String, String)>,
    /// Headers that it sends with everything.
    pub headers: Vec<(&'static str, String)>,
}

/// A page that was shown.
#[derive(Clone, Debug)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// The path it is at, with its query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its HTML.
    pub html: String,
}

/// A file that is put into a form: name of the input, name of the file, content.
pub type File<'f> = (&'f str, &'f str, &'f [u8]);

impl Page {
    /// Its heading.
    #[must_use]
    pub fn title(&self) -> &str {
        let inside = self.html.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next());
        inside.unwrap_or_default()
    }

    /// The value of the first input of a name.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        let input = self.html.split('<').find(|part| part.contains(&format!(" name=\"{name}\"")));
        let value = input.and_then(|input| input.split(" value=\"").nth(1));
        value.and_then(|value| value.split('"').next()).unwrap_or_default()
    }

    /// What is said to be wrong with an input.
    #[must_use]
    pub fn fault(&self, name: &str) -> &str {
        let opening = format!("id=\"in-{name}-fault\">");
        let inside = self.html.split(&opening).nth(1).and_then(|rest| rest.split("</p>").next());
        inside.unwrap_or_default()
    }

    /// A header; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// What its forms carry unseen.
    fn hidden(&self) -> Vec<(String, String)> {
        ["csrf", "step", "turn"]
            .iter()
            .map(|name| ((*name).to_owned(), self.value(name).to_owned()))
            .collect()
    }
}

impl<'a> Browser<'a> {
    /// A browser that has been nowhere yet.
    #[must_use]
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, cookies: Vec::new(), headers: Vec::new() }
    }

    /// The cookies it has, each as `name=value`.
    #[must_use]
    pub fn cookies(&self) -> Vec<String> {
        self.cookies.iter().map(|(_, name, value)| format!("{name}={value}")).collect()
    }

    /// Takes a cookie as a server would set it.
    pub fn take_cookie(&mut self, set: &str) {
        let mut parts = set.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie");
        let path = parts.find_map(|part| part.strip_prefix("Path=")).unwrap_or("/").to_owned();
        self.cookies.retain(|(known, other, _)| *known != path || other != name);
        self.cookies.push((path, name.to_owned(), value.to_owned()));
    }

    /// Opens a page, and follows redirects.
    pub async fn open(&mut self, path: &str) -> Page {
        let mut page = self.exchange(Method::GET, path, (None, Bytes::new())).await;
        for _ in 0..REDIRECTS_MAX {
            if page.status != 303 {
                break;
            }
            let to = page.header("location").to_owned();
            page = self.exchange(Method::GET, &to, (None, Bytes::new())).await;
        }
        page
    }

    /// Sends a form of a page: what it carries unseen, and these texts; then follows redirects.
    pub async fn send(&mut self, page: &Page, act: &str, texts: &[(&str, &str)]) -> Page {
        let reply = self.send_only(page, act, texts).await;
        if reply.status == 303 { self.open(reply.header("location")).await } else { reply }
    }

    /// [`Browser::send`], without following a redirect.
    pub async fn send_only(&mut self, page: &Page, act: &str, texts: &[(&str, &str)]) -> Page {
        let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let all: Vec<String> = page
            .hidden()
            .into_iter()
            .chain(texts)
            .map(|(name, text)| format!("{}={}", escaped(&name), escaped(&text)))
            .collect();
        let kind = "application/x-www-form-urlencoded".to_owned();
        let path = format!("{}/{act}", page.path);
        self.exchange(Method::POST, &path, (Some(kind), all.join("&").into())).await
    }

    /// Sends a form with files, and follows redirects.
    pub async fn upload(&mut self, page: &Page, texts: &[(&str, &str)], files: &[File<'_>]) -> Page {
        let mut body = Vec::new();
        let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        for (name, text) in page.hidden().into_iter().chain(texts) {
            body.extend(
                format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
                    .bytes(),
            );
        }
        for (name, filename, content) in files {
            let head = format!("content-disposition: form-data; name=\"{name}\"; filename=\"{filename}\"");
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").bytes());
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let path = format!("{}/submit", page.path);
        let reply = self.exchange(Method::POST, &path, (Some(kind), body.into())).await;
        if reply.status == 303 { self.open(reply.header("location")).await } else { reply }
    }

    async fn exchange(&mut self, method: Method, path: &str, body: (Option<String>, Bytes)) -> Page {
        self.app.advance(std::time::Duration::from_millis(1));
        let url = format!("http://{}{path}", self.app.address());
        let mut request = hyper::Request::builder().method(method).uri(url);
        let place = path.split('?').next().unwrap_or_default();
        let sent: Vec<String> = self
            .cookies
            .iter()
            .filter(|(path, ..)| {
                place == path || place.starts_with(&format!("{}/", path.trim_end_matches('/')))
            })
            .map(|(_, name, value)| format!("{name}={value}"))
            .collect();
        if !sent.is_empty() {
            request = request.header(header::COOKIE, sent.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if let Some(kind) = body.0 {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request = request.body(Full::new(body.1)).expect("a request that can be sent");
        let (head, body) = self.app.raw(request).await.into_parts();
        let bytes = body.collect().await.expect("the whole page").to_bytes();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("a cookie in ASCII").to_owned();
            self.take_cookie(&cookie);
        }
        // A page that answers a form stands for the page of the form.
        let own = place.rsplit_once('/').filter(|(inquiry, _)| inquiry.starts_with("/verify/inq_"));
        let path = own.map_or(path, |(inquiry, _)| inquiry).to_owned();
        let html = String::from_utf8_lossy(&bytes).into_owned();
        Page { status: head.status.as_u16(), path, headers: head.headers, html }
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
