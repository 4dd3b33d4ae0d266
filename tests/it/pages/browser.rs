//! A browser in small: cookies, redirects, and forms sent with what the page put into them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use reparc::app::{Actor, accounts};
use serde_json::json;

use crate::support::client::{Answer, Client};
use crate::support::server::Server;

/// The password of every account made here.
pub const PASSWORD: &str = "une phrase de passe";

/// Somebody at a browser.
pub struct Browser {
    client: Client,
    /// Cookies by name.
    pub cookies: RefCell<BTreeMap<String, String>>,
    /// The page it shows.
    page: RefCell<String>,
}

impl Browser {
    /// A browser that nobody has signed in with.
    pub fn new(server: &Server) -> Browser {
        Browser {
            client: server.anonymous(),
            cookies: RefCell::default(),
            page: RefCell::default(),
        }
    }

    /// Somebody of this role, in this organisation (key) or at the root, signed in. French.
    pub fn of(server: &Server, role: &str, organisation: Option<&str>) -> Browser {
        let name = format!("{role}-{}", organisation.unwrap_or("root"));
        let new =
            json!({"name": name, "role": role, "organisation": organisation, "password": PASSWORD});
        let new = reparc::domain::input::parse(new).unwrap();
        // A second browser of the same person finds the account there.
        let _ = accounts::add(&server.app, &Actor::operator(), new);
        let browser = Browser::new(server);
        let answer = browser.sign_in(&name, PASSWORD);
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser
    }

    /// Sends the form of `/login`.
    pub fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.open("/login");
        self.send("/login", &[("account", name), ("password", password)])
    }

    /// Opens a page; it must be there.
    #[track_caller]
    pub fn open(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }

    /// Asks for a page; a form is found at the address that holds its key.
    pub fn get(&self, path: &str) -> Answer {
        let mut answer = self.ask("GET", path, &[], b"");
        let to = answer.header("location").map(str::to_owned);
        if let Some(to) = to.filter(|to| to.contains("once=")) {
            answer = self.ask("GET", &to, &[], b"");
        }
        if answer
            .header("content-type")
            .is_some_and(|t| t.starts_with("text/html"))
        {
            *self.page.borrow_mut() = answer.text();
        }
        answer
    }

    /// Sends the form of the shown page whose action is `action`, with its hidden fields and these.
    #[track_caller]
    pub fn send(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.page.borrow().clone();
        let mut all = hidden(&page, action);
        for (name, value) in fields {
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.post(action, &all)
    }

    /// Sends a form and follows to the page it leads to.
    #[track_caller]
    pub fn submit(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.send(action, fields);
        assert_eq!(answer.status, 303, "{action}: {}", answer.text());
        let to = answer.header("location").unwrap().to_owned();
        self.open(&to)
    }

    /// Posts these fields as they are, from a page of ours.
    pub fn post(&self, path: &str, fields: &[(String, String)]) -> Answer {
        let origin = format!("http://{}", self.client.address);
        self.post_from(&origin, path, fields)
    }

    /// Posts these fields from a page of `origin`.
    pub fn post_from(&self, origin: &str, path: &str, fields: &[(String, String)]) -> Answer {
        let body: Vec<String> = fields
            .iter()
            .map(|(n, v)| format!("{}={}", encode(n), encode(v)))
            .collect();
        let headers = [
            ("Origin", origin),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let answer = self.ask("POST", path, &headers, body.join("&").as_bytes());
        if answer
            .header("content-type")
            .is_some_and(|t| t.starts_with("text/html"))
        {
            *self.page.borrow_mut() = answer.text();
        }
        answer
    }

    /// Any request, with the cookies.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let jar: Vec<String> = self
            .cookies
            .borrow()
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let jar = jar.join("; ");
        let mut all = vec![
            ("Accept", "text/html"),
            ("Accept-Language", "fr-FR,fr;q=0.9"),
        ];
        if !jar.is_empty() {
            all.push(("Cookie", &jar));
        }
        all.extend_from_slice(headers);
        let answer = self.client.send(method, path, &all, body);
        for (name, value) in &answer.headers {
            if name == "set-cookie" {
                let pair = value.split(';').next().unwrap_or_default();
                let (name, value) = pair.split_once('=').unwrap();
                if value.is_empty() {
                    self.cookies.borrow_mut().remove(name);
                } else {
                    self.cookies
                        .borrow_mut()
                        .insert(name.to_owned(), value.to_owned());
                }
            }
        }
        answer
    }

    /// A hidden field of the form of the shown page that sends to `action`.
    #[track_caller]
    pub fn hidden(&self, action: &str, name: &str) -> String {
        let all = hidden(&self.page.borrow(), action);
        let found = all.into_iter().find(|(n, _)| n == name);
        found.unwrap_or_else(|| panic!("no hidden {name}")).1
    }

    /// What a browser says its page comes from.
    pub fn origin(&self) -> String {
        format!("http://{}", self.client.address)
    }

    /// The token that the shown page's forms carry.
    pub fn csrf(&self) -> String {
        let page = self.page.borrow();
        let (_, rest) = page
            .split_once("name=\"csrf\" value=\"")
            .expect("a form with a token");
        rest.split('"').next().unwrap().to_owned()
    }
}

/// Name and value of the hidden fields of a form.
#[track_caller]
fn hidden(page: &str, action: &str) -> Vec<(String, String)> {
    let start = page
        .match_indices("<form")
        .map(|(at, _)| &page[at..])
        .find(|form| {
            form.split('>')
                .next()
                .unwrap()
                .contains(&format!("action=\"{action}\""))
        })
        .unwrap_or_else(|| panic!("no form sends to {action} on:\n{page}"));
    let form = &start[..start.find("</form>").unwrap()];
    form.split("<input")
        .skip(1)
        .map(|input| input.split('>').next().unwrap())
        .filter(|input| input.contains("type=\"hidden\""))
        .map(|input| (attribute(input, "name"), attribute(input, "value")))
        .collect()
}

fn attribute(tag: &str, name: &str) -> String {
    let Some((_, rest)) = tag.split_once(&format!("{name}=\"")) else {
        return String::new();
    };
    let text = rest.split('"').next().unwrap();
    text.replace("&quot;", "\"")
        .replace("&#38;", "&")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&amp;", "&")
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(b).to_string()
            }
            b => format!("%{b:02X}"),
        })
        .collect()
}
