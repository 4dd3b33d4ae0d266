//! The reference page at `/api`: the OpenAPI document as plain HTML, read from this server alone, without a script.

use actix_web::{HttpResponse, web};
use serde_json::Value;

use super::extract::Public;
use super::{Shared, problem};
use crate::error::Code;

/// The page's own style.
const CSS: &str = include_str!("reference_page.css");

/// `GET /api`.
pub async fn page(_: Public, shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(render(&shared.document))
}

/// `GET /api/reference.css`.
pub async fn css(_: Public) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("cache-control", "public, max-age=3600"))
        .body(CSS)
}

/// `GET /api/v1/openapi.json`.
pub async fn json(_: Public, shared: web::Data<Shared>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(shared.document.to_string())
}

/// The whole page.
pub fn render(document: &Value) -> String {
    let mut out = String::from(concat!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">",
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
        "<title>Reparc: REST reference</title><link rel=\"stylesheet\" href=\"/api/reference.css\"></head><body>",
        "<header><h1>Reparc: REST reference</h1><p>Every route of <code>/api/v1</code>, as this server answers it. ",
        "For programs: <a href=\"/api/v1/openapi.json\">openapi.json</a>. ",
        "Send <code>Authorization: Bearer TOKEN</code>.</p></header><main>",
    ));
    let empty = serde_json::Map::new();
    let paths = document
        .get("paths")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    for (tag, operations) in by_tag(paths) {
        out.push_str(&format!("<section><h2>{}</h2>", escape(tag)));
        for (path, method, operation) in operations {
            describe(&mut out, path, method, operation);
        }
        out.push_str("</section>");
    }
    schemas(&mut out, document);
    codes(&mut out);
    out.push_str("</main></body></html>\n");
    out
}

type Operation<'a> = (&'a str, &'a str, &'a Value);

fn by_tag(
    paths: &serde_json::Map<String, Value>,
) -> std::collections::BTreeMap<&str, Vec<Operation<'_>>> {
    let mut tags = std::collections::BTreeMap::<&str, Vec<Operation<'_>>>::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let tag = operation
                .pointer("/tags/0")
                .and_then(Value::as_str)
                .unwrap_or("other");
            tags.entry(tag).or_default().push((path, method, operation));
        }
    }
    tags
}

fn describe(out: &mut String, path: &str, method: &str, operation: &Value) {
    let text = |key: &str| {
        operation
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    out.push_str(&format!(
        "<article><h3><b>{}</b> <code>{}</code></h3><p>{} {}</p>",
        escape(&method.to_uppercase()),
        escape(path),
        escape(text("summary")),
        escape(text("description")),
    ));
    let parameters = operation.get("parameters").and_then(Value::as_array);
    if let Some(parameters) = parameters.filter(|list| !list.is_empty()) {
        out.push_str(
            "<table><caption>Parameters</caption><tr><th>Name</th><th>In</th><th>Meaning</th></tr>",
        );
        for parameter in parameters {
            let cell = |key: &str| {
                escape(
                    parameter
                        .get(key)
                        .and_then(Value::as_str)
                        .unwrap_or_default(),
                )
            };
            let (name, place, meaning) = (cell("name"), cell("in"), cell("description"));
            out.push_str(&format!(
                "<tr><td><code>{name}</code></td><td>{place}</td><td>{meaning}</td></tr>"
            ));
        }
        out.push_str("</table>");
    }
    if let Some(body) = operation.pointer("/requestBody/content") {
        let names: Vec<String> = body
            .as_object()
            .into_iter()
            .flatten()
            .map(|(m, c)| format!("{} {}", escape(m), schema_name(c.get("schema"))))
            .collect();
        out.push_str(&format!("<p>Body: {}</p>", names.join(", ")));
    }
    out.push_str("<p>Answers: ");
    for (status, answer) in operation
        .get("responses")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let schema = answer
            .get("content")
            .and_then(Value::as_object)
            .and_then(|c| c.values().next());
        out.push_str(&format!(
            "<code>{}</code> {} ",
            escape(status),
            schema_name(schema.and_then(|s| s.get("schema")))
        ));
    }
    out.push_str("</p></article>");
}

/// The name of a schema as a link, or its type.
fn schema_name(schema: Option<&Value>) -> String {
    let Some(schema) = schema else {
        return String::new();
    };
    if let Some(name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|r| r.rsplit('/').next())
    {
        return format!("<a href=\"#schema-{0}\">{0}</a>", escape(name));
    }
    for key in ["oneOf", "allOf", "anyOf"] {
        if let Some(options) = schema.get(key).and_then(Value::as_array) {
            let names: Vec<String> = options.iter().map(|s| schema_name(Some(s))).collect();
            return names.join(" or ");
        }
    }
    match schema.get("type") {
        Some(Value::String(kind)) if kind == "array" => {
            format!("list of {}", schema_name(schema.get("items")))
        }
        Some(Value::String(kind)) => escape(kind),
        Some(Value::Array(kinds)) => escape(
            &kinds
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(" or "),
        ),
        _ => String::new(),
    }
}

fn schemas(out: &mut String, document: &Value) {
    out.push_str("<section><h2>Shapes</h2>");
    let all = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    for (name, schema) in all.into_iter().flatten() {
        let about = schema
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        out.push_str(&format!(
            "<article id=\"schema-{0}\"><h3>{0}</h3><p>{1}</p>",
            escape(name),
            escape(about)
        ));
        if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
            out.push_str("<table><tr><th>Field</th><th>Type</th><th>Meaning</th></tr>");
            for (field, shape) in fields {
                let meaning = escape(
                    shape
                        .get("description")
                        .and_then(Value::as_str)
                        .unwrap_or_default(),
                );
                out.push_str(&format!(
                    "<tr><td><code>{}</code></td><td>{}</td><td>{meaning}</td></tr>",
                    escape(field),
                    schema_name(Some(shape))
                ));
            }
            out.push_str("</table>");
        }
        out.push_str("</article>");
    }
    out.push_str("</section>");
}

fn codes(out: &mut String) {
    out.push_str(
        "<section><h2>Refusals</h2><table><tr><th>Code</th><th>Status</th><th>Meaning</th></tr>",
    );
    for code in Code::ALL {
        out.push_str(&format!(
            "<tr id=\"{0}\"><td><code>{0}</code></td><td>{1}</td><td>{2}</td></tr>",
            code.as_str(),
            code.status(),
            escape(problem::title(*code))
        ));
    }
    out.push_str("</table></section>");
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
